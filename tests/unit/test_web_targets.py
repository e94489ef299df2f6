"""From request targets to files and back to public addresses."""

from __future__ import annotations

import pytest

from feedsvc.web.targets import ascii_url, file_path, public_url


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/", "index.html"),
        ("/main/", "main/index.html"),
        ("/main", "main"),
        ("/main/atom.xml", "main/atom.xml"),
        ("/entries/%D8%AE%D8%A8%D8%B1/", "entries/خبر/index.html"),
        ("/entries/%d8%ae%d8%a8%d8%b1-%F0%9F%93%B0/", "entries/خبر-📰/index.html"),
        ("/a%20b/c+d", "a b/c+d"),
        ("/100%25/", "100%/index.html"),
        ("/a%252e", "a%2e"),
        ("/~x;y=1/", "~x;y=1/index.html"),
        ("/خبر/", "خبر/index.html"),
    ],
)
def test_published_files(raw: str, path: str) -> None:
    """Each part of a target is decoded once; a folder means its index page."""
    assert file_path(raw.encode()) == path


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"*",
        b"main/",
        b"//main/",
        b"/main//atom.xml",
        b"/..",
        b"/../etc/passwd",
        b"/main/../../etc/passwd",
        b"/%2e%2e/etc/passwd",
        b"/.%2e/x",
        b"/main/./atom.xml",
        b"/main%2fatom.xml",
        b"/main/..%2f..%2fetc/passwd",
        b"/main%5catom.xml",
        b"/main\\..\\x",
        b"/main/atom.xml%00",
        b"/main/%0a",
        b"/main/\x7f",
        b"/.git/config",
        b"/main/.atom.xml.7.tmp",
        b"/%ff%fe/",
        b"/%ed%a0%80/",
        b"/%c0%ae%c0%ae/x",
        b"/" + b"a" * 5000,
    ],
)
def test_nothing_else(raw: bytes) -> None:
    """Steps out of the folder, hidden files, tricks of encoding: no file."""
    assert file_path(raw) is None


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("index.html", "https://x.example/"),
        ("main/index.html", "https://x.example/main/"),
        ("main/atom.xml", "https://x.example/main/atom.xml"),
        ("أخبار/rss.xml", "https://x.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/rss.xml"),
        ('a"b<c>,/x', "https://x.example/a%22b%3Cc%3E%2C/x"),
    ],
)
def test_public_address(path: str, url: str) -> None:
    """Addresses are ASCII and cannot break out of a header; an index page is called by its folder."""
    assert public_url("https://x.example", path) == url


def test_site_address_is_made_safe() -> None:
    """A site address may be written with a slash and in any script."""
    assert ascii_url("https://x.example:8080/أ b/") == "https://x.example:8080/%D8%A3%20b"
    assert ascii_url('https://[::1]:80/%41">') == "https://[::1]:80/%41%22%3E"
