"""Items of a file that cannot be entries: they are left out and told of, the others are published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.messages import say, say_n
from feedsvc.model import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.errors import EntryParseError
    from feedsvc.messages import Message

_MAX_TOLD = 50


def tell_left_out(faults: Sequence[tuple[int, EntryParseError]], notices: list[Notice]) -> None:
    """Add a warning for each of *faults*, (number of the item, what is wrong with it), and one for a great many."""
    notices += [Notice("W_ITEM", _left_out(number, error), error.line) for number, error in faults[:_MAX_TOLD]]
    if len(faults) > _MAX_TOLD:
        message = say_n("{n} more item is left out", "{n} more items are left out", len(faults) - _MAX_TOLD)
        notices.append(Notice("W_ITEM", message))


def _left_out(number: int, error: EntryParseError) -> Message:
    return say(
        "item {number} is left out: {cause} [{code}]. {fix}",
        number=number,
        cause=error.cause,
        code=error.code,
        fix=error.fix,
    )
