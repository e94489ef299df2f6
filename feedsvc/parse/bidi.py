"""Bidi controls of a body are closed where they were opened: in the same paragraph (UAX #9, BD13 and BD16)."""

from __future__ import annotations

import re

from feedsvc.parse.html import BLOCK_TAGS
from feedsvc.parse.text_limits import limit_embeddings

_PDF, _PDI = "\u202c", "\u2069"
_CLOSER = {
    "\u202a": _PDF,
    "\u202b": _PDF,
    "\u202d": _PDF,
    "\u202e": _PDF,
    "\u2066": _PDI,
    "\u2067": _PDI,
    "\u2068": _PDI,
}
_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_MAX_DEPTH = 125
"""UAX #9, BD2: deeper embeddings have no effect."""
_EVENT = re.compile(f"[\u202a-\u202e\u2066-\u2069]|</?(?:{BLOCK_TAGS})\\b")


def balance_bidi(html: str) -> str:
    """Return *html* with each embedding, override and isolate closed before its paragraph ends.

    Closing controls without an opening one are dropped, and so are opening ones beyond the depth that anything shows.

    Raises:
        EntryParseError: ``E_LIMIT`` for far too many of them.
    """
    if html.isascii() or not any(control in html for control in _CONTROLS):
        return html
    limit_embeddings(html)
    return _balance(html)


def _balance(html: str) -> str:
    open_: list[str] = []
    parts: list[str] = []
    last = 0
    for event in _EVENT.finditer(html):
        parts.append(html[last : event.start()])
        parts.append(_step(event[0], open_))
        last = event.end()
    parts += (html[last:], _close_all(open_))
    return "".join(parts)


def _step(token: str, open_: list[str]) -> str:
    """Return what stands in for *token*, and keep account of the closers due in *open_*."""
    if token in _CLOSER:
        if len(open_) >= _MAX_DEPTH:
            return ""
        open_.append(_CLOSER[token])
        return token
    if token == _PDF:
        return open_.pop() if open_ and open_[-1] == _PDF else ""
    if token == _PDI:
        return _close_to_isolate(open_)
    return _close_all(open_) + token


def _close_to_isolate(open_: list[str]) -> str:
    if _PDI not in open_:
        return ""
    closed = ""
    while not closed.endswith(_PDI):
        closed += open_.pop()
    return closed


def _close_all(open_: list[str]) -> str:
    closers = "".join(reversed(open_))
    open_.clear()
    return closers
