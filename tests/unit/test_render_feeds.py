"""Feed documents: what feedgen gets wrong is right, and what is stitched is what feedgen would have written."""

from __future__ import annotations

import json
import locale
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from entry_strategies import issues
from hypothesis import given, settings
from render_samples import ARABIC, CHANNEL, ENGLISH, MAIN, SITE, document

from feedsvc.errors import RenderError
from feedsvc.model import Channel, Entry, Feed, Format, Site
from feedsvc.render import atom, check_feed, render_entry, render_feed, rss

A = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def atom_feed(*entries: Entry, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(document(Format.ATOM, *entries, **options))


def rss_channel(*entries: Entry, **options: Any) -> ElementTree.Element:
    channel = ElementTree.fromstring(document(Format.RSS, *entries, **options)).find("channel")
    assert channel is not None
    return channel


def json_feed(*entries: Entry, **options: Any) -> Any:
    return json.loads(document(Format.JSON, *entries, **options))


@settings(max_examples=25)
@given(issues())
def test_stitched_documents_are_what_feedgen_writes(issue: tuple[Site, Channel, list[Entry]]) -> None:
    """Head, fragments and tail are byte for byte the document that feedgen builds from the same entries."""
    site, channel, entries = issue
    for format_, side, method in ((Format.ATOM, atom, "atom_str"), (Format.RSS, rss, "rss_str")):
        generator = side.feedgen_feed(channel, site)
        for entry in entries:
            generator.add_entry(side.feedgen_entry(entry, site), order="append")
        stitched = render_feed(format_, channel, [render_entry(format_, entry, site) for entry in entries], site)
        assert stitched == getattr(generator, method)()


@pytest.mark.parametrize("format_", Format)
def test_the_clock_leaves_no_trace(format_: Format) -> None:
    """The same entries give the same bytes years later: nothing says now."""
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        early = document(format_)
    with time_machine.travel(datetime(2044, 4, 4, 4, 4, 4, tzinfo=UTC)):
        late = document(format_)
    assert early == late
    assert b"2030" not in early


def test_no_locale_call_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates of RSS are written without touching the locale of the process, which other threads use too."""

    def refuse(*_: object) -> str:
        pytest.fail("the locale was touched")

    monkeypatch.setattr(locale, "setlocale", refuse)
    channel = rss_channel()
    assert [channel.findtext("lastBuildDate"), channel.findtext("item/pubDate")] == [
        "Sat, 03 Jan 2026 10:00:00 +0000",
        "Fri, 02 Jan 2026 09:30:00 +0000",
    ]


def test_atom_entry_says_everything() -> None:
    """Language, id, times, typed link, plain title and summary, HTML content with direction, authors and tags."""
    entry = atom_feed(ENGLISH).find(f"{A}entry")
    assert entry is not None
    assert entry.get(LANG) == "en"
    assert entry.findtext(f"{A}id") == ENGLISH.id
    assert entry.findtext(f"{A}published") == "2026-01-02T09:30:00+00:00"
    assert entry.findtext(f"{A}updated") == "2026-01-03T10:00:00.000007+00:00"
    assert [link.attrib for link in entry.iterfind(f"{A}link")] == [
        {"href": "https://news.example/entries/tram/", "rel": "alternate"}
    ]
    assert entry.findtext(f"{A}title") == ENGLISH.title
    assert entry.findtext(f"{A}summary") == ENGLISH.summary
    content = entry.find(f"{A}content")
    assert content is not None
    assert content.attrib == {"type": "html"}
    assert content.text == (
        '<div lang="en" dir="ltr"><p>The <a href="https://news.example/media/plan.pdf">plan</a> &amp; more.</p></div>'
    )
    assert [name.text for name in entry.iterfind(f"{A}author/{A}name")] == ["Ada Smith", "منى علي"]
    assert [tag.get("term") for tag in entry.iterfind(f"{A}category")] == ["city", "a & b"]


def test_an_atom_link_keeps_its_attributes() -> None:
    """What feedgen drops from a link of an entry is there again: an enclosure stays an enclosure."""
    target = atom.feedgen_entry(ENGLISH, SITE)
    target.link(
        href="https://x.example/a.mp3", rel="enclosure", type="audio/mpeg", length="9", title="t", hreflang="de"
    )
    links = [dict(link.attrib) for link in target.atom_entry().iterfind("link")]
    assert links[1] == {
        "href": "https://x.example/a.mp3",
        "rel": "enclosure",
        "type": "audio/mpeg",
        "hreflang": "de",
        "title": "t",
        "length": "9",
    }


def test_rss_item_says_everything() -> None:
    """RSS carries authors without mail, its language, and the time of change beside the time of publication."""
    item = rss_channel(ENGLISH).find("item")
    assert item is not None
    guid = item.find("guid")
    assert guid is not None
    assert (guid.text, guid.attrib) == (ENGLISH.id, {"isPermaLink": "false"})
    assert item.findtext("title") == ENGLISH.title
    assert item.findtext("description") == "A vote &amp; a &lt;line&gt;."
    assert (item.findtext(f"{CONTENT}encoded") or "").startswith(
        '<div lang="en" dir="ltr"><p>The <a href="https://news.'
    )
    assert [creator.text for creator in item.iterfind(f"{DC}creator")] == ["Ada Smith", "منى علي"]
    assert (item.get(LANG), item.findtext(f"{DC}language")) == ("en", "en")
    assert item.findtext(f"{A}updated") == "2026-01-03T10:00:00.000007+00:00"
    assert [tag.text for tag in item.iterfind("category")] == ["city", "a & b"]


def test_json_item_says_everything() -> None:
    """JSON Feed 1.1 has a member for every field."""
    assert json_feed(ARABIC)["items"] == [
        {
            "id": ARABIC.id,
            "url": "https://example.com/a?b=1&c=2",
            "title": ARABIC.title,
            "summary": ARABIC.summary,
            "content_html": f'<div lang="ar" dir="rtl">{ARABIC.body_html}</div>',
            "date_published": "2026-01-02T09:30:00Z",
            "date_modified": "2026-01-02T09:30:00.000001Z",
            "tags": ["نقل"],
            "language": "ar",
        }
    ]


def test_rss_link_is_the_page_and_every_further_link_survives() -> None:
    """The channel's link is its page, there is one self, and hub and other relations are not lost."""
    channel = rss_channel()
    assert channel.findtext("link") == "https://news.example/main/"
    assert [(link.get("rel"), link.get("href")) for link in channel.iterfind(f"{A}link")] == [
        ("self", "https://news.example/main/rss.xml"),
        ("hub", "https://hub.example/?a=1&b=2"),
        ("current", "x:y"),
    ]


def test_atom_feed_links() -> None:
    """An Atom feed names itself, its page, and every further link."""
    assert [(link.get("rel"), link.get("type"), link.get("href")) for link in atom_feed().iterfind(f"{A}link")] == [
        ("self", "application/atom+xml", "https://news.example/main/atom.xml"),
        ("alternate", "text/html", "https://news.example/main/"),
        ("hub", None, "https://hub.example/?a=1&b=2"),
        ("current", None, "x:y"),
    ]


def test_json_feed_head() -> None:
    """A hub becomes a member of hubs, the next page next_url; other relations have no place in JSON Feed."""
    links = (*CHANNEL.links, ("next", "https://news.example/main/2.json"))
    feed = json_feed(channel=replace(CHANNEL, links=links), site=replace(SITE, author="منى"))
    del feed["items"]
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "City Voice",
        "home_page_url": "https://news.example/main/",
        "feed_url": "https://news.example/main/feed.json",
        "description": "All news",
        "language": "en",
        "authors": [{"name": "منى"}],
        "hubs": [{"type": "WebSub", "url": "https://hub.example/?a=1&b=2"}],
        "next_url": "https://news.example/main/2.json",
    }


