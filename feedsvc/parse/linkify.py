"""Addresses in plain text become links, without the punctuation that follows them in any script."""

from __future__ import annotations

import re
from html import escape

from feedsvc.parse.html import LINK_REL

STOPS = "،؛؟۔٪٬«»“”„‘’‹›、。，．！？；：「」『』（）《》〈〉【】〔〕…।॥\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
"""Punctuation and marks that end an address in running text though RFC 3987 would allow them, as a character class."""

_ADDRESS = re.compile(
    rf"(?<![\w/])(?:https?://(?=[^\W_])|mailto:(?=[^\s@]{{1,64}}@[^\W_]))[^\s<>\"{STOPS}]{{1,2000}}", re.IGNORECASE
)
_TRAILING = ".,:;!?'*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def linkify(text: str) -> str:
    """Return *text* as HTML in which ``http``, ``https`` and ``mailto`` addresses are links."""
    if ":" not in text:
        return escape(text, quote=False)
    parts: list[str] = []
    last = 0
    for found in _ADDRESS.finditer(text):
        address = trim_address(found[0])
        parts.append(escape(text[last : found.start()], quote=False))
        parts.append(f'<a href="{escape(address)}" rel="{LINK_REL}">{escape(address, quote=False)}</a>')
        last = found.start() + len(address)
    parts.append(escape(text[last:], quote=False))
    return "".join(parts)


def trim_address(address: str) -> str:
    """Return *address* without trailing punctuation, and without a closing bracket that opens before it."""
    while address and (address[-1] in _TRAILING or _is_stray_bracket(address)):
        address = address[:-1]
    return address


def _is_stray_bracket(address: str) -> bool:
    opening = _PAIRS.get(address[-1])
    return opening is not None and address.count(address[-1]) > address.count(opening)
