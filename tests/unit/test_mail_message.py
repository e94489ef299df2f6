"""The message of a digest: its parts, its size, what is personal in it, and that it is always the same."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from mail_samples import (
    APP_ARABIC,
    ARABIC,
    ENGLISH,
    LIBRARY,
    READER,
    TRAM,
    TRAM_ARABIC,
    content,
    mailed,
    parsed,
    rendered,
    shipped,
)

from feedsvc.model import RenderedDigest
from feedsvc.render.mail import MAX_PART_BYTES, finish_mail, personalise, render_digest


def soup(message: bytes) -> Any:
    return BeautifulSoup(content(message, "html"), "html.parser")


def test_text_comes_first_and_html_last() -> None:
    """multipart/alternative lists the richest form last (RFC 2046 section 5.1.4), and each part is whole."""
    mail = parsed(mailed())
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in mail.iter_parts()] == ["utf-8", "utf-8"]
    assert [part.defects for part in mail.walk()] == [[], [], []]


def test_both_parts_show_every_entry() -> None:
    """Titles, summaries, authors, feeds and links are in the text as well as in the HTML."""
    text, html = " ".join(content(mailed(), "plain").split()), soup(mailed())
    for entry in (TRAM, LIBRARY):
        for told in (entry.title, entry.summary, *entry.feeds, entry.url):
            assert told in text
    assert [link["href"] for link in html.select("h2 a")] == [TRAM.url, TRAM_ARABIC.url, LIBRARY.url]
    assert [link.get_text() for link in html.select("h2 a")] == [TRAM.title, TRAM_ARABIC.title, LIBRARY.title]
    assert TRAM.summary in html.get_text()


def test_the_footer_has_the_ways_out() -> None:
    """Why, where to change it and how to end it, with the links of this person; nothing of anybody else."""
    for form in ("plain", "html"):
        shown = content(mailed(), form)
        assert READER.unsubscribe_url in shown
        assert READER.preferences_url in shown
        assert READER.address in shown
    assert [link.get_text() for link in soup(mailed()).select("a")[-2:]] == [
        "Change feeds, hour or language",
        "Unsubscribe",
    ]


def test_text_has_72_columns_and_whole_links() -> None:
    """Only a link is longer than a terminal is wide, and it stands on a line of its own."""
    for line in content(mailed(ARABIC), "plain").splitlines():
        assert len(line) <= 72 or line.startswith("https://")
        assert line == line.rstrip()
    assert f"\n{READER.unsubscribe_url}\n" in content(mailed(), "plain")


def test_lines_are_short_and_ascii() -> None:
    """Bodies are encoded, lines end in CRLF, and none is longer than any relay takes (RFC 5321 section 4.5.3.1.6)."""
    for digest in (ENGLISH, ARABIC):
        message = mailed(digest)
        assert message.isascii()
        assert re.search(rb"(?<!\r)\n|\r(?!\n)", message) is None
        body = message.partition(b"\r\n\r\n")[2]
        assert max(map(len, body.split(b"\r\n"))) <= 76


@pytest.mark.parametrize(
    ("digest", "encoding"), [(replace(ENGLISH, entries=(TRAM, LIBRARY)), "quoted-printable"), (ARABIC, "base64")]
)
def test_the_shorter_encoding_is_taken(digest: Any, encoding: str) -> None:
    """Latin text stays readable in its source, Arabic text does not grow threefold."""
    big = replace(digest, entries=digest.entries[:2] * 20)
    assert {part["Content-Transfer-Encoding"] for part in parsed(mailed(big)).iter_parts()} == {encoding}


def test_five_thousand_entries_are_cut_from_the_end() -> None:
    """Neither part is over the limit, the rest is counted with a link, and the footer is whole."""
    message = mailed(entries=ENGLISH.entries[:2] * 2500, left_out=0)
    made = rendered(entries=ENGLISH.entries[:2] * 2500, left_out=0)
    assert made.shown + made.left_out == 5000
    assert made.shown > 50
    for part in parsed(message).iter_parts():
        assert len(part.get_payload()) <= MAX_PART_BYTES
    html = soup(message)
    assert len(html.select("h2")) == made.shown
    more = html.select_one("p.more a")
    assert (more.get_text(), more["href"]) == (f"{made.left_out:,} more entries on the site", ENGLISH.more_url)
    assert READER.unsubscribe_url in content(message, "plain")
    assert html.select("a")[-1]["href"] == READER.unsubscribe_url


def test_one_more_entry_would_not_have_fitted() -> None:
    """As much is shown as there is room for, up to a person with the longest links."""
    made = rendered(entries=(APP_ARABIC,) * 5000, left_out=0)
    size = len(parsed(personalise(made, READER)).get_body(("html",)).get_payload())  # type: ignore[union-attr]
    assert MAX_PART_BYTES - 6000 < size <= MAX_PART_BYTES


def test_one_rendering_serves_all() -> None:
    """Each person's message holds their own addresses and is else the same to the byte; it survives the store."""
    made = rendered()
    other = replace(
        READER, address="a&b@reader.example", unsubscribe_url="https://news.example/-/u?a=1&b=2", message_seed="2"
    )
    mine, theirs = personalise(made, READER), personalise(made, other)
    assert READER.unsubscribe_url not in content(theirs, "html")
    assert soup(theirs).select("a")[-1]["href"] == other.unsubscribe_url
    assert "a&b@reader.example" in soup(theirs).get_text()
    assert content(mine, "plain").split("=====")[0] == content(theirs, "plain").split("=====")[0]
    assert personalise(RenderedDigest.unpacked(made.packed()), READER) == mine
    assert render_digest(ENGLISH, shipped()) == made