def test_feed_has_a_language_a_time_and_an_author() -> None:
    """The feed's own language wins over the site's; its times are the channel's; Atom always has an author."""
    channel = replace(CHANNEL, feed=replace(MAIN, language="ar"))
    feed, written = atom_feed(channel=channel), rss_channel(channel=channel)
    assert (feed.get(LANG), written.findtext("language")) == ("ar", "ar")
    assert json_feed(channel=channel)["language"] == "ar"
    assert feed.findtext(f"{A}updated") == "2026-01-03T10:00:00.000007+00:00"
    assert written.findtext("pubDate") == written.findtext("lastBuildDate")
    assert feed.findtext(f"{A}author/{A}name") == SITE.title
    assert feed.findtext(f"{A}generator") == written.findtext("generator") == "feedsvc"


def test_the_sites_author_stands_in() -> None:
    """An entry without author has that of the site in every format."""
    site = replace(SITE, author="هيئة التحرير")
    assert atom_feed(ARABIC, site=site).findtext(f"{A}entry/{A}author/{A}name") == site.author
    assert rss_channel(ARABIC, site=site).findtext(f"item/{DC}creator") == site.author
    assert json_feed(ARABIC, site=site)["items"][0]["authors"] == [{"name": site.author}]


def test_an_empty_summary_stays_empty() -> None:
    """Without a summary the content does not slip into the description of RSS."""
    item = rss_channel(ENGLISH, summary="").find("item")
    assert item is not None
    assert (item.findtext("description"), (item.findtext(f"{CONTENT}encoded") or "")[:5]) == ("", "<div ")
    assert [child.tag for child in item][2:4] == ["description", f"{CONTENT}encoded"]
    assert atom_feed(ENGLISH, summary="").findtext(f"{A}entry/{A}summary") == ""


