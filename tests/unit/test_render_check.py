"""The check of finished documents: it passes what is right and names what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from render_samples import CHANNEL, ENGLISH, SITE, document

from feedsvc.errors import RenderError
from feedsvc.model import Format
from feedsvc.render import check_feed, render_feed

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("format_", Format)
def test_good_documents_pass(format_: Format) -> None:
    """A full and an empty document are valid in every format."""
    check_feed(format_, document(format_), 2)
    check_feed(format_, render_feed(format_, CHANNEL, [], SITE), 0)


@pytest.mark.parametrize("format_", Format)
def test_a_wrong_number_of_entries_is_refused(format_: Format) -> None:
    """An entry that got lost on the way is noticed."""
    with pytest.raises(RenderError, match="2 entries instead of 3"):
        check_feed(format_, document(format_), 3)


@pytest.mark.parametrize("format_", Format)
def test_an_id_twice_is_refused_by_name(format_: Format) -> None:
    """The id that occurs twice is named."""
    with pytest.raises(RenderError, match="twice") as refusal:
        check_feed(format_, document(format_, ENGLISH, ENGLISH), 2)
    assert refusal.value.entry_id == ENGLISH.id


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("text", [b"", b"<a>", b"{", b"\xff", b"<a/>", b"{}", b"[]"])
def test_other_things_are_refused(format_: Format, text: bytes) -> None:
    """What is no feed at all is refused in plain words."""
    with pytest.raises(RenderError):
        check_feed(format_, text, 0)


SPOILED_XML = {
    "atom feed time": (Format.ATOM, "<updated>2026-01-03T10:00:00.000007+00:00</updated><author>", "<author>", False),
    "atom time without zone": (Format.ATOM, "09:30:00+00:00</published>", "09:30:00</published>", True),
    "atom no time": (Format.ATOM, "2026-01-02T09:30:00+00:00</published>", "today</published>", True),
    "atom title": (Format.ATOM, '<title>Council says "yes" &amp; &lt;no&gt;</title>', "<title> </title>", True),
    "atom content": (Format.ATOM, '<content type="html">', '<content type="html"/><content>', True),
    "atom link": (Format.ATOM, 'href="https://news.example/entries/tram/" ', "", True),
    "atom alternates": (Format.ATOM, "/entries/tram/", '/" rel="alternate"/><link href="/entries/tram/', True),
    "atom feed link": (Format.ATOM, 'href="https://hub.example/?a=1&amp;b=2" ', "", False),
    "rss version": (Format.RSS, 'version="2.0"', 'version="0.91"', False),
    "rss channels": (Format.RSS, "</channel>", "</channel><channel/>", False),
    "rss feed link": (Format.RSS, "<link>https://news.example/main/</link>", "", False),
    "rss feed time": (Format.RSS, "03 Jan 2026 10:00:00 +0000", "03 Jan 2026 10:00:00", False),
    "rss item time": (Format.RSS, "02 Jan 2026 09:30:00 +0000", "yesterday", True),
    "rss content": (Format.RSS, "content:encoded>", "dc:subject>", True),
    "rss description": (Format.RSS, "<description>A vote", "<description/><description>A vote", True),
    "rss broken": (Format.RSS, "</item>", "</tem>", False),
}


@pytest.mark.parametrize("name", SPOILED_XML)
def test_a_spoiled_document_is_refused(name: str) -> None:
    """Each fault is found, and where it is the fault of an entry, the entry is named."""
    format_, old, new, names_entry = SPOILED_XML[name]
    good = document(format_).decode()
    assert old in good
    spoiled = good.replace(old, new, 2 if old == "content:encoded>" else 1)
    with pytest.raises(RenderError) as refusal:
        check_feed(format_, spoiled.encode(), 2)
    assert refusal.value.entry_id == (ENGLISH.id if names_entry else None)


def test_an_atom_entry_without_any_author_is_refused() -> None:
    """RFC 4287 section 4.1.2 wants an author at the entry or at the feed."""
    text = document(Format.ATOM, authors=()).decode()
    head, author, rest = text.partition("<author>")
    without = head + (author + rest).partition("</author>")[2]
    with pytest.raises(RenderError, match="author"):
        check_feed(Format.ATOM, without.encode(), 2)


SPOILED_JSON: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "version": (lambda feed: feed.update(version="https://jsonfeed.org/version/1"), False),
    "no items": (lambda feed: feed.update(items=None), False),
    "no title": (lambda feed: feed.pop("title"), False),
    "item is text": (lambda feed: feed["items"].__setitem__(0, "x"), False),
    "id is a number": (lambda feed: feed["items"][0].update(id=7), False),
    "content": (lambda feed: feed["items"][0].update(content_html=""), True),
    "time": (lambda feed: feed["items"][0].update(date_published="2026-01-02"), True),
}


@pytest.mark.parametrize("name", SPOILED_JSON)
def test_a_spoiled_json_feed_is_refused(name: str) -> None:
    """Each fault is found, and where it is the fault of an item, the item is named."""
    spoil, names_entry = SPOILED_JSON[name]
    feed = json.loads(document(Format.JSON))
    spoil(feed)
    with pytest.raises(RenderError) as refusal:
        check_feed(Format.JSON, json.dumps(feed).encode(), 2)
    assert refusal.value.entry_id == (ENGLISH.id if names_entry else None)
