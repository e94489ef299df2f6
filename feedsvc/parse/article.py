"""Header and content become one entry."""

from __future__ import annotations

from hashlib import blake2b
from html import escape
from typing import TYPE_CHECKING

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import ParsedEntry
from feedsvc.parse.attachments import inline_references
from feedsvc.parse.bidi import balance_bidi
from feedsvc.parse.clean import drop_forbidden, is_blank, strip_bidi
from feedsvc.parse.content import Content, summarise
from feedsvc.parse.cut import cut_at_word
from feedsvc.parse.html import LINK_REL
from feedsvc.parse.language import read_language
from feedsvc.parse.name_lists import unique
from feedsvc.parse.slug import slugify

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.parse.context import ParseContext
    from feedsvc.parse.fields import Fields

_MAX_TITLE = 1_000
_UNTITLED = "Untitled"


def content_of_link(fields: Fields) -> Content:
    """Return the content of a file that has a header and no text: what it links to, or the file that it names.

    Raises:
        EntryParseError: ``E_NO_BODY`` if it has none of these.
    """
    if fields.link is None and fields.media:
        return _content_of_media(fields)
    if fields.link is None:
        fix = say("Write the text below the second line of hyphens, or give a link: in the header.")
        raise EntryParseError("E_NO_BODY", say("the file has a header but no text"), fix)
    title = fields.title or fields.link
    shown = escape(fields.summary or title, quote=False)
    body = f'<p><a href="{escape(fields.link)}" rel="{LINK_REL}">{shown}</a></p>'
    return Content(title, summarise(fields.summary or title), body, fields.summary)


def _content_of_media(fields: Fields) -> Content:
    first = fields.media[0]
    title = fields.title or first.title or _title_of_name((first.path or first.url).rpartition("/")[2])
    body = f"<p>{escape(fields.summary, quote=False)}</p>" if fields.summary else ""
    return Content(title, summarise(fields.summary), body, fields.summary or title)


def make_entry(fields: Fields, content: Content, context: ParseContext) -> ParsedEntry:
    """Return the entry that *fields* and *content* describe."""
    title = _title(content.title, context)
    summary = strip_bidi(drop_forbidden(fields.summary or content.summary))
    customs = context.customs
    reading = read_language(title, content.sample, fields.language or customs.language or None, context.language)
    authors = fields.authors or customs.authors
    tags = unique((*fields.tags, *customs.tags))[: context.limits.tags] if customs.tags else fields.tags
    body = balance_bidi(content.body_html)
    visible = (
        title, summary, body, *reading, "\x1e".join(authors), "\x1e".join(tags), fields.link or "",
        _stamp(fields.published), _stamp(fields.updated),
    )  # fmt: skip
    return ParsedEntry(
        key="",
        title=title,
        summary=summary,
        body_html=body,
        language=reading.language,
        direction=reading.direction,
        authors=authors,
        tags=tags,
        link=fields.link,
        declared_id=fields.declared_id,
        slug=slugify(fields.slug) or slugify(title),
        published=fields.published,
        updated=fields.updated,
        expires=fields.expires,
        is_draft=fields.is_draft,
        fingerprint=blake2b("\x1f".join(visible).encode(), digest_size=16).hexdigest(),
        references=(*fields.media, *inline_references(body, context.origin)) if "<img" in body else fields.media,
        notify=fields.notify,
    )


def _title(title: str, context: ParseContext) -> str:
    if is_blank(title):
        title = _title_of_name(context.name)
    return cut_at_word(title, _MAX_TITLE)


def _title_of_name(name: str) -> str:
    """Return the file's name as a title, for a text that has no words at all."""
    readable = name.encode("utf-8", "surrogateescape").decode("utf-8", "ignore").rpartition(".")[0]
    title = strip_bidi(drop_forbidden(readable)).replace("-", " ").replace("_", " ").strip()
    return _UNTITLED if is_blank(title) else " ".join(title.split())


def _stamp(moment: datetime | None) -> str:
    return "" if moment is None else str(int(moment.timestamp()))
