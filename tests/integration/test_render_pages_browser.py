"""Pages in a real browser: right to left where the text is, and readable in light and dark."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from browser import chromium, contrast
from render_samples import ARABIC, CHANNEL, ENGLISH, MAIN, SITE

from feedsvc.model import Feed
from feedsvc.render.pages import entry_page, feed_page, landing_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PAGES = {
    "entry": entry_page(ENGLISH, SITE),
    "arabic entry": entry_page(ARABIC, SITE),
    "feed": feed_page(CHANNEL, [ENGLISH, ARABIC], SITE),
    "landing": landing_page([MAIN, Feed(slug="ar", title="أخبار", description="بالعربية", language="ar")], SITE),
}

# Boxes of the first and the last letter on the first line of an element.
LINE_ENDS = """element => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), letters = [];
  for (let node; (node = walker.nextNode());)
    for (let i = 0; i < node.length; i++) {
      if (!/\\p{L}/u.test(node.data[i])) continue;
      const range = document.createRange();
      range.setStart(node, i); range.setEnd(node, i + 1);
      letters.push(range.getBoundingClientRect());
    }
  const line = letters.filter(box => Math.abs(box.top - letters[0].top) < letters[0].height / 2);
  return [line[0].x, line.at(-1).x, letters.length - line.length];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with chromium() as running:
        yield running


def shown(browser: Browser, name: str, **options: Any) -> Page:
    """Open a page the way a reader without scripts sees it."""
    page = browser.new_page(viewport={"width": 480, "height": 800}, **options)
    page.set_content(PAGES[name].decode())
    return page


def test_an_arabic_page_reads_right_to_left(browser: Browser) -> None:
    """In title and text the first letter of the first line is at its right end, and the page says so."""
    page = shown(browser, "arabic entry")
    assert page.locator("html").get_attribute("dir") == "rtl"
    for selector in ("h1", ".body p >> nth=0"):
        first, last, on_further_lines = page.locator(selector).evaluate(LINE_ENDS)
        assert first > last
        assert on_further_lines > 0
    page.close()


def test_an_english_page_reads_left_to_right(browser: Browser) -> None:
    """The same measure tells the other direction."""
    page = shown(browser, "entry")
    assert page.locator("html").get_attribute("dir") == "ltr"
    first, last, _ = page.locator("h1").evaluate(LINE_ENDS)
    assert first < last
    page.close()


def test_an_arabic_entry_is_mirrored_inside_an_english_feed_page(browser: Browser) -> None:
    """Each entry of a mixed feed starts at the side where its language starts."""
    page = shown(browser, "feed")
    english, arabic = (page.locator("article h2").nth(n).evaluate(LINE_ENDS) for n in (0, 1))
    assert english[0] < english[1]
    assert arabic[0] > arabic[1]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_text_has_contrast(browser: Browser, name: str, scheme: str) -> None:
    """No text has less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3), and dark is really dark."""
    page = shown(browser, name, color_scheme=scheme)
    lowest, paper = contrast(page)
    assert lowest >= 4.5
    assert (paper > 0.5) == (scheme == "light")
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_the_outline_is_plain_to_a_screen_reader(browser: Browser, name: str) -> None:
    """One h1, one main, no skipped level, every link has a text, nothing scrolls sideways on a phone."""
    page = shown(browser, name)
    levels = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all("all => all.map(h => Number(h.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("main").count() == 1
    assert all(page.locator("a").evaluate_all("all => all.map(a => a.innerText.trim())"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
