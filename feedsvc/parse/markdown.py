"""Markdown with the GitHub extensions, rendered by comrak and sanitised afterwards, whatever it holds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import comrak

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.parse.clean import drop_forbidden
from feedsvc.parse.html import limit_references, sanitise
from feedsvc.parse.html_content import content_of_html
from feedsvc.parse.linkify import linkify_html
from feedsvc.parse.simple_html import simple_html
from feedsvc.parse.text_limits import limit_addresses, limit_markdown

if TYPE_CHECKING:
    from feedsvc.model import Notice
    from feedsvc.parse.content import Content

_MAX_FOOTNOTES = 2_000


def read_markdown(text: str, title: str, base: str, notices: list[Notice] | None = None) -> Content | None:
    """Read *text* as Markdown; None if nothing of it can be shown.

    Args:
        text: Body of the file.
        title: Title of the header, empty if it has none.
        base: Address against which relative links are resolved.
        notices: Warnings are added here.

    Raises:
        EntryParseError: ``E_LIMIT`` for a structure that is nested too deeply, or too much of one thing.
    """
    html = _render(text)
    # without a "<" in the text, all tags are those of the renderer, and balanced
    safe = simple_html(html) if "<" not in text else None
    body = linkify_html((sanitise(html, base, notices) if safe is None else safe).rstrip("\n"))
    if "&" in text or "\\" in text:
        body = drop_forbidden(body)  # character references name them too
    return content_of_html(title, body)


@cache
def _options() -> dict[str, Any]:
    extensions, rendering = comrak.ExtensionOptions(), comrak.RenderOptions()
    # Not its autolinks: see linkify.
    extensions.table = extensions.strikethrough = extensions.footnotes = True
    rendering.unsafe_ = True  # raw HTML goes to the sanitiser, which decides
    return {"extension_options": extensions, "render_options": rendering}


def _render(text: str) -> str:
    limit_references(text)
    limit_markdown(text)
    limit_addresses(text)
    if text.count("[^") > _MAX_FOOTNOTES:
        # Each reference adds a link back to its note: a small file could become a very large one.
        cause = say("the text has more than {limit:,} footnote marks", limit=_MAX_FOOTNOTES)
        raise EntryParseError("E_LIMIT", cause, say("Divide the text into several files."))
    html: str = comrak.render_markdown(text, **_options())
    return html
