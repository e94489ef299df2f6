"""Digest mails in a real browser: on a telephone and on a desk, light and dark, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import barriers, chromium, contrast, markup_errors, picture
from mail_samples import ARABIC, ENGLISH, READER, TRAM_ARABIC, content, mailed, rendered

from feedsvc.render.mail import LANGUAGES, personalise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

MAILS = {"ar": ARABIC, "en": ENGLISH}

# Where on the screen each character of a run stands, in each element of a page: from left to right, line by line.
ORDER = """(elements, runs) => elements.map((element, which) => {
  const run = runs[which], letters = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());)
    for (let i = 0; i < node.length; i++) letters.push([node, i]);
  const at = letters.map(([node, i]) => node.data[i]).join('').indexOf(run);
  return letters.slice(at, at + run.length).map(([node, i]) => {
    const range = document.createRange();
    range.setStart(node, i); range.setEnd(node, i + 1);
    const box = range.getBoundingClientRect();
    return [Math.round(box.bottom), box.left, node.data[i]];
  }).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(each => each[2]).join('');
})"""
RUNS = (
    *("https://news.example/tram?lang=ar", "http://127.0.0.1:8080/-/status", "www.news.example/a-b_c"),
    *("ftp://a.example/x/", "mona@reader.example", "a.b+c@x-y.example"),
    *("+20 2 2577 1234", "(02) 2577-1234", "00 20 2 2577 1234", "+1-202-555-0143", "16-5555"),
    *("v3.2.1", "3.2.1", "1.2.3-rc.1", "v2", "10.0.0.1", "4/5", "-5", "+4.5%", "3.5GHz", "x86_64"),
    *("2026-11-24", "23:30", "2026-11-24T10:30Z", "Android 15", "Siemens AG", "C++", "C#", "std::vector"),
    *("feedsvc run --debug", "config/app.toml", "print()", "--root", "a->b"),
)
PLACES = (
    "قال {} أمس",
    "قال ({}) أمس",
    "قال: {}.",
    "قال {}، ثم 15 مرة",
    "{} قال",
    "رقم 7 {} ثم 8",
    "«{}»؟",
    "ما هو {}؟ لا",
    "{}",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with chromium() as running:
        yield running


def shown(browser: Browser, name: str, width: int = 360, scheme: str = "light") -> Page:
    """Open the HTML part of a digest."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(content(mailed(MAILS[name]), "html"))
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 800])
@pytest.mark.parametrize("name", MAILS)
def test_mail_is_readable(browser: Browser, name: str, width: int, scheme: str) -> None:
    """Nothing scrolls sideways, every text has contrast (WCAG 2.2, 1.4.3), and dark is dark."""
    page = shown(browser, name, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    lowest, paper = contrast(page)
    assert lowest >= 4.5
    assert (paper > 0.5) == (scheme == "light")
    assert len(picture(page, f"mail {name} {width} {scheme}")) > 5000
    page.close()


@pytest.mark.parametrize(("name", "side"), [("ar", "right"), ("en", "left")])
def test_lines_begin_at_the_side_of_the_language(browser: Browser, name: str, side: str) -> None:
    """Headings of the mail and of its own entries stand at one edge, those of foreign entries at the other."""
    page = shown(browser, name, 800)
    text = """(element, side) => {
      const range = document.createRange(); range.selectNodeContents(element);
      const outer = element.getBoundingClientRect(), inner = range.getBoundingClientRect();
      return Math.abs(outer[side] - inner[side]) < 2;
    }"""
    assert page.locator("h1").evaluate(text, side)
    for box in page.locator(".entry > div").all():
        own = "right" if box.get_attribute("dir") == "rtl" else "left"
        assert box.locator("h2").evaluate(text, own)
    page.close()


@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("language", ["ar", "fa", "he", "ur"])
def test_runs_inside_arabic_keep_their_order(browser: Browser, language: str, width: int) -> None:
    """Each character of a link, a number or a version stands where it does in left-to-right text."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    for place in PLACES:
        texts = [place.format(run) for run in RUNS]
        made = rendered(
            ARABIC, entries=tuple(TRAM_ARABIC._replace(language=language, title=t, summary=t) for t in texts)
        )
        assert made.shown == len(RUNS)
        page.set_content(content(personalise(made, READER), "html"))
        for where in (".entry h2", ".summary"):
            assert page.locator(where).evaluate_all(ORDER, RUNS) == list(RUNS)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out(browser: Browser, language: str, scheme: str) -> None:
    """axe-core finds nothing serious in a digest in any language."""
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(digest_in(language))
    assert barriers(page) == []
    page.close()


def test_the_markup_is_valid(tmp_path: Path) -> None:
    """html-validate finds no error; that styles are inline is what mail programs want, a long title is the subject."""
    documents = {language: digest_in(language) for language in LANGUAGES}
    assert markup_errors(tmp_path, documents, "no-inline-style", "long-title") == ""


def digest_in(language: str) -> str:
    """Return the HTML part of a digest for readers of a language."""
    base = ARABIC if language == "ar" else ENGLISH
    return content(mailed(base, language=language), "html")