def test_fragments_declare_no_prefix() -> None:
    """A fragment leaves name spaces to the document: no ns0, no xmlns."""
    for format_ in (Format.ATOM, Format.RSS):
        fragment = render_entry(format_, ENGLISH, SITE)
        assert re.search(rb"\bns\d|xmlns", fragment) is None
    assert render_entry(Format.RSS, ENGLISH, SITE).startswith(b"<item")


def test_the_feed_id_survives_a_change_of_address() -> None:
    """Feed ids come from the name space of the site, not from its URL, and differ between feeds and sites."""
    here = atom_feed().findtext(f"{A}id")
    assert here == atom_feed(site=replace(SITE, url="http://other.example")).findtext(f"{A}id")
    assert here != atom_feed(channel=replace(CHANNEL, feed=replace(MAIN, slug="b"))).findtext(f"{A}id")


@pytest.mark.parametrize("format_", Format)
def test_a_strange_feed_title_is_repaired(format_: Format) -> None:
    """A folder name with control characters or undecodable bytes cannot stop its feed; empty titles are filled."""
    strange = Channel(Feed(slug="x", title="a\x07\udcff\n b"), CHANNEL.updated)
    nameless = Channel(Feed(slug="x", title=""), CHANNEL.updated)
    assert "a\ufffd\ufffd b" in document(format_, channel=strange).decode()
    check_feed(format_, document(format_, channel=nameless, site=replace(SITE, title="", description="")), 2)


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("field", ["title", "summary", "body_html"])
@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ufffe", "\ud800"])
def test_an_impossible_character_names_its_entry(format_: Format, field: str, character: str) -> None:
    """The entry that cannot be written is named, so that it alone is put aside."""
    with pytest.raises(RenderError) as refusal:
        document(format_, ENGLISH, **{field: f"a{character}b"})
    assert refusal.value.entry_id == ENGLISH.id


def test_a_surrogate_anywhere_names_its_entry() -> None:
    """JSON itself could carry a lone surrogate in a link, UTF-8 cannot."""
    with pytest.raises(RenderError) as refusal:
        document(Format.JSON, ENGLISH, link="https://x.example/\udc80")
    assert refusal.value.entry_id == ENGLISH.id


@pytest.mark.parametrize("format_", Format)
def test_an_impossible_head_is_refused(format_: Format) -> None:
    """A head that cannot be written is an error about no entry."""
    channel = replace(CHANNEL, links=(("hub", "https://x.example/\udc80"),))
    with pytest.raises(RenderError) as refusal:
        render_feed(format_, channel, [], SITE)
    assert refusal.value.entry_id is None


def test_an_entry_without_title_is_refused() -> None:
    """Feedgen refuses it, and the refusal names the entry."""
    with pytest.raises(RenderError, match="00001"):
        render_entry(Format.ATOM, replace(ENGLISH, title=""), SITE)
