"""Plain text in the columns of a terminal: how wide it is, where it is cut, where its lines end."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = 72
_ELLIPSIS = "…"
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S|[^\s@]+@[^\s@]+\.")
_NO_START = frozenset("、。，．：；？！」』）】》〉〕］｝”’…—・,.:;?!)]}%ー々")
_NO_END = frozenset("「『（【《〈〔［｛“‘([{")
_KNOWN_CHARS = 4_096
_KNOWN_PARAGRAPHS = 2_048
"""Entries stand in the digests of many people."""


def width(text: str) -> int:
    """Return how many columns *text* takes: letters of East Asia two (UAX #11), marks none, all others one."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


@lru_cache(maxsize=_KNOWN_CHARS)
def _char_width(char: str) -> int:
    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if _is_wide(char) else 1


@lru_cache(maxsize=_KNOWN_CHARS)
def _is_wide(char: str) -> bool:
    return east_asian_width(char) in "WF"


def clusters(text: str) -> Iterator[str]:
    """Yield what a reader sees as single characters (after UAX #29)."""
    start = flags = 0
    for at in range(1, len(text)):
        flags = flags + 1 if ord(text[at - 1]) in _FLAG_LETTERS else 0
        if not _is_joined(text[at - 1], text[at], flags):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _is_joined(before: str, char: str, flags: int) -> bool:
    if char.isascii():
        return False
    if before == _JOINER or _extends(char):
        return True
    return ord(char) in _FLAG_LETTERS and flags % 2 == 1


@lru_cache(maxsize=_KNOWN_CHARS)
def _extends(char: str) -> bool:
    return char == _JOINER or ord(char) in _SKIN_TONES or category(char)[0] == "M"


def shortened(text: str, limit: int) -> str:
    """Return *text* in at most *limit* characters, cut between words if there are any; the cut shows as an ellipsis."""
    if len(text) <= limit:
        return text
    head = ""
    for cluster in clusters(text[:limit]):
        if len(head) + len(cluster) >= limit:
            break
        head += cluster
    words, space, _ = head.rpartition(" ")
    return (words if space and len(words) > limit // 2 else head).rstrip() + _ELLIPSIS


@lru_cache(maxsize=_KNOWN_PARAGRAPHS)
def wrapped(text: str, columns: int = COLUMNS) -> tuple[str, ...]:
    """Return the lines of a paragraph; links are kept whole, however long they are."""
    lines, used = [""], 0
    for unit, has_space in _units(text, columns):
        gap = " " if has_space and lines[-1] else ""
        longer = used + len(gap) + width(unit)
        if not lines[-1] or longer <= columns:
            lines[-1] += gap + unit
            used = longer
        else:
            lines.append(unit)
            used = width(unit)
    return tuple(lines)


def _units(text: str, columns: int) -> Iterator[tuple[str, bool]]:
    """Yield what no line may break, and whether a space stands before it."""
    for word in text.split():
        for number, unit in enumerate(_parts(word, columns)):
            yield unit, number == 0


def _parts(word: str, columns: int) -> list[str]:
    """Return the parts of a word: East Asian text may break between any two letters, but not before a full stop."""
    if _is_whole(word, columns):
        return [word]
    parts: list[str] = []
    used = 0
    for cluster in clusters(word):
        wide = width(cluster)
        if parts and used < columns - 2 and _sticks(parts[-1], cluster):
            parts[-1] += cluster
            used += wide
        else:
            parts.append(cluster)
            used = wide
    return parts


def _is_whole(word: str, columns: int) -> bool:
    is_narrow = len(word) <= columns and (word.isascii() or width(word) == len(word))
    return is_narrow or (("@" in word or "://" in word) and _LINK.search(word) is not None)


def _sticks(before: str, cluster: str) -> bool:
    if cluster[0] in _NO_START or before[-1] in _NO_END:
        return True
    return not _is_wide(before[-1]) and not _is_wide(cluster[0])
