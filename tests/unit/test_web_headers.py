"""What each kind of file says about itself."""

from __future__ import annotations

import pytest

from feedsvc.web.headers import facts_of, is_feed, link_header, media_type, options_headers

SITE = "https://news.example"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("main/atom.xml", "application/atom+xml; charset=utf-8"),
        ("main/rss.xml", "application/rss+xml; charset=utf-8"),
        ("main/feed.json", "application/feed+json"),
        ("a/b/atom.xml", "application/atom+xml; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("entries/خبر/index.html", "text/html; charset=utf-8"),
        ("media/style.css", "text/css; charset=utf-8"),
        ("media/photo.JPG", "image/jpeg"),
        ("media/photo.webp", "image/webp"),
        ("media/talk.mp3", "audio/mpeg"),
        ("media/talk.opus", "audio/opus"),
        ("media/drawing.svg", "image/svg+xml; charset=utf-8"),
        ("media/atom.xml", "text/xml; charset=utf-8"),
        ("atom.xml", "text/xml; charset=utf-8"),
        ("media/data.tar.gz", "application/octet-stream"),
        ("media/unknown", "application/octet-stream"),
        ("media/data:,x", "application/octet-stream"),
    ],
)
def test_media_types(path: str, kind: str) -> None:
    """Feeds by their names, everything else by its suffix, the same on every machine."""
    assert media_type(path) == kind


def test_links_of_a_feed() -> None:
    """A feed names itself and its page, in ASCII."""
    assert is_feed("أخبار/feed.json")
    assert link_header("أخبار/feed.json", SITE) == (
        '<https://news.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/feed.json>; rel="self", '
        '<https://news.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/>; rel="alternate"'
    )


def test_links_of_a_feed_page() -> None:
    """The page of a feed names its three documents with their types."""
    assert link_header("main/index.html", SITE) == (
        '<https://news.example/main/atom.xml>; rel="alternate"; type="application/atom+xml", '
        '<https://news.example/main/rss.xml>; rel="alternate"; type="application/rss+xml", '
        '<https://news.example/main/feed.json>; rel="alternate"; type="application/feed+json"'
    )


@pytest.mark.parametrize("path", ["index.html", "entries/x/index.html", "media/index.html", "media/a.png", "x/y.html"])
def test_others_have_no_links(path: str) -> None:
    """Pages that belong to no single feed promise none."""
    assert link_header(path, SITE) is None


@pytest.mark.parametrize("path", ["index.html", "main/index.html", "media/drawing.svg", "media/p.xhtml", "media/p.xml"])
def test_pages_may_run_nothing(path: str) -> None:
    """Whatever a browser would run scripts in comes with a policy that forbids them."""
    headers = dict(facts_of(path, SITE, 60).full)
    assert headers[b"content-security-policy"] == (
        b"default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data: 'self'; "
        b"media-src https: http: data: 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert headers[b"referrer-policy"] == b"strict-origin-when-cross-origin"
    assert headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    ("path", "is_compressible"), [("main/feed.json", True), ("index.html", True), ("media/a.png", False)]
)
def test_only_text_varies(path: str, is_compressible: bool) -> None:
    """What is never compressed is the same for everybody, and caches may know."""
    facts = facts_of(path, SITE, 60)
    assert facts.is_compressible is is_compressible
    assert ((b"vary", b"Accept-Encoding") in facts.full) is is_compressible


@pytest.mark.parametrize("path", ["index.html", "main/index.html", "media/a.png"])
def test_only_feeds_are_open_to_other_sites(path: str) -> None:
    """Scripts of other sites may read feeds, nothing else."""
    origin = (b"access-control-allow-origin", b"*")
    assert origin in facts_of("main/rss.xml", SITE, 60).full
    assert origin in options_headers("main/rss.xml")
    assert origin not in facts_of(path, SITE, 60).full
    assert origin not in options_headers(path)
