"""Headers of one key a line: ``Key: value`` (Pelican, Blot), ``.. key: value`` (Nikola), ``#+KEY: value`` (org)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feedsvc.parse.attachments import MEDIA_KEYS
from feedsvc.parse.header_limits import MAX_HEADER_BYTES, Header, is_known, require_keys, require_size
from feedsvc.parse.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = r"([^\W\d_][\w-]*):(?:[ \t]+(.*)|)"
_PLAIN = re.compile(_NAME)
_NIKOLA = re.compile(rf"\.\.[ \t]+{_NAME}")
_ORG = re.compile(rf"#\+{_NAME}")
_COMMENT = re.compile(r"<!--[ \t]*\n(?=\.\.[ \t])")
_COMMENT_END = re.compile(r"^-->[ \t]*(?:\n|\Z)", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*(?:\n|\Z)")
_ORG_LINES = re.compile(r"(?:#\+[^\s:]+:[^\n]*(?:\n|\Z))+")
_ORG_DATE = re.compile(r"[<\[](\d{4}-\d\d-\d\d)(?:[ ][^\W\d]+\.?)?([ ]\d\d:\d\d)?[>\]]")


def read_key_lines(text: str) -> Header | None:
    """Read ``Key: value`` lines that fill the first block of *text*; without a known key they are text."""
    if _PLAIN.match(text) is None:
        return None
    block, end = _first_block(text, 0)
    return _header(_items(block, _PLAIN, 1), block, end)


def read_nikola(text: str) -> Header | None:
    """Read ``.. key: value`` lines at the top of *text*, bare or in one HTML comment."""
    comment = _COMMENT.match(text)
    if comment is None:
        block, end = _first_block(text, 0)
        return _header(_items(block, _NIKOLA, 1), block, end)
    closing = _COMMENT_END.search(text, comment.end())
    if closing is None:
        return None
    block = text[comment.end() : closing.start()].rstrip()
    return _header(_items(block, _NIKOLA, 2), block, closing.end())


def read_org(text: str) -> Header | None:
    """Read the ``#+KEY: value`` lines at the top of *text*."""
    found = _ORG_LINES.match(text)
    if found is None:
        return None
    block = found[0].rstrip("\n")
    items = _items(block, _ORG, 1)
    if items is not None:
        items = [item._replace(value=_ORG_DATE.sub(r"\1\2", str(item.value))) for item in items]
    return _header(items, block, found.end())


def _first_block(text: str, start: int) -> tuple[str, int]:
    blank = _BLANK.search(text, start)
    return (text[start:].rstrip("\n"), len(text)) if blank is None else (text[start : blank.start()], blank.end())


def _header(items: list[Item] | None, block: str, end: int) -> Header | None:
    if items is None or not any(is_known(item.key) and item.key.casefold() not in MEDIA_KEYS for item in items):
        return None  # "Image: ..." alone is how a caption begins, too
    require_size(block)
    require_keys(len(items))
    return Header(tuple(items), end)


def _items(block: str, pattern: re.Pattern[str], first_line: int) -> list[Item] | None:
    """Return the items of *block*, or None if one of its lines is neither a key nor the rest of a value."""
    items: list[Item] = []
    for line, row in enumerate(_rows(block), first_line):
        found = pattern.fullmatch(row)
        if found is not None:
            place = (line, (found.start(2) if found[2] else found.start(1)) + 1)
            items.append(Item(found[1], (found[2] or "").strip(), line, found.start(1) + 1, place))
        elif items and row[:1] in (" ", "\t"):
            items[-1] = items[-1]._replace(value=f"{items[-1].value} {row.strip()}".strip())
        else:
            return None
    return items


def _rows(block: str) -> Iterable[str]:
    """Return the lines of *block*; what lies far beyond the limit is not looked at."""
    return block[: 2 * MAX_HEADER_BYTES].split("\n")
