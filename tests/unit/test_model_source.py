"""Paths as people see them, and the addresses of a site."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import RESERVED_SLUGS, Site, display_path

SITE = Site("https://news.example/town", "T", "", "en", "", UUID("5d3f5f8e-1111-4222-8333-123456789abc"))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"news/tram.md", "news/tram.md"),
        ("أخبار/ترام.txt".encode(), "أخبار/ترام.txt"),
        (b"caf\xe9.txt", "caf\\xe9.txt"),
        (b"a\nb\x1b[31m.txt", "a\\nb\\x1b[31m.txt"),
        ("a\u202egnp.txt".encode(), "a\\u202egnp.txt"),
        ("中文 📰.md".encode(), "中文 📰.md"),
    ],
)
def test_paths_are_shown_without_tricks(raw: bytes, shown: str) -> None:
    """Letters of every script stay; undecodable bytes, controls and bidi overrides become escapes."""
    assert display_path(os.fsdecode(raw)) == shown


@given(st.binary(min_size=1, max_size=40))
def test_any_file_name_can_be_shown(raw: bytes) -> None:
    """Whatever a file is called, the shown form is printable and can be encoded."""
    shown = display_path(os.fsdecode(raw))
    assert shown.isprintable()
    shown.encode()


def test_addresses_start_with_the_site() -> None:
    """Pages of entries end in a slash, documents in their file name."""
    assert SITE.entry_url("tram") == "https://news.example/town/entries/tram/"
    assert SITE.feed_url("main") == "https://news.example/town/main/"
    assert SITE.feed_url("main", "atom.xml") == "https://news.example/town/main/atom.xml"


@given(st.text(st.characters(categories=("L", "M", "Nd")), min_size=1))
def test_addresses_are_ascii_and_lead_back_to_the_slug(slug: str) -> None:
    """A slug in any script is percent-encoded UTF-8 (RFC 3986 section 2.5)."""
    for url in (SITE.entry_url(slug), SITE.feed_url(slug, "rss.xml")):
        assert url.isascii()
        assert slug in unquote(urlsplit(url).path).split("/")


def test_stored_bodies_are_localised_at_the_last_moment() -> None:
    """The neutral address becomes the public one everywhere, and a change of the public one changes nothing else."""
    stored = f'<a href="{SITE.neutral_origin}/a.pdf">a</a> <img src="{SITE.neutral_origin}/b.jpg">'
    assert SITE.localise(stored) == (
        '<a href="https://news.example/town/a.pdf">a</a> <img src="https://news.example/town/b.jpg">'
    )
    assert urlsplit(SITE.neutral_origin).hostname == f"{SITE.namespace}.invalid"


def test_two_sites_have_different_neutral_addresses() -> None:
    """What one site stores is never taken for an address of another."""
    other = Site(SITE.url, "T", "", "en", "", UUID(int=1))
    assert other.localise(SITE.neutral_origin) == SITE.neutral_origin


def test_names_that_the_site_needs_itself_are_reserved() -> None:
    """No feed may hide the entries, the media, the service's own pages or the landing page."""
    assert {"entries", "media", "-", "index.html"} <= RESERVED_SLUGS
