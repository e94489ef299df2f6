"""A site, its feeds and entries with fixed values, shared by the tests of the render layer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from feedsvc.model import Channel, Entry, EntryState, Feed, Format, Site
from feedsvc.render import render_entry, render_feed

SITE = Site(
    url="https://news.example",
    title="صوت المدينة & City Voice",
    description="Two languages, one town.",
    language="en",
    author="",
    namespace=UUID("5d3f5f8e-1111-4222-8333-123456789abc"),
)
MAIN = Feed(slug="main", title="City Voice", description="All news")

ENGLISH = Entry(
    id="urn:uuid:00000000-0000-4000-8000-000000000001",
    revision=1,
    state=EntryState.LIVE,
    source_path="tram.md",
    folder="",
    slug="tram",
    title='Council says "yes" & <no>',
    summary="A vote & a <line>.",
    body_html=f'<p>The <a href="{SITE.neutral_origin}/media/plan.pdf">plan</a> &amp; more.</p>',
    language="en",
    direction="ltr",
    authors=("Ada Smith", "منى علي"),
    tags=("city", "a & b"),
    link=None,
    published=datetime(2026, 1, 2, 9, 30, tzinfo=UTC),
    updated=datetime(2026, 1, 3, 10, 0, 0, 7, tzinfo=UTC),
    expires=None,
)
ARABIC = replace(
    ENGLISH,
    id="urn:uuid:00000000-0000-4000-8000-000000000002",
    slug="خط-الترام",
    title="المجلس البلدي يوافق على خط الترام الجديد بعد نقاش طويل حول التكلفة والمسار",
    summary="صوّت المجلس لصالح خط يربط الميناء بالجامعة.",
    body_html="<p>صوّت المجلس مساء الاثنين لصالح خط ترام يربط الميناء بالجامعة وقالت شركة Siemens إن العمل يبدأ قريبا "
    "بتكلفة عشرة ملايين يورو.</p><p>وأضاف الرئيس أن المشروع سيغيّر وجه المدينة.</p>",
    language="ar",
    direction="rtl",
    authors=(),
    tags=("نقل",),
    link="https://example.com/a?b=1&c=2",
    updated=datetime(2026, 1, 2, 9, 30, 0, 1, tzinfo=UTC),
)
CHANNEL = Channel(MAIN, updated=ENGLISH.updated, links=(("hub", "https://hub.example/?a=1&b=2"), ("current", "x:y")))


def document(format_: Format, *entries: Entry, channel: Channel = CHANNEL, site: Site = SITE, **changes: Any) -> bytes:
    """Render *entries* (the English and the Arabic one if none are given), each with *changes*, as one document."""
    shown = [replace(entry, **changes) for entry in entries or (ENGLISH, ARABIC)]
    return render_feed(format_, channel, [render_entry(format_, entry, site) for entry in shown], site)
