"""The front matter that nearly everybody writes, read without a YAML parser, with the result that one would give.

Only lines whose meaning in YAML is beyond doubt are taken: a word, a colon, and a plain value, a quoted value without
escapes, or a bracketed list of plain words. Anything else is left to libyaml; a property test keeps both in agreement.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = r"[^\W_][\w.-]*(?:[ ][\w.-]+)*"
_LINE = re.compile(
    rf"""
    ([A-Za-z][A-Za-z0-9_-]*):([ ]+)
    (?: ([^\W_](?:[^\n:\#]|:(?=[^\s]))*)      # plain: no comment, no second key
      | "([^"\\\n]*)"[ ]*
      | '([^'\n]*)'[ ]*
      | \[[ ]*({_WORD}(?:,[ ]*{_WORD})*)[ ]*\][ ]*
    )(?:\n|\Z)
    """,
    re.VERBOSE,
)
_COMMA = re.compile(", *")
_MAX_LINES = 100


class PlainItem(NamedTuple):
    """One key of the block; *line* counts from 0, *column*, where the value begins, from 1."""

    key: str
    value: str | list[str]
    line: int
    column: int


def read_plain_block(text: str) -> list[PlainItem] | None:
    """Return the items of *text*, None if it takes a YAML parser to know them."""
    # Other line ends and invisible characters mean something to YAML; "isprintable" is false for all of them.
    if "#" in text or not text.replace("\n", "").isprintable():
        return None
    items: list[PlainItem] = []
    position, end = 0, len(text)
    while position < end:
        match = _LINE.match(text, position)
        if match is None or len(items) == _MAX_LINES:
            return None
        items.append(PlainItem(match[1], _value(match), len(items), match.end(2) - position + 1))
        position = match.end()
    return items


def _value(match: re.Match[str]) -> str | list[str]:
    plain, double, single, words = match.group(3, 4, 5, 6)
    if plain is not None:
        return plain.rstrip(" ")
    if words is not None:
        return _COMMA.split(words)
    return double if double is not None else single
