"""Slugs: the readable last part of a page's address, in the script of its title."""

from __future__ import annotations

import re
from unicodedata import category, normalize

from feedsvc.parse.cut import grapheme_border

_MAX_CHARACTERS = 80
_MAX_BYTES = 200
"""A file name has 255 bytes on common file systems; this leaves room for a suffix."""

_ASCII_GAP = re.compile("[^a-z0-9]+")
_KEPT = frozenset(("Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Mn", "Nd"))
_INVISIBLE = frozenset(("Cc", "Cf", "Cs"))
_DROPPED = frozenset("'’ʼ‘\u0640")
"""Apostrophes and the Arabic kashida stand inside words."""

_REMEMBERED = 0x10000
"""Rarer characters are looked up each time, so that no file can fill the memory."""

_SCANNED = 2_000
"""More of a text than this never shows in its slug."""


class _Letters(dict[int, str]):
    """Maps a character to itself, to nothing, or to a word gap; learns as it is asked."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        kept = "" if _is_dropped(letter) else letter if category(letter) in _KEPT else "-"
        if code < _REMEMBERED:
            self[code] = kept
        return kept


def _is_dropped(letter: str) -> bool:
    """Tell whether *letter* vanishes without parting the word: joiners, controls, variation selectors, apostrophes."""
    if "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef" or letter in _DROPPED:
        return True
    return category(letter) in _INVISIBLE and not letter.isspace()


_LETTERS = _Letters()


def slugify(text: str) -> str:
    """Return *text* as a path segment of letters, marks, digits and ``-``; empty if nothing readable is left.

    The script stays (RFC 3987 allows it), case is folded to lower, and the result has at most 80 characters and
    200 UTF-8 bytes, cut between words where that is possible.
    """
    words = _ascii_words(text) if text.isascii() else _words(text)
    return _fit(words)


def _ascii_words(text: str) -> list[str]:
    return _ASCII_GAP.sub("-", text.lower().replace("'", "")).strip("-").split("-")


def _words(text: str) -> list[str]:
    plain = normalize("NFC", normalize("NFC", text[:_SCANNED]).lower().translate(_LETTERS))
    return [word for part in plain.split("-") if (word := _strip_marks(part))]


def _strip_marks(word: str) -> str:
    """Drop combining marks that have lost their letter."""
    while word and not word[0].isalnum() and category(word[0])[0] == "M":
        word = word[1:]
    return word


def _fit(words: list[str]) -> str:
    slug = "-".join(words)
    if len(slug) <= _MAX_CHARACTERS and (slug.isascii() or len(slug.encode()) <= _MAX_BYTES):
        return slug
    return _cut(slug)


def _cut(slug: str) -> str:
    end = min(len(slug), _MAX_CHARACTERS)
    while len(slug[:end].encode()) > _MAX_BYTES:
        end -= 1
    gap = slug.rfind("-", 0, end + 1)
    return slug[: gap if gap > 0 else grapheme_border(slug, end)]
