"""Characters that must not travel: controls that XML forbids, and bidi controls that disguise a name."""

from __future__ import annotations

import re

from feedsvc.messages import say, say_n
from feedsvc.model import Notice

_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Outside ``Char`` of XML 1.0 section 2.2 or discouraged there, and byte order marks within a text."""

_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])
_HALF = re.compile("[\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNTIDY = re.compile("\\s{2,}|[^\\S \u00a0\u202f\u3000]")
_LINE_PARTS = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
VISIBLE = (
    "[^\\s\0-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]"
)
"""Characters of which a reader sees something, as a class for a pattern."""

_VISIBLE = re.compile(VISIBLE)
_LINES_SHOWN = 5


def is_surely_clean(data: bytes) -> bool:
    """Tell in no time that UTF-8 *data* holds no forbidden character; False means only that it must be looked at."""
    return b"\xc2" not in data and b"\xef" not in data and len(data.translate(None, _CONTROL_BYTES)) == len(data)


def remove_forbidden(text: str, notices: list[Notice]) -> str:
    """Return *text* without the control characters that no feed may carry; a notice names their lines."""
    if _FORBIDDEN.search(text) is None:
        return text
    notices.append(_control_notice(text))
    return _FORBIDDEN.sub("", text)


def drop_forbidden(text: str) -> str:
    """Return *text* without the control characters that no feed may carry."""
    return _FORBIDDEN.sub("", text)


def mend_json_text(text: str) -> str:
    """Return *text* with U+FFFD for halves of characters, which JSON can name, and without forbidden controls."""
    return drop_forbidden(_HALF.sub("\ufffd", text))


def _control_notice(text: str) -> Notice:
    lines: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if _FORBIDDEN.search(line) is not None:
            lines.append(number)
    shown = ", ".join(str(number) for number in lines[:_LINES_SHOWN])
    more = len(lines) - _LINES_SHOWN
    if more > 0:
        message = say("control characters were removed in lines {lines} and {more} more", lines=shown, more=more)
    else:
        message = say_n(
            "control characters were removed in line {lines}",
            "control characters were removed in lines {lines}",
            len(lines),
            lines=shown,
        )
    return Notice("W_CTRL", message, lines[0])


def one_line(text: str) -> str:
    """Return *text* as one tidy line: no controls, no bidi overrides, single spaces, no space at the ends.

    Left-to-right and right-to-left marks and (non-)joiners stay: words are spelt with them.
    """
    if _LINE_PARTS.search(text) is not None:
        text = _LINE_PARTS.sub("", text)
    if _UNTIDY.search(text) is not None:
        text = _UNTIDY.sub(" ", text)
    return text.strip()


def is_blank(text: str) -> bool:
    """Tell whether a reader would see nothing of *text*, though it may hold invisible characters."""
    return _VISIBLE.search(text) is None


def strip_bidi(text: str) -> str:
    """Return *text* without embedding, override and isolate controls (UAX #9 section 2)."""
    return _BIDI.sub("", text)