def test_content_cannot_call_for_personal_links() -> None:
    """A text that holds the placeholder of another digest keeps it: nobody's token gets into an entry."""
    slot = rendered().slot
    forged = content(
        mailed(entries=(TRAM._replace(title=f"{slot}u", summary=f"https://evil.example/?{slot}u"),)), "html"
    )
    assert f"https://evil.example/?{slot}u" in forged
    assert forged.count(READER.unsubscribe_url) == 1


def test_hostile_content_stays_text() -> None:
    """Neither HTML nor template language of an entry does anything."""
    nasty = '{{ 7*7 }} {% raw %} <script>alert(1)</script> <img src=x onerror=y> " onclick="z'
    page = soup(mailed(entries=(TRAM._replace(title=nasty, summary=nasty, authors=(nasty,), feeds=(nasty,)), LIBRARY)))
    assert page.select_one("h2").get_text() == nasty
    assert page.find(["script", "img"]) is None
    assert all("onclick" not in tag.attrs for tag in page.find_all(True))
    assert "{{ 7*7 }} {% raw %}" in content(mailed(entries=(TRAM._replace(title=nasty),)), "plain")


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No pictures, fonts, scripts or forms: opening a mail tells nobody."""
    page = content(mailed(), "html")
    assert re.search(r"<(?:img|script|form|link|iframe|object)|url\(|@import", page) is None


def test_html_is_accessible() -> None:
    """A language, one h1, headings in order, texts in all links, and what is foreign says in what language it is."""
    page = soup(mailed())
    assert [tag.name for tag in page.find_all(["h1", "h2", "h3"])] == ["h1", "h2", "h2", "h2"]
    assert all(link.get_text().strip() for link in page.find_all("a"))
    assert page.html["lang"] == page.body.select_one("div.page")["lang"] == "en"
    assert [(box["lang"], box["dir"]) for box in page.select(".entry > div")] == [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("en", "ltr"),
    ]
    assert page.find("meta", attrs={"name": "color-scheme"})["content"] == "light dark"
    assert "prefers-color-scheme: dark" in str(page.style)


def test_feeds_are_named_where_they_differ() -> None:
    """A digest of one feed does not repeat its name at each entry."""
    assert len(soup(mailed()).select(".entry .label")) == 3
    assert soup(mailed(entries=(TRAM, TRAM))).select(".entry .label") == []


@pytest.mark.parametrize(
    ("part", "is_ready"),
    [
        ({}, True),
        ({"finished": ".hidden\r\n"}, False),
        ({"finished": "a line\r\n.and a dot\r\n"}, False),
        ({"finished": "a lone\rend\r\n"}, False),
        ({"finished": "another\nend\r\n"}, False),
        ({"rest": "a line\r\n. of this reader"}, False),
    ],
)
def test_what_the_wire_must_change_is_noticed(part: dict[str, str], is_ready: bool) -> None:
    """A dot at the beginning of a line, or half of a line end, in what all share or in what one reader gets."""
    made = rendered(ENGLISH)
    spoiled = replace(made, text=made.text._replace(encoding="quoted-printable", **part))
    finished = finish_mail(spoiled, READER)
    assert finished.is_wire_ready is is_ready
    assert finished.message == personalise(spoiled, READER)
