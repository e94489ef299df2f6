"""Cutting a text where a reader would cut it: between words, never within what is seen as one character."""

from __future__ import annotations

from unicodedata import category

_ELLIPSIS = "…"
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_LOOSE_ENDS = " \t\n,;:،؛、，；：-–—([{«“‘\"'"


def cut_at_word(text: str, limit: int) -> str:
    """Return *text* in at most *limit* characters; a shortened text ends in an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: _word_border(text, limit - 1)].rstrip(_LOOSE_ENDS)
    return f"{head or text[: grapheme_border(text, limit - 1)]}{_ELLIPSIS}"


def _word_border(text: str, limit: int) -> int:
    """Return the last space at or before *limit*; scripts without spaces are cut between characters."""
    space = max(text.rfind(" ", 0, limit + 1), text.rfind("\n", 0, limit + 1))
    return space if space > limit // 2 else grapheme_border(text, limit)


def grapheme_border(text: str, at: int) -> int:
    """Return the nearest place at or before *at* where no user-perceived character is split (after UAX #29).

    A text that begins with more marks than fit is cut at *at* all the same.
    """
    border = at
    while border > 0 and _is_joined(text, border):
        border -= 1
    return border or at


def _is_joined(text: str, at: int) -> bool:
    if at >= len(text):
        return False
    mark, code = text[at], ord(text[at])
    if mark.isascii():
        return False
    if mark == _JOINER or text[at - 1] == _JOINER or code in _SKIN_TONES or category(mark)[0] == "M":
        return True
    return code in _FLAG_LETTERS and _flag_letters_before(text, at) % 2 == 1


def _flag_letters_before(text: str, at: int) -> int:
    start = at
    while start > 0 and ord(text[start - 1]) in _FLAG_LETTERS:
        start -= 1
    return at - start
