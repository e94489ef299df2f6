"""HTML pages: plain, semantic, readable without scripts, in both directions and both colour schemes."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from feedsvc.errors import RenderError
from feedsvc.model import FORMATS, Feed, Format
from feedsvc.render import texts, words
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.model import Channel, Direction, Enclosure, Entry, Site

_NAMES = {Format.ATOM: "Atom", Format.RSS: "RSS", Format.JSON: "JSON Feed"}
_HEADING = re.compile(r"(</?h)([1-6])(?=[\s>])")


class _Alternate(NamedTuple):
    """A feed document that a page points to."""

    href: str
    media_type: str
    name: str
    title: str


class _Moment(NamedTuple):
    """A time for machines and for people."""

    machine: str
    human: str


class _Card(NamedTuple):
    """An entry as a page shows it."""

    title: str
    href: str
    summary: str
    language: str
    direction: Direction
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    published: _Moment
    updated: _Moment | None


class _Medium(NamedTuple):
    """A file that accompanies an entry, as its page shows it: ``kind`` is audio, video, image or download."""

    kind: str
    href: str
    media_type: str
    name: str
    size: str


class _FeedCard(NamedTuple):
    """A feed as the landing page shows it."""

    title: str
    description: str
    language: str
    href: str
    alternates: tuple[_Alternate, ...]


def entry_page(entry: Entry, site: Site) -> bytes:
    """Return the page of one entry: title, authors, dates, tags, body, and a link to what it is about.

    Raises:
        RenderError: The page cannot be written as UTF-8.
    """
    main = Feed(slug="main", title=texts.clean(site.title))
    return render_page(
        "entry.html",
        entry_id=entry.id,
        site=site,
        language=entry.language,
        direction=entry.direction,
        canonical=site.entry_url(entry.slug),
        alternates=_alternates(main, site),
        entry=_card(entry, site),
        body=Markup(_below_title(site.localise(entry.body_html))),  # noqa: S704 - sanitised when it was parsed
        words=words.words_for(entry.language),
        image=_lead_image(entry, site),
        media=[_medium(each, entry, site) for each in entry.enclosures if each.url != entry.image],
        outside=texts.entry_link(entry, site) if _is_web(entry.link) else None,
    )


def feed_page(channel: Channel, entries: Sequence[Entry], site: Site) -> bytes:
    """Return the page of one feed with *entries* in their order.

    Raises:
        RenderError: The page cannot be written as UTF-8.
    """
    feed = channel.feed
    language = texts.feed_language(feed, site)
    return render_page(
        "feed.html",
        site=site,
        language=language,
        direction=words.direction_of(language),
        canonical=site.feed_url(feed.slug),
        alternates=_alternates(feed, site),
        title=texts.feed_title(feed, site),
        description=texts.clean(feed.description),
        entries=[_card(entry, site) for entry in entries],
        words=words.words_for(language),
    )


def landing_page(feeds: Sequence[Feed], site: Site) -> bytes:
    """Return the front page: every feed with its page and its documents.

    Raises:
        RenderError: The page cannot be written as UTF-8.
    """
    cards = [_feed_card(feed, site) for feed in feeds]
    return render_page(
        "landing.html",
        site=site,
        language=site.language,
        direction=words.direction_of(site.language),
        canonical=f"{site.url}/",
        alternates=[alternate for card in cards for alternate in card.alternates],
        feeds=cards,
        words=words.words_for(site.language),
    )


def _lead_image(entry: Entry, site: Site) -> _Medium | None:
    """Return the main image of the entry, unless its text shows it already."""
    if not entry.image or f'src="{escape(entry.image)}"' in entry.body_html:
        return None
    shown = next((each for each in entry.enclosures if each.url == entry.image), None)
    return _medium(shown, entry, site) if shown is not None else None


def _medium(enclosure: Enclosure, entry: Entry, site: Site) -> _Medium:
    family = enclosure.media_type.partition("/")[0]
    return _Medium(
        kind=family if family in ("audio", "video", "image") else "download",
        href=site.localise(enclosure.url),
        media_type=enclosure.media_type,
        name=enclosure.title or entry.title,
        size="" if enclosure.length is None else words.human_size(enclosure.length, entry.language),
    )


def _below_title(body: str) -> str:
    """Push headings one level down if one of them would compete with the title, the only h1 of the page."""
    if "<h1" not in body:
        return body
    # sanitised HTML has a bare < only at tags, and tag names in lower case
    return _HEADING.sub(lambda found: f"{found[1]}{min(int(found[2]) + 1, 6)}", body)


def _card(entry: Entry, site: Site) -> _Card:
    return _Card(
        title=entry.title,
        href=site.entry_url(entry.slug),
        summary=entry.summary,
        language=entry.language,
        direction=entry.direction,
        authors=texts.entry_authors(entry, site),
        tags=entry.tags,
        published=_moment(entry.published, entry.language),
        updated=_moment(entry.updated, entry.language) if _is_revised(entry) else None,
    )


def _is_revised(entry: Entry) -> bool:
    """Tell whether readers should see a time of change; microseconds only keep entries apart."""
    return entry.updated.replace(microsecond=0) != entry.published.replace(microsecond=0)


def _moment(moment: datetime, language: str) -> _Moment:
    return _Moment(rfc3339(moment.replace(microsecond=0)), words.human_time(moment, language))


def _feed_card(feed: Feed, site: Site) -> _FeedCard:
    return _FeedCard(
        title=texts.feed_title(feed, site),
        description=texts.clean(feed.description),
        language=texts.feed_language(feed, site),
        href=site.feed_url(feed.slug),
        alternates=_alternates(feed, site),
    )


def _alternates(feed: Feed, site: Site) -> tuple[_Alternate, ...]:
    title = texts.feed_title(feed, site)
    return tuple(
        _Alternate(site.feed_url(feed.slug, facts.file_name), facts.media_type, _NAMES[format_], title)
        for format_, facts in FORMATS.items()
    )


def _is_web(link: str | None) -> bool:
    """Tell whether *link* may stand in a page: never a script address, whatever the parser let through."""
    return link is not None and link.casefold().startswith(("https://", "http://"))


def render_page(template: str, *, entry_id: str | None = None, **values: object) -> bytes:
    """Return the page that *template* makes of *values*.

    Raises:
        RenderError: It cannot be written as UTF-8; ``entry_id`` is set if it was given.
    """
    try:
        return _environment().get_template(template).render(values).encode()
    except UnicodeEncodeError as error:
        raise RenderError(f"the page cannot be written as UTF-8: {error}", entry_id=entry_id) from error


@cache
def _environment() -> Environment:
    """Return the one template environment; content is only ever a value in it, never a template."""
    return Environment(
        loader=PackageLoader("feedsvc.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        keep_trailing_newline=True,
    )
