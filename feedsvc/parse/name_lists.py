"""Lists of tags and names in a header."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.parse.clean import is_blank, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedsvc.parse.item import Item, Value

_NAME_GAP = re.compile("[,،;؛、，；\\n]")


def names_of(item: Item, *, is_list: bool) -> list[str]:
    """Return the names in a list, or in a text (divided at commas if it *is_list*), tidied, without blank ones."""
    value = item.value
    if isinstance(value, str):
        parts: list[Value] = [*_NAME_GAP.split(value)] if is_list else [value]
    else:
        parts = value if isinstance(value, list) else [value]
    lines = [_tidy_name(_name(part, item)) for part in parts]
    return [line for line in lines if line]


@lru_cache(maxsize=2_048)
def _tidy_name(text: str) -> str:
    """Return a tag or a name as one line, empty if nothing of it can be seen; the same few come again and again."""
    line = one_line(text)
    return "" if is_blank(line) else line


def _name(part: Value, item: Item) -> str:
    """Return the text of a list element; ``{name: ..., email: ...}`` counts by its name."""
    if isinstance(part, dict):
        part = part.get("name", part)
    if isinstance(part, str):
        return part
    cause = say("{key} must be a text or a list of texts", key=item.key[:40])
    fix = say("Write them in one line with commas.")
    raise EntryParseError("E_FRONTMATTER", cause, fix, line=item.line, column=item.column)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Return *names* without blank ones and without those that differ from an earlier one in case only."""
    seen: dict[str, str] = {}
    for name in names:
        if name:
            seen.setdefault(name.casefold(), name)
    return tuple(seen.values())
