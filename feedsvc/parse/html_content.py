"""Title, summary and body of sanitised HTML, whichever format it was written in."""

from __future__ import annotations

import re
from html import unescape

from feedsvc.parse.clean import VISIBLE, is_blank, one_line
from feedsvc.parse.content import Content, derive_title, is_title_line, summarise
from feedsvc.parse.html import inline_text, text_of

_HEADING = re.compile(r"\s*<h1(?:\s[^>]*)?>(.*?)</h1>\s*", re.DOTALL)
_FIRST_PARAGRAPH = re.compile(r"\s*<p(?:\s[^>]*)?>([^<]*)</p>\s*")
_ALT = re.compile(r'\salt="([^"]+)"')
_VISIBLE_TEXT = re.compile(rf"(?:\A|>)[^<&]*?{VISIBLE[:-1]}<&]")
_OPENING = 8_000
"""Title and summary come from so many characters of the body."""

_VISIBLE_MEDIA = re.compile(r"<(?:img|hr)\b")


def content_of_html(title: str, body: str) -> Content | None:
    """Return the readable parts of the sanitised HTML *body*; None if nothing of it can be shown.

    A heading or first line that serves as the title, or repeats it, leaves the body.
    """
    if not _has_content(body):
        return None
    title, body = _with_title(title, body)
    paragraph = _first_paragraph(body)
    return Content(title, summarise(paragraph), body, paragraph)


def _has_content(body: str) -> bool:
    """Tell whether a reader sees anything of *body*; its beginning decides nearly always."""
    if _VISIBLE_TEXT.search(body) is not None or _VISIBLE_MEDIA.search(body) is not None:
        return True
    return "&" in body and not is_blank(text_of(body))


def _with_title(title: str, body: str) -> tuple[str, str]:
    """Return title and body; a heading or first line that serves as the title leaves the body."""
    heading = _HEADING.match(body)
    if heading is not None:
        shown = one_line(inline_text(heading[1]))
        if not is_blank(shown) and title in ("", shown):
            return shown, body[heading.end() :] or body
    return (title, body) if title else _title_from_text(body)


def _title_from_text(body: str) -> tuple[str, str]:
    first = _FIRST_PARAGRAPH.match(body)
    if first is not None and first.end() < len(body):
        line = one_line(unescape(first[1]))
        if is_title_line(line) and not is_blank(line):
            return line, body[first.end() :]
    line = one_line(_opening_text(body))
    if is_blank(line):
        alt = _ALT.search(body)
        line = one_line(unescape(alt[1])) if alt else ""
    return derive_title(line), body


def _opening(body: str) -> str:
    """Return the beginning of *body*, not cut within a tag."""
    head = body[:_OPENING]
    return head[: head.rindex("<")] if head.rfind("<") > head.rfind(">") else head


def _opening_text(body: str) -> str:
    """Return the first block of *body* that has text."""
    return next((block for block in text_of(_opening(body)).split("\n\n") if not is_blank(block)), "")


def _first_paragraph(body: str) -> str:
    """Return the text of the first paragraph that has any, else of the first block."""
    start = body.find("<p>")
    while 0 <= start < _OPENING:
        end = body.find("</p>", start)
        text = inline_text(body[start:end] if end - start < _OPENING else _opening(body[start:]))
        if not is_blank(text):
            return text
        start = body.find("<p>", end)
    return _opening_text(body)
