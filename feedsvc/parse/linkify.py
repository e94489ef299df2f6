"""Bare addresses become links, without the punctuation that follows them in any script.

The Markdown renderer can do this too, but it takes Arabic and CJK punctuation into the address, needs quadratic time
for long runs, and crashed the process on ``a@b.c,`` fifty thousand times over. So it is done here.
"""

from __future__ import annotations

import re
from html import escape, unescape

from feedsvc.parse.html import LINK_REL

_STOPS = "،؛؟۔٪٬«»“”„‘’‹›、。，．！？；：「」『』（）《》〈〉【】〔〕…।॥\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
"""Punctuation and marks that end an address in running text though RFC 3987 would allow them, as a character class."""

_ADDRESS = re.compile(
    rf"(?<![\w/])(?:https?://(?=[^\W_])|mailto:(?=[^\s@]{{1,64}}@[^\W_]))[^\s<>\"{_STOPS}]{{1,2000}}", re.IGNORECASE
)
_TAG = re.compile(r'(<[^>"]*(?:"[^"]*"[^>"]*)*>)')
_OPAQUE = re.compile(r"</?(?:a|code|kbd|pre|samp)\b")
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


def linkify_html(html: str) -> str:
    """Return sanitised *html* with the addresses in its text as links; links and code stay as they are."""
    is_bare = html.count("://") != html.count('="http') or (
        "mailto:" in html and html.count("mailto:") != html.count('="mailto:')
    )
    return _linkify_texts(html) if is_bare else html


def _linkify_texts(html: str) -> str:
    parts = _TAG.split(html)
    depth = 0
    for n, part in enumerate(parts):
        if n % 2:
            depth += _opaque_step(part)
        elif depth == 0 and ":" in part:
            parts[n] = linkify(unescape(part))
    return "".join(parts)


def _opaque_step(tag: str) -> int:
    """Return by how much *tag* changes the number of open elements whose text is left alone."""
    if _OPAQUE.match(tag) is None:
        return 0
    return -1 if tag.startswith("</") else 1


def trim_address(address: str) -> str:
    """Return *address* without trailing punctuation, and without a closing bracket that opens before it."""
    while address and (address[-1] in _TRAILING or _is_stray_bracket(address)):
        address = address[:-1]
    return address


def _is_stray_bracket(address: str) -> bool:
    opening = _PAIRS.get(address[-1])
    return opening is not None and address.count(address[-1]) > address.count(opening)
