"""Digest mails in a real browser: on a telephone and on a desk, light and dark, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import needs
import pytest
from mail_samples import ARABIC, ENGLISH, content, mailed
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
MAILS = {"ar": ARABIC, "en": ENGLISH}

# The lowest WCAG contrast between a text and what lies behind it, and how light the page is.
CONTRAST = """() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3)
      .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return light(colour);
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node; (node = walker.nextNode());)
    if (node.data.trim() && node.parentElement.offsetParent) {
      const ink = light(getComputedStyle(node.parentElement).color), paper = behind(node.parentElement);
      found.push((Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
    }
  return [Math.min(...found), behind(document.body)];
}"""

# Where on the screen each character of a run stands, first occurrence: from left to right, line by line.
ORDER = """run => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const at = node.parentElement.offsetParent ? node.data.indexOf(run) : -1;
    if (at < 0) continue;
    return [...run].map((character, i) => {
      const range = document.createRange();
      range.setStart(node, at + i); range.setEnd(node, at + i + 1);
      const box = range.getBoundingClientRect();
      return [Math.round(box.bottom), box.left, character];
    }).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(each => each[2]).join('');
  }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=needs.tool("chromium"), args=QUIET)
        yield chromium
        chromium.close()


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
    lowest, paper = page.evaluate(CONTRAST)
    assert lowest >= 4.5
    assert (paper > 0.5) == (scheme == "light")
    assert len(page.screenshot(full_page=True)) > 5000
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


@pytest.mark.parametrize(
    "run",
    [
        "https://news.example/tram?lang=ar",
        "+20 2 2577 1234",
        "Siemens AG",
        "v3.2.1",
        "config/app.toml",
        "3.2.1",
        "mona@reader.example",
    ],
)
@pytest.mark.parametrize("width", [360, 800])
def test_runs_inside_arabic_keep_their_order(browser: Browser, run: str, width: int) -> None:
    """Each character of a link, a number or a version stands where it does in left-to-right text."""
    page = shown(browser, "ar", width)
    assert page.evaluate(ORDER, run) == run
    page.close()
