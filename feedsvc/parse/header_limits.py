"""What every dialect of front matter shares: its result, and the limits that are checked before anything is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.parse.keys import KNOWN_KEYS

if TYPE_CHECKING:
    from feedsvc.messages import Message
    from feedsvc.parse.item import Item

MAX_HEADER_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_KEYS = 200
_LONG_NUMBER = re.compile(r"\d[\w]{200}")


class Header(NamedTuple):
    """The keys of a header, and the offset in the text where the body begins."""

    items: tuple[Item, ...]
    end: int


def is_known(key: str) -> bool:
    """Tell whether *key*, in any spelling, has a meaning in a header."""
    return key.strip().casefold().replace("-", "_") in KNOWN_KEYS


def require_size(block: str) -> None:
    """Refuse a header of more than 64 KiB."""
    if len(block) > MAX_HEADER_BYTES or len(block.encode()) > MAX_HEADER_BYTES:
        raise limit(say("the front matter is larger than 64 KiB"), say("Move its text below the front matter."))


def require_keys(count: int) -> None:
    """Refuse a header of more than 200 keys."""
    if count > MAX_KEYS:
        raise limit(say("the front matter has more than {limit} keys", limit=MAX_KEYS))


def require_depth(depth: int) -> None:
    """Refuse a header that is nested deeper than 20 levels."""
    if depth > MAX_DEPTH:
        raise limit(say("the front matter is nested deeper than {limit} levels", limit=MAX_DEPTH))


def require_numbers(bare: str) -> None:
    """Refuse numbers so long that reading them costs time; *bare* is the header without its quoted texts."""
    if _LONG_NUMBER.search(bare) is not None:
        cause = say("the front matter holds a number of more than 200 digits")
        raise limit(cause, say("Put it in quotes, or remove it."))


def limit(cause: Message, fix: Message | None = None) -> EntryParseError:
    """Return the error for a header that exceeds a limit."""
    return EntryParseError("E_LIMIT", cause, fix or say("Shorten the front matter."), line=1)
