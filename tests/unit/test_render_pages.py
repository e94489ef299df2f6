"""HTML pages: what they show, in which language and direction, and what they never do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from render_samples import ARABIC, CHANNEL, ENGLISH, MAIN, SITE

from feedsvc.errors import RenderError
from feedsvc.model import Feed
from feedsvc.render.pages import entry_page, feed_page, landing_page
from feedsvc.render.words import direction_of, human_time, words_for

MOMENT = datetime(2026, 1, 2, 9, 30, tzinfo=UTC)


def soup(page: bytes) -> Any:
    return BeautifulSoup(page.decode(), "html.parser")


def test_entry_page_shows_the_entry() -> None:
    """Title, authors, both times, tags and the body with public addresses are on the page."""
    page = soup(entry_page(ENGLISH, SITE))
    article = page.main.article
    assert (page.title.string, article.h1.string) == (ENGLISH.title, ENGLISH.title)
    assert [bdi.string for bdi in article.select(".meta bdi")] == ["Ada Smith", "منى علي"]
    assert [time["datetime"] for time in article.select("time")] == ["2026-01-02T09:30:00Z", "2026-01-03T10:00:00Z"]
    assert "January 2, 2026" in article.time.string
    assert [tag.get_text(strip=True) for tag in article.select(".tags li")] == ["city", "a & b"]
    assert article.select_one(".body a")["href"] == "https://news.example/media/plan.pdf"


def test_entry_page_knows_its_place() -> None:
    """Canonical address, the three feeds, and the way home; no script."""
    page = soup(entry_page(ENGLISH, SITE))
    assert page.find("link", rel="canonical")["href"] == "https://news.example/entries/tram/"
    assert [(link["type"], link["href"]) for link in page.find_all("link", rel="alternate")] == [
        ("application/atom+xml", "https://news.example/main/atom.xml"),
        ("application/rss+xml", "https://news.example/main/rss.xml"),
        ("application/feed+json", "https://news.example/main/feed.json"),
    ]
    assert page.header.a["href"] == "https://news.example/"
    assert page.find("script") is None
    assert page.find("meta", attrs={"name": "color-scheme"})["content"] == "light dark"


def test_pages_lead_to_the_one_on_which_people_subscribe() -> None:
    """In the language of the page; where there is no such page, none leads there."""
    site = replace(SITE, subscribe_url=f"{SITE.url}/-/subscribe")
    made = {
        "en": (entry_page(ENGLISH, site), landing_page([MAIN], site), feed_page(CHANNEL, [], site)),
        "ar": (entry_page(ARABIC, site),),
    }
    for language, pages in made.items():
        for page in pages:
            link = soup(page).find("a", href=f"https://news.example/-/subscribe?lang={language}")
            assert (link["lang"], link.string) == (language, words_for(language).subscribe)
    for page in (entry_page(ENGLISH, SITE), landing_page([MAIN], SITE), feed_page(CHANNEL, [], SITE)):
        assert b"subscribe" not in page


def test_arabic_entry_page() -> None:
    """Language and direction are on the page, the date is in Arabic, the outside link runs left to right."""
    page = soup(entry_page(ARABIC, SITE))
    assert (page.html["lang"], page.html["dir"]) == ("ar", "rtl")
    assert (page.article["lang"], page.article["dir"]) == ("ar", "rtl")
    assert "يناير" in page.time.string
    assert len(page.find_all("time")) == 1
    assert page.select_one(".meta a")["href"] == "https://example.com/a?b=1&c=2"
    assert page.select_one(".meta a bdi")["dir"] == "ltr"


def test_text_is_never_markup_or_template() -> None:
    """Titles and summaries with markup or braces are shown as they are."""
    hostile = replace(ENGLISH, title='<script>"{{ 7*7 }}"', summary='"><b>{% raw %}', tags=("<i>",), authors=("<u>",))
    for page in (entry_page(hostile, SITE), feed_page(CHANNEL, [hostile], SITE)):
        assert b"{{ 7*7 }}" in page
        assert not {"script", "b", "i", "u"} & {tag.name for tag in soup(page).find_all()}


def test_script_addresses_are_not_linked() -> None:
    """Whatever got through the parser, the page links only to the web."""
    assert b"javascript" not in entry_page(replace(ENGLISH, link="javascript:alert(1)"), SITE)


def test_the_title_is_the_only_first_heading() -> None:
    """Headings of a body that starts at h1 move down one level; others stay."""
    body = "<h1>A</h1><h2>B</h2><h6>C</h6><hr><header>"
    page = entry_page(replace(ENGLISH, body_html=body), SITE).decode()
    assert "<h2>A</h2><h3>B</h3><h6>C</h6><hr><header>" in page
    assert "<h2>B</h2>" in entry_page(replace(ENGLISH, body_html="<h2>B</h2>"), SITE).decode()


def test_feed_page_lists_entries_in_order() -> None:
    """Each entry has its own language and direction, its link, time and summary."""
    page = soup(feed_page(CHANNEL, [ARABIC, ENGLISH], SITE))
    assert page.h1.string == "City Voice"
    assert page.find(class_="lead").string == "All news"
    assert [(a["lang"], a["dir"], a.h2.a.string) for a in page.find_all("article")] == [
        ("ar", "rtl", ARABIC.title),
        ("en", "ltr", ENGLISH.title),
    ]
    assert page.article.h2.a["href"] == SITE.entry_url(ARABIC.slug)
    assert ENGLISH.summary in page.get_text()


def test_an_empty_arabic_feed_page_says_so_in_arabic() -> None:
    """A page without entries is no blank page, and it is mirrored."""
    page = soup(feed_page(replace(CHANNEL, feed=Feed(slug="ar", title="أخبار", language="ar-EG")), [], SITE))
    assert (page.html["lang"], page.html["dir"]) == ("ar-EG", "rtl")
    assert page.main.find("p", lang="ar").string == words_for("ar").empty


def test_landing_page_leads_to_every_feed() -> None:
    """Each feed is there with its page and its three documents."""
    feeds = [MAIN, Feed(slug="أخبار", title="أخبار", language="ar")]
    page = soup(landing_page(feeds, SITE))
    assert page.h1.string == SITE.title
    assert [a.h2.a["href"] for a in page.find_all("article")] == [SITE.feed_url(feed.slug) for feed in feeds]
    assert len(page.find_all("link", rel="alternate")) == 6
    assert page.find("link", rel="canonical")["href"] == "https://news.example/"
    assert words_for("en").empty in soup(landing_page([], SITE)).get_text()


def test_a_page_that_is_no_text_is_refused() -> None:
    """A lone surrogate is an error that names the entry."""
    with pytest.raises(RenderError) as refusal:
        entry_page(replace(ENGLISH, title="a\ud800"), SITE)
    assert refusal.value.entry_id == ENGLISH.id


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en-GB", "2 January 2026, 09:30 UTC"),
        ("de", "2. Januar 2026, 09:30 UTC"),
        ("zh-Hant-TW", "2026年1月2日"),
        ("en-x-private", "January 2, 2026"),
        ("tlh", "2026-01-02T09:30:00Z"),
        ("", "2026-01-02T09:30:00Z"),
    ],
)
def test_times_for_people(language: str, expected: str) -> None:
    """A known language has its own form, a longer tag that of its start, an unknown one RFC 3339."""
    assert expected in human_time(MOMENT, language)


def test_directions_of_languages() -> None:
    """Right to left comes from the language, or its script; unknown is left to right."""
    assert [direction_of(tag) for tag in ("ar", "he-IL", "fa", "ur", "en", "tlh")] == ["rtl"] * 4 + ["ltr"] * 2
