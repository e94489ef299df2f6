"""The pages of subscribers in a real browser without scripts: by keyboard, with labels, light and dark, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import needs
import pytest
from playwright.sync_api import sync_playwright
from reader_site import ReaderSite, keep, links_of, reader, reader_site

from feedsvc.model import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
MONA, LAYLA = reader(), reader("layla@reader.example", "ar")
PAGES = {
    "subscribe": "/-/subscribe",
    "subscribe in arabic": "/-/subscribe?lang=ar",
    "preferences": links_of(MONA).preferences_url,
    "preferences in arabic": links_of(LAYLA).preferences_url,
    "unsubscribe": links_of(MONA).unsubscribe_url,
    "unsubscribe in arabic": links_of(LAYLA).unsubscribe_url,
    "invalid": "/-/confirm/x",
}

# The lowest WCAG contrast between the colour of a text and what lies behind it, and how light the page is.
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
    if (node.data.trim() && node.parentElement.closest('datalist, option') === null) {
      const ink = light(getComputedStyle(node.parentElement).color), paper = behind(node.parentElement);
      found.push((Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
    }
  return [Math.min(...found), behind(document.documentElement)];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReaderSite]:
    """Serve a site with two subscribers for all tests of this file."""
    with reader_site(tmp_path_factory.mktemp("site")) as running:
        keep(running, MONA, LAYLA)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=needs.tool("chromium"), args=QUIET)
        yield chromium
        chromium.close()


def opened(browser: Browser, site: ReaderSite, url: str, **options: Any) -> Page:
    """Open a page on a phone."""
    page = browser.new_page(viewport={"width": 360, "height": 740}, **options)
    page.goto(f"http://127.0.0.1:{site.server.port}{url.removeprefix('https://news.example')}")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_text_has_contrast(browser: Browser, site: ReaderSite, name: str, scheme: str) -> None:
    """No text, buttons included, has less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3); dark is really dark."""
    page = opened(browser, site, PAGES[name], color_scheme=scheme)
    lowest, paper = page.evaluate(CONTRAST)
    assert lowest >= 4.5
    assert (paper > 0.5) == (scheme == "light")
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_screen_reader_finds_its_way(browser: Browser, site: ReaderSite, name: str) -> None:
    """One h1, one main, a label for each field, a text for each link and button, unique ids, no sideways scrolling."""
    page = opened(browser, site, PAGES[name])
    assert page.locator("h1").count() == page.locator("main").count() == 1
    fields = "input:not([type=hidden]), select"
    assert page.locator(fields).evaluate_all("all => all.every(f => f.labels.length === 1)")
    assert all(page.locator("a, button").evaluate_all("all => all.map(a => a.innerText.trim())"))
    ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    direction = page.locator("html").get_attribute("dir")
    assert direction == ("rtl" if "arabic" in name else "ltr")
    page.close()


def test_the_form_is_filled_in_by_keyboard_alone(browser: Browser, site: ReaderSite) -> None:
    """From the address to the button with the Tab key; a wrong zone is pointed at, what was typed is kept."""
    page = opened(browser, site, PAGES["subscribe"])
    page.keyboard.press("Tab")  # the name of the site
    page.keyboard.press("Tab")
    page.keyboard.type("kim@reader.example")
    while page.evaluate("document.activeElement.id") != "timezone":
        page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("Nowhere")
    page.keyboard.press("Enter")
    page.wait_for_selector("#timezone-fault")
    assert page.locator("#address").input_value() == "kim@reader.example"
    assert page.locator("#timezone").get_attribute("aria-describedby") == "timezone-fault"
    page.locator("#timezone").fill("Asia/Seoul")
    page.keyboard.press("Enter")
    page.wait_for_selector("#timezone", state="detached")
    assert page.locator("h1").inner_text() == "Check your mailbox"
    assert [letter["To"] for letter in site.letters()] == ["kim@reader.example"]
    page.close()


def test_the_button_is_all_it_takes_to_leave(browser: Browser, site: ReaderSite) -> None:
    """The policy of the page lets its own form be sent: one press, and the person is gone."""
    kim = reader("sam@reader.example")
    keep(site, kim)
    page = opened(browser, site, links_of(kim).unsubscribe_url)
    page.locator("button").press("Enter")
    page.wait_for_selector("button", state="detached")
    assert page.locator("h1").inner_text() == "You are unsubscribed"
    gone = site.person(kim.address)
    assert gone is not None
    assert gone.state is SubscriberState.GONE
    page.close()
