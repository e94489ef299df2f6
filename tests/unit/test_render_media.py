"""Sound, pictures and documents of entries in the three formats and on pages."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from bs4 import BeautifulSoup
from render_samples import ARABIC, ENGLISH, SITE, document

from feedsvc.errors import RenderError
from feedsvc.model import Enclosure, Entry, Format
from feedsvc.render import check_feed
from feedsvc.render.pages import entry_page
from feedsvc.render.texts import primary_enclosure

A = "{http://www.w3.org/2005/Atom}"
CAT = Enclosure(f"{SITE.neutral_origin}/media/{'a' * 64}.png", "image/png", 2_000, "")
TALK = Enclosure(f"{SITE.neutral_origin}/media/{'b' * 64}.mp3", "audio/mpeg", 12_345_678, "The “talk” & more")
FILM = Enclosure("https://cdn.example/film.mp4?a=1&b=2", "video/mp4", None, "")
PLAN = Enclosure(f"{SITE.neutral_origin}/media/{'c' * 64}.pdf", "application/pdf", 1, "Plan <1>")
EPISODE = replace(ENGLISH, enclosures=(CAT, PLAN, FILM, TALK), image=CAT.url)


def public(enclosure: Enclosure) -> str:
    return SITE.localise(enclosure.url)


def test_atom_carries_all_of_them() -> None:
    """Each is a link with type and, where they are known, length and title (RFC 4287 section 4.2.7)."""
    feed = ElementTree.fromstring(document(Format.ATOM, EPISODE))
    links = [dict(link.attrib) for link in feed.iterfind(f"{A}entry/{A}link") if link.get("rel") == "enclosure"]
    assert links == [
        {"rel": "enclosure", "href": public(CAT), "type": "image/png", "length": "2000"},
        {"rel": "enclosure", "href": public(PLAN), "type": "application/pdf", "length": "1", "title": "Plan <1>"},
        {"rel": "enclosure", "href": FILM.url, "type": "video/mp4"},
        {
            "rel": "enclosure", "href": public(TALK), "type": "audio/mpeg", "length": "12345678",
            "title": "The “talk” & more",
        },
    ]  # fmt: skip
    alternates = [link.get("href") for link in feed.iterfind(f"{A}entry/{A}link") if link.get("rel") == "alternate"]
    assert alternates == ["https://news.example/entries/tram/"]


def test_rss_carries_the_one_that_matters() -> None:
    """RSS readers take one enclosure: the sound."""
    channel = ElementTree.fromstring(document(Format.RSS, EPISODE)).find("channel/item")
    assert channel is not None
    assert [dict(each.attrib) for each in channel.iterfind("enclosure")] == [
        {"url": public(TALK), "length": "12345678", "type": "audio/mpeg"}
    ]
    assert channel.findtext("link") == "https://news.example/entries/tram/"


@pytest.mark.parametrize(
    ("enclosures", "primary"),
    [
        ((), None),
        ((CAT,), CAT),
        ((CAT, PLAN), PLAN),
        ((CAT, PLAN, FILM), FILM),
        ((FILM, TALK), TALK),
        ((PLAN, CAT), PLAN),
    ],
)
def test_sound_before_film_before_documents_before_pictures(
    enclosures: tuple[Enclosure, ...], primary: Enclosure | None
) -> None:
    """Of several files the one that readers play is chosen, whatever their order."""
    assert primary_enclosure(replace(ENGLISH, enclosures=enclosures)) == primary


def test_an_unknown_length_is_said_as_rss_wants_it() -> None:
    """RSS requires a length: 0 stands for an unknown one."""
    item = ElementTree.fromstring(document(Format.RSS, replace(ENGLISH, enclosures=(FILM,)))).find(".//enclosure")
    assert item is not None
    assert dict(item.attrib) == {"url": FILM.url, "length": "0", "type": "video/mp4"}


def test_json_feed_tells_image_and_attachments() -> None:
    """The main image has a member of its own (JSON Feed 1.1)."""
    (item,) = json.loads(document(Format.JSON, EPISODE))["items"]
    assert item["image"] == public(CAT)
    assert item["attachments"] == [
        {"url": public(PLAN), "mime_type": "application/pdf", "title": "Plan <1>", "size_in_bytes": 1},
        {"url": FILM.url, "mime_type": "video/mp4"},
        {"url": public(TALK), "mime_type": "audio/mpeg", "title": "The “talk” & more", "size_in_bytes": 12_345_678},
    ]


@pytest.mark.parametrize("format_", Format)
def test_an_entry_without_media_says_nothing_of_them(format_: Format) -> None:
    """Documents of sites that only write stay as they were."""
    text = document(format_)
    assert b"enclosure" not in text
    assert b"attachments" not in text


@pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])
def test_a_reader_finds_the_sound(format_: Format) -> None:
    """A usual reader, feedparser, reads address, type and length back, and the feed has no fault."""
    parsed = feedparser.parse(document(format_, EPISODE, ARABIC))
    assert not parsed.bozo
    sounds = [each for each in parsed.entries[0].enclosures if each.type == "audio/mpeg"]
    assert [(sound.href, sound.length) for sound in sounds] == [(public(TALK), "12345678")]


@pytest.mark.parametrize("format_", Format)
def test_the_guard_lets_them_pass(format_: Format) -> None:
    """The last look before publication accepts all of them."""
    check_feed(format_, document(format_, EPISODE, ARABIC), 2)


@pytest.mark.parametrize(
    ("format_", "old", "new"),
    [
        (Format.RSS, b'length="12345678"', b'length="many"'),
        (Format.RSS, b'type="audio/mpeg"', b'type=""'),
        (Format.RSS, b"<enclosure", b'<enclosure url="x" type="a/b" length="1"/><enclosure'),
        (Format.JSON, b'"mime_type":"audio/mpeg"', b'"mime_type":""'),
    ],
)
def test_the_guard_stops_broken_ones(format_: Format, old: bytes, new: bytes) -> None:
    """An enclosure that readers choke on never gets out, and the entry is named."""
    good = document(format_, EPISODE)
    assert old in good
    with pytest.raises(RenderError) as caught:
        check_feed(format_, good.replace(old, new), 1)
    assert caught.value.entry_id == EPISODE.id


# Pages


def soup(entry: Entry) -> Any:
    return BeautifulSoup(entry_page(entry, SITE), "html.parser")


def test_a_page_plays_and_offers_them() -> None:
    """Players need no script and load nothing before they are asked; each file can be fetched."""
    page = soup(EPISODE)
    audio, video = page.select_one("audio"), page.select_one("video")
    assert (audio["src"], audio["preload"], audio.has_attr("controls")) == (public(TALK), "none", True)
    assert (video["src"], video["preload"], video.has_attr("controls")) == (FILM.url, "none", True)
    assert audio["aria-label"] == "The “talk” & more"
    links = {link["href"]: link.get_text() for link in page.select("figcaption a[download]")}
    assert links == {
        public(PLAN): "Download: Plan <1>",
        FILM.url: f"Download: {ENGLISH.title}",
        public(TALK): "Download: The “talk” & more",
    }
    assert "12.3" in page.select_one(f'figcaption:has(a[href="{public(TALK)}"])').get_text()
    assert page.select_one("script") is None


def test_the_main_image_is_shown_once() -> None:
    """It stands above the text, with words for those who cannot see it, unless the text shows it already."""
    assert [(image["src"], image["alt"]) for image in soup(EPISODE).select("img")] == [(public(CAT), ENGLISH.title)]
    shown = replace(EPISODE, body_html=f'<p><img src="{CAT.url}" alt="A cat"></p>')
    assert [image["alt"] for image in soup(shown).select("img")] == ["A cat"]


def test_arabic_pages_speak_arabic() -> None:
    """Words and numbers follow the language of the entry; types of files stay left to right."""
    page = soup(replace(ARABIC, enclosures=(TALK,)))
    caption = page.select_one("figcaption")
    assert caption.find_parent("article")["dir"] == "rtl"
    assert caption.select_one("span[lang=ar]").get_text() == "تنزيل"
    assert [each.get_text() for each in caption.select('bdi[dir="ltr"]')] == ["audio/mpeg"]
    assert "م.ب" in caption.get_text()


def test_names_are_only_text() -> None:
    """A title with markup in it stays a title."""
    page = soup(replace(ENGLISH, title='"><script>', enclosures=(TALK._replace(title='"><b>'),)))
    assert page.select_one("audio")["aria-label"] == '"><b>'
    assert page.select_one("script") is None
