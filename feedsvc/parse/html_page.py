"""A whole HTML page or a fragment of one: what it shows, without what it hides or runs."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from feedsvc.parse.clean import drop_forbidden, one_line
from feedsvc.parse.html import inline_text, sanitise
from feedsvc.parse.html_content import content_of_html
from feedsvc.parse.linkify import linkify_html
from feedsvc.parse.text_limits import limit_addresses

if TYPE_CHECKING:
    from feedsvc.model import Notice
    from feedsvc.parse.content import Content

_HIDDEN = re.compile(r"<(?:!--|[!?]|(script|style|title)(?=[\s/>]))", re.IGNORECASE)
_RAW_END = {n: re.compile(rf"</{n}(?=[\s/>])", re.IGNORECASE) for n in ("script", "style", "title")}
_HEADING = re.compile(r"<h1(?:\s[^>]*)?>(.*?)</h1>", re.DOTALL)
_LANGUAGE = re.compile(r"<html\s(?:[^<>]{0,500}\s)?(?:xml:)?lang\s*=\s*[\"']?([A-Za-z0-9-]{1,35})", re.IGNORECASE)
_OPENING = 10_000
"""The element ``html`` stands within so many characters, and a title is no longer."""


def read_html_page(text: str, title: str, base: str, notices: list[Notice] | None = None) -> Content | None:
    """Read *text* as HTML; None if nothing of it can be shown.

    Args:
        text: A page or a fragment of one.
        title: Title of the header, empty if it has none.
        base: Address against which relative links are resolved.
        notices: Warnings are added here.

    Raises:
        EntryParseError: ``E_LIMIT`` for a structure that is nested too deeply, or too many ``&``.
    """
    shown, page_title = _divide(text)
    limit_addresses(shown)
    body = drop_forbidden(linkify_html(sanitise(shown, base, notices).strip("\n ")))
    return content_of_html(title or _first_heading(body) or page_title, body)


def html_language(text: str) -> str | None:
    """Return what the attribute ``lang`` of the element ``html`` says, as it is written there."""
    found = _LANGUAGE.search(_divide(text[:_OPENING])[0])
    return found[1] if found else None


def _first_heading(body: str) -> str:
    found = _HEADING.search(body)
    return one_line(inline_text(found[1])) if found else ""


def _divide(text: str) -> tuple[str, str]:
    """Return *text* without comments, declarations and elements that are never shown, and the title of the page.

    The sanitiser drops them too, but its limit for nesting is far higher where no tag can hide in them. What never
    ends is left to it.
    """
    parts: list[str] = []
    title = ""
    last = 0
    while (found := _HIDDEN.search(text, last)) is not None:
        end = _end_of(text, found)
        if end < 0:
            break
        parts.append(text[last : found.start()])
        if not title and (found[1] or "").lower() == "title":
            title = _title_of(text[found.start() : min(end, found.start() + _OPENING)])
        last = end
    return "".join([*parts, text[last:]]), title


def _end_of(text: str, found: re.Match[str]) -> int:
    """Return where the hidden part ends that begins with *found*, or -1."""
    if found[0] == "<!--":
        closing_mark = text.find("-->", found.start() + 2)
        return closing_mark + len("-->") if closing_mark >= 0 else -1
    start = found.end()
    if found[1]:
        closing = _RAW_END[found[1].lower()].search(text, start)
        if closing is None:
            return -1
        start = closing.end()
    return text.find(">", start) + 1 or -1


def _title_of(element: str) -> str:
    return one_line(unescape(element.partition(">")[2].partition("<")[0]))
