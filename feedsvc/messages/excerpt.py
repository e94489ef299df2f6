"""A line of somebody's file, shown on a terminal with a caret under the place that is meant.

Everything here works on one line of text that nobody has vouched for: it may be megabytes long, hold escape sequences,
or turn the reading direction round.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from feedsvc.messages.message import say
from feedsvc.messages.translate import translate

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS = 100
_COLUMNS_BEFORE = 60
_ELLIPSIS = "…"
_UNKNOWN = "\ufffd"
_JOINERS = "\u200c\u200d"
_IDEOGRAPHIC_SPACE = "\u3000"
_WIDE = frozenset("WF")
_MARKS = frozenset({"Mn", "Me"})
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_STRONG = _RIGHT_TO_LEFT | {"L"}


def excerpt_lines(text: str, line: int, column: int | None, language: str = "en") -> tuple[str, ...]:
    """Return *text* with its line number and, where a column is known, a second line that points to the column.

    Args:
        text: The line as it stands in the file, without its end.
        line: Its number, counted from 1.
        column: The character that is meant, counted from 1; one past the end points behind the line.
        language: Language of the words that stand where no caret can.

    Returns:
        One or two lines without control characters; about 100 columns of a longer text are shown.
    """
    at = min(max((column or 1) - 1, 0), len(text))
    start, end = _window(text, at)
    shown = "".join(map(_harmless, text[start:end]))
    before, after = _ELLIPSIS * (start > 0), _ELLIPSIS * (end < len(text))
    first = f"{line} | {before}{shown}{after}"
    if column is None:
        return (first,)
    pointer = _pointer(before + shown, len(before) + at - start)
    if not pointer:
        pointer = translate(say("(column {column}, in reading order)", column=column), language)
    return first, f"{' ' * len(str(line))} | {pointer}"


def _pointer(shown: str, at: int) -> str:
    """Return what stands under *shown* to point to its character *at*, empty if nothing can.

    Whether and how a terminal reorders right-to-left text cannot be known from here, so a caret under or behind such
    text would point to a wrong character on some of them. There the column is told in words; they stand in a line of
    their own, so nothing reorders them. Right-to-left text behind the caret moves nothing, unless
    it comes first in the line and thereby turns the whole line round.
    """
    if _is_reordered(shown, at):
        return ""
    while 0 < at < len(shown) and _width(shown[at]) == 0:
        at -= 1  # a mark is drawn on the character before it
    return " " * sum(map(_width, shown[:at])) + "^"


def _is_reordered(shown: str, at: int) -> bool:
    directions = [unicodedata.bidirectional(char) for char in shown]
    first_strong = next((kind for kind in directions if kind in _STRONG), "L")
    return first_strong in _RIGHT_TO_LEFT or not _RIGHT_TO_LEFT.isdisjoint(directions[: at + 1])


def _window(text: str, at: int) -> tuple[int, int]:
    """Return start and end of the part of *text* round *at* that fits."""
    start = at - _fitting(reversed(text[max(0, at - _COLUMNS_BEFORE) : at]), _COLUMNS_BEFORE)
    end = start + _fitting(text[start : start + _COLUMNS], _COLUMNS)
    if end == len(text):
        start = end - _fitting(reversed(text[max(0, end - _COLUMNS) :]), _COLUMNS)
    return start, end


def _fitting(chars: Iterable[str], columns: int) -> int:
    """Return how many of *chars* fit; a mark counts as a column here, so that no pile of marks is endless."""
    number = 0
    for char in chars:
        columns -= max(1, _width(char))
        if columns < 0:
            break
        number += 1
    return number


def _harmless(char: str) -> str:
    r"""Return what is shown for *char*: one character that neither controls the terminal nor the direction.

    Joiners stay, because Persian, Hindi and emoji are written with them. What is invisible otherwise is made visible:
    it may be what is wrong with the line.
    """
    if char.isprintable() or char in _JOINERS or char == _IDEOGRAPHIC_SPACE:
        return char
    if char == "\t" or unicodedata.category(char) == "Zs":
        return " "
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else _UNKNOWN  # U+2400 and on are pictures of the controls


def _width(char: str) -> int:
    """Return how many columns of a terminal *char* takes (Unicode Standard Annex #11)."""
    if char in _JOINERS or unicodedata.combining(char) or unicodedata.category(char) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1
