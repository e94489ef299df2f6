"""The pages of subscribers in a real browser without scripts: by keyboard, with labels, light and dark, on a phone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from browser import barriers, chromium, contrast, markup_errors, picture
from reader_site import SITE, START, TOKENS, ReaderSite, keep, links_of, reader, reader_site

from feedsvc.app.links import confirm_url
from feedsvc.model import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

MONA, LAYLA = reader(), reader("layla@reader.example", "ar")
ADA, SAMI = (
    replace(reader(f"{name}@reader.example", language), state=SubscriberState.PENDING, confirmed=None, consent="")
    for name, language in (("ada", "en"), ("sami", "ar"))
)
PAGES = {
    "subscribe": "/-/subscribe",
    "subscribe in arabic": "/-/subscribe?lang=ar",
    "confirm": confirm_url(SITE, TOKENS, ADA.id, START),
    "confirm in arabic": confirm_url(SITE, TOKENS, SAMI.id, START),
    "preferences": links_of(MONA).preferences_url,
    "preferences in arabic": links_of(LAYLA).preferences_url,
    "unsubscribe": links_of(MONA).unsubscribe_url,
    "unsubscribe in arabic": links_of(LAYLA).unsubscribe_url,
    "invalid": "/-/confirm/x",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReaderSite]:
    """Serve a site with subscribers for all tests of this file."""
    with reader_site(tmp_path_factory.mktemp("site")) as running:
        keep(running, MONA, LAYLA, ADA, SAMI)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with chromium() as running:
        yield running


def opened(browser: Browser, site: ReaderSite, url: str, **options: Any) -> Page:
    """Open a page on a phone."""
    page = browser.new_page(viewport={"width": 360, "height": 740}, **options)
    page.goto(f"http://127.0.0.1:{site.server.port}{url.removeprefix('https://news.example')}")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_read_it(browser: Browser, site: ReaderSite, name: str, scheme: str) -> None:
    """No text has less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3), dark is dark, axe-core finds nothing serious."""
    page = opened(browser, site, PAGES[name], color_scheme=scheme)
    lowest, paper = contrast(page)
    assert lowest >= 4.5
    assert (paper > 0.5) == (scheme == "light")
    assert len(picture(page, f"{name} {scheme}")) > 2000
    assert barriers(page) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_faults_are_seen(browser: Browser, site: ReaderSite, language: str, scheme: str) -> None:
    """What cannot be used is marked in another colour than the rest, with contrast, and axe-core is content."""
    page = opened(browser, site, f"/-/subscribe?lang={language}", color_scheme=scheme)
    page.locator("#address").fill("kim@nowhere")
    page.locator("#timezone").fill("Nowhere")
    page.locator("#timezone").press("Enter")
    page.wait_for_selector("#timezone-fault")
    colour = "element => getComputedStyle(element).color"
    assert page.locator("#timezone-fault").evaluate(colour) != page.locator("h1").evaluate(colour)
    assert contrast(page)[0] >= 4.5
    assert len(picture(page, f"faults {language} {scheme}")) > 2000
    assert barriers(page) == []
    page.close()


def test_the_markup_is_valid(site: ReaderSite, tmp_path: Path) -> None:
    """html-validate finds no error, in forms with faults either."""
    pages = {name: site.get(url.removeprefix(SITE)).body.decode() for name, url in PAGES.items()}
    faulty = site.fill_in("/-/subscribe?lang=ar", {"address": "kim@nowhere", "timezone": "Nowhere"})
    assert markup_errors(tmp_path, {**pages, "faults": faulty.body.decode()}) == ""


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
