"""Both directions in one mail: mirrored where the language is, isolated where a run goes the other way."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from mail_samples import ARABIC, ENGLISH, READER, TRAM_ARABIC, content, mailed

from feedsvc.render.mail.plain import HtmlForm, TextForm, direction_of_text, plain

FSI, PDI = "\u2068", "\u2069"


def soup(message: bytes) -> Any:
    return BeautifulSoup(content(message, "html"), "html.parser")


def test_an_arabic_mail_is_mirrored() -> None:
    """Page and wrapper say so, because mail programs drop the page; lines begin at the right."""
    page = soup(mailed(ARABIC))
    assert (page.html["lang"], page.html["dir"]) == ("ar", "rtl")
    wrapper = page.body.select_one("div.page")
    assert (wrapper["lang"], wrapper["dir"]) == ("ar", "rtl")
    assert "text-align: right" in wrapper["style"]
    assert ["text-align: left" in box["style"] for box in page.select(".entry")] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("راجع https://news.example/a?b=1&c=2.", ["https://news.example/a?b=1&c=2"]),
        ("اكتب إلى desk@news.example، أو اتصل بالرقم +20 2 2577 1234.", ["desk@news.example", "+20 2 2577 1234"]),
        ("الإصدار v3.2.1 من feedsvc-mail", ["v3.2.1", "feedsvc-mail"]),
        ("الإصدار 3.2.1 صدر", ["3.2.1"]),
        ("الإصدار 1.2.3-rc.1 صدر في 2026-11-24T10:30Z", ["1.2.3-rc.1", "2026-11-24T10:30Z"]),
        ("الحرارة (-5) والزيادة +4.5%", ["-5", "+4.5%"]),
        ("شركة Siemens AG قالت", ["Siemens AG"]),
        ("لغة C++ والأمر feedsvc run --debug", ["C++", "feedsvc run --debug"]),
        ("بلا أي شيء آخر 2026", []),
    ],
)
def test_runs_from_left_to_right_are_isolated(text: str, runs: list[str]) -> None:
    """Links, numbers, versions and code keep their order inside Arabic text, as spans that mail programs keep."""
    spans = BeautifulSoup(HtmlForm().prose(text, "rtl"), "html.parser").find_all("span")
    assert [span.get_text() for span in spans] == runs
    assert all(span["dir"] == "ltr" and "unicode-bidi:isolate" in span["style"] for span in spans)
    assert BeautifulSoup(HtmlForm().prose(text, "rtl"), "html.parser").get_text() == text


def test_no_bdi_and_no_isolates_in_left_to_right_text() -> None:
    """English text needs neither; ``<bdi>`` is never used."""
    assert HtmlForm().prose("See https://news.example, v3.2", "ltr") == "See https://news.example, v3.2"
    assert "<bdi" not in content(mailed(ARABIC), "html")


def test_text_part_isolates_with_controls_but_never_a_link() -> None:
    """A control beside a link would become a part of it where a mail program makes it clickable."""
    text = content(mailed(ARABIC), "plain")
    assert f"{FSI}+20 2 2577 1234{PDI}" in text
    assert f"{FSI}Ada Smith{PDI}" in text
    assert text.count(FSI) == text.count(PDI)
    assert f"{PDI}\n{TRAM_ARABIC.url}" not in text
    assert f"\n{READER.unsubscribe_url}\n" in text


def test_values_of_the_other_direction_are_isolated_in_sentences() -> None:
    """The address of the reader in an Arabic sentence, an Arabic author in an English line."""
    page = soup(mailed(ARABIC))
    (address,) = [span for span in page.select(".foot span") if span.get_text() == READER.address]
    assert address["dir"] == "ltr"
    author = soup(mailed(ENGLISH)).select_one(".byline span")
    assert (author.get_text(), author["dir"]) == ("منى علي", "rtl")


def test_controls_of_direction_do_not_leak() -> None:
    """An override in a title ends with it: it is dropped."""
    assert plain("a\u202eb\u2066c\u2069") == "abc"
    assert TextForm().insert("abc", "rtl") == f"{FSI}abc{PDI}"


def test_direction_is_that_of_the_first_letter() -> None:
    """Digits and signs say nothing (UAX #9, P2)."""
    assert [direction_of_text(text) for text in ("12 أ", "(a) ب", "123")] == ["rtl", "ltr", None]
