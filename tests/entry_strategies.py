"""Hypothesis strategies for sites, feeds and entries as the parsers hand them on.

The texts keep what every parser promises: no character that XML 1.0 forbids, no lone surrogate, titles and summaries
on one line with single inner spaces. Within that they are as unfriendly as can be: four scripts, emoji, and pieces of
markup that some reader somewhere decodes once too often.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from uuid import UUID

import nh3
from hypothesis import strategies as st

from feedsvc.model import MEDIA_SUFFIXES, Channel, Direction, Enclosure, Entry, EntryState, Feed, Site

LANGUAGES: dict[str, Direction] = {
    "ar": "rtl",
    "ar-EG": "rtl",
    "he": "rtl",
    "fa": "rtl",
    "zh-Hant": "ltr",
    "en": "ltr",
    "pt-BR": "ltr",
}

# Latin letters stop short of the block that feedparser takes for UTF-8 read as Latin-1, and C1 controls are left out
# because it maps them to Windows-1252: repairs of a reader, not faults of a feed.
_LETTERS = "".join(map(chr, (*range(0x21, 0x7F), *range(0xE0, 0x100), *range(0x5D0, 0x5EB), *range(0x621, 0x64B))))
_CHARACTERS = st.one_of(
    st.sampled_from(_LETTERS),
    st.sampled_from("،؟۔٪٠١٢٣ـ\u064e\u200f\u200e\u2067\u2069\u200d中文新聞報導。，「」𠮷😀👩🏽🇪🇬€–—…“”«»"),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x4E80),
)
_NASTY = (
    *("&", "&amp;", "&amp;amp;", "&#38;", "&nbsp;", "<", "<b>", "</b>", "<script>alert(1)</script>"),
    *("]]>", "<![CDATA[", "<!--", "-->", '"', "'", "%s", "{{", "}}", "{%", "\\n", "\\u0000"),
)

words = st.one_of(st.text(_CHARACTERS, min_size=1, max_size=9), st.sampled_from(_NASTY))
"""One run of characters without white space."""


def lines(min_words: int = 1, max_words: int = 8) -> st.SearchStrategy[str]:
    """Plain text on one line."""
    return st.lists(words, min_size=min_words, max_size=max_words).map(" ".join)


names = lines(1, 3)

addresses = st.sampled_from(
    (
        "https://example.org/a?b=1&c=2#d",
        "https://xn--mgbh0fb.example/%D8%B9%D8%B1%D8%A8%D9%8A",
        "http://example.net/?q=%22%3Cb%3E%22&amp=1",
    )
)

sites = st.builds(
    Site,
    url=st.sampled_from(("https://example.org", "http://localhost:8080", "https://news.example/a/b")),
    title=lines(1, 4),
    description=lines(0, 6),
    language=st.sampled_from(sorted(LANGUAGES)),
    author=st.one_of(st.just(""), names),
    namespace=st.uuids(version=4),
)

feeds = st.builds(
    Feed,
    slug=st.sampled_from(("main", "politics", "أخبار", "新聞/地方")),
    title=lines(1, 4),
    description=lines(0, 6),
    language=st.sampled_from(("", *sorted(LANGUAGES))),
)

moments = st.integers(631_152_000, 3_786_912_000).map(lambda second: datetime.fromtimestamp(second, UTC))
"""Whole seconds from 1990 to 2089."""

channels = st.builds(
    Channel,
    feed=feeds,
    updated=moments,
    links=st.lists(
        st.tuples(st.sampled_from(("hub", "next", "prev-archive", "current")), addresses), max_size=3, unique=True
    ).map(tuple),
)


@st.composite
def bodies(draw: st.DrawFn, site: Site) -> str:
    """Sanitised HTML with addresses on the neutral origin."""
    paragraphs = [f"<p>{escape(draw(lines()))}</p>" for _ in range(draw(st.integers(1, 3)))]
    extras = draw(st.lists(st.sampled_from(range(4)), max_size=2, unique=True))
    word = escape(draw(words))
    pieces = (
        f'<p><a href="{site.neutral_origin}/media/a%20b.pdf?x=1&amp;y=2">{word}</a></p>',
        f'<p><img src="{site.neutral_origin}/media/1.jpg" alt="{word}"></p>',
        f"<blockquote><p>{word}<br>{word}</p></blockquote>",
        f"<pre><code>if (a &lt; b &amp;&amp; c) {{\n\t{word}\n}}</code></pre>",
    )
    return nh3.clean("\n".join([*paragraphs, *(pieces[n] for n in extras)]))


@st.composite
def enclosures(draw: st.DrawFn, site: Site) -> tuple[Enclosure, ...]:
    """Files of the site and of others, each once, with what is known of them."""
    kinds = draw(st.lists(st.sampled_from(sorted(MEDIA_SUFFIXES)), max_size=3, unique=True))
    far = draw(st.lists(addresses, max_size=1))
    local = [(f"{site.neutral_origin}/media/{'0' * 64}{MEDIA_SUFFIXES[kind]}", kind) for kind in kinds]
    return tuple(
        Enclosure(url, kind, draw(st.none() | st.integers(0, 2**53)), draw(st.just("") | lines(1, 3)))
        for url, kind in (*local, *((url, "application/octet-stream") for url in far))
    )


@st.composite
def entries(draw: st.DrawFn, site: Site) -> Entry:
    """One live entry of *site*."""
    language = draw(st.sampled_from(sorted(LANGUAGES)))
    published = draw(moments)
    link = draw(st.one_of(st.none(), addresses, st.just(f"{site.neutral_origin}/media/x.pdf")))
    number = draw(st.integers(0, 2**64))
    media = draw(enclosures(site))
    return Entry(
        id=UUID(int=number).urn,
        revision=draw(st.integers(1, 9)),
        state=EntryState.LIVE,
        source_path="a.md",
        folder="",
        slug=draw(st.sampled_from(("عنوان-طويل", "plain-title", "新聞", "כותרת"))) + f"-{number}",
        title=draw(lines()),
        summary=draw(lines(0, 12)),
        body_html=draw(bodies(site)),
        language=language,
        direction=LANGUAGES[language],
        authors=tuple(draw(st.lists(names, max_size=3, unique=True))),
        tags=tuple(draw(st.lists(lines(1, 2), max_size=4, unique=True))),
        link=link,
        published=published,
        updated=published + timedelta(microseconds=draw(st.integers(0, 10**12))),
        expires=None,
        enclosures=media,
        image=next((each.url for each in media if each.media_type.startswith("image/")), ""),
    )


@st.composite
def issues(draw: st.DrawFn, min_size: int = 1, max_size: int = 10) -> tuple[Site, Channel, list[Entry]]:
    """A site, one of its feeds, and the entries it carries, each with its own id."""
    site = draw(sites)
    found = draw(st.lists(entries(site), min_size=min_size, max_size=max_size, unique_by=lambda entry: entry.id))
    channel = draw(channels)
    updated = max((entry.updated for entry in found), default=channel.updated)
    return site, replace(channel, updated=updated), found
