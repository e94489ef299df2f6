"""From bytes to entries: what holds for every file."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from parse_helpers import ORIGIN, ZONE, context, entry, parse

from feedsvc.errors import EntryParseError
from feedsvc.parse import ACCEPTED_SUFFIXES, ParseContext, parse_file

FULL = """---
title: قصة
date: 2026-11-24T10:00:00+03:00
updated: 2026-11-25T10:00:00Z
expires: 2027-01-01T00:00:00Z
tags: [أخبار]
author: زيد
language: ar
summary: موجز
link: https://e.com/x
id: urn:uuid:6f1c9a0e-5a4f-4b8e-9c1b-0d5d3f7f2b11
slug: القصة
draft: false
---
نص القصة.
"""


def test_every_field() -> None:
    """All keys of the header arrive in the entry."""
    parsed = parse(FULL)
    (only,) = parsed.entries
    assert parsed.notices == ()
    assert (only.key, only.title, only.summary, only.body_html) == ("", "قصة", "موجز", "<p>نص القصة.</p>")
    assert (only.language, only.direction, only.authors, only.tags) == ("ar", "rtl", ("زيد",), ("أخبار",))
    assert (only.link, only.slug) == ("https://e.com/x", "القصة")
    assert only.declared_id == "urn:uuid:6f1c9a0e-5a4f-4b8e-9c1b-0d5d3f7f2b11"
    assert only.published == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert only.updated == datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert only.expires == datetime(2027, 1, 1, tzinfo=UTC)
    assert only.is_draft is False


def test_suffixes() -> None:
    """What is read is published as a list."""
    assert frozenset((".txt", ".md", ".markdown", ".html", ".htm", ".eml", ".json", ".jsonl")) == ACCEPTED_SUFFIXES


@pytest.mark.parametrize("path", ["a.md", "A.MD", "b/a.Markdown"])
def test_markdown_is_known_by_its_suffix(path: str) -> None:
    """Case does not matter."""
    assert "<em>b</em>" in entry("# a\n\n*b*", path).body_html


def test_plain_text_is_not_rendered() -> None:
    """Stars in a text file are stars."""
    assert entry("a\n\n*b*", "a.TXT").body_html == "<p>*b*</p>"


@pytest.mark.parametrize("path", ["x.md", "x.txt"])
@pytest.mark.parametrize("body", ["", "\n\n", "\u200b"])
def test_header_without_text_is_refused(path: str, body: str) -> None:
    """There is nothing to publish."""
    with pytest.raises(EntryParseError) as caught:
        parse(f"---\ntitle: x\n---\n{body}", path)
    assert caught.value.code == "E_NO_BODY"


@pytest.mark.parametrize("body", ["<!-- only a comment -->", "<script>x</script>", "&nbsp;"])
def test_text_that_shows_nothing_is_refused(body: str) -> None:
    """What the sanitiser leaves must be visible."""
    with pytest.raises(EntryParseError) as caught:
        parse(f"---\ntitle: x\n---\n{body}", "x.md")
    assert caught.value.code == "E_NO_BODY"


@pytest.mark.parametrize(
    ("header", "title", "shown"),
    [
        pytest.param("title: T", "T", "T", id="title"),
        pytest.param("summary: S & s", "https://e.com/?a&b", "S &amp; s", id="summary"),
        pytest.param("tags: x", "https://e.com/?a&b", "https://e.com/?a&amp;b", id="neither"),
    ],
)
def test_a_link_is_enough(header: str, title: str, shown: str) -> None:
    """A file may just point somewhere."""
    parsed = entry(f"---\n{header}\nlink: https://e.com/?a&b\n---\n")
    assert parsed.title == title
    assert parsed.body_html == f'<p><a href="https://e.com/?a&amp;b" rel="noopener noreferrer">{shown}</a></p>'
    assert parsed.summary


@pytest.mark.parametrize("path", ["a.txt", "a.md"])
@pytest.mark.parametrize("tail", [" ", "\n", "\n\n\t \n", "\r\n", "\u3000"])
def test_white_space_at_the_end_is_no_change(path: str, tail: str) -> None:
    """Saving a file again does not make it news."""
    text = "---\ntitle: T\n---\nFirst.\n\nSecond."
    assert entry(text + tail, path) == entry(text, path)


def test_renaming_within_a_folder_is_no_change() -> None:
    """The name is not part of what a reader sees."""
    assert entry(FULL, "news/a.txt").fingerprint == entry(FULL, "news/b.txt").fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: قصة", "title: خبر"), ("10:00:00+03:00", "11:00:00+03:00"), ("2026-11-25", "2026-11-26"),
        ("[أخبار]", "[أخبار, عالم]"), ("author: زيد", "author: عمر"), ("language: ar", "language: fa"),
        ("موجز", "موجز آخر"), ("e.com/x", "e.com/y"), ("نص القصة.", "نص جديد."),
    ],
)  # fmt: skip
def test_every_visible_change_shows_in_the_fingerprint(old: str, new: str) -> None:
    """What a reader can see decides."""
    assert old in FULL
    assert entry(FULL).fingerprint != entry(FULL.replace(old, new)).fingerprint


def test_expiry_is_invisible() -> None:
    """When an entry ends is nothing its readers see."""
    assert entry(FULL).fingerprint == entry(FULL.replace("2027-01-01", "2028-01-01")).fingerprint


def test_folder_names_are_encoded_in_addresses() -> None:
    """Spaces, Arabic and undecodable bytes in a folder's name give a valid address."""
    assert f'"{ORIGIN}/a%20b/%D8%B3%FF/x.png"' in entry("![](x.png)", "a b/س\udcff/f.md").body_html
    assert f'"{ORIGIN}/x.png"' in entry("![](x.png)", "f.md").body_html


def test_context_travels_to_other_processes() -> None:
    """Worker processes get their contexts pickled, and hand entries and errors back."""
    assert pickle.loads(pickle.dumps(context())) == context()
    parsed = parse(FULL)
    assert pickle.loads(pickle.dumps(parsed)) == parsed


def test_a_fault_of_ours_is_an_error_of_the_file_alone() -> None:
    """Whatever goes wrong inside, the caller sees one kind of error."""
    broken = ParseContext("a.txt", None, ZONE, ORIGIN)  # type: ignore[arg-type]
    with pytest.raises(EntryParseError) as caught:
        parse_file(b"Head\n\nBody", broken)
    assert caught.value.code == "E_INTERNAL"
    assert caught.value.__cause__ is not None


def test_very_long_titles_end_somewhere() -> None:
    """A heading of a whole page is cut."""
    assert len(entry("# " + "word " * 1_000 + "\n\nBody", "a.md").title) <= 1_000


def test_mail_is_an_entry() -> None:
    """Subject, author's name, date and text are used; the address is published nowhere."""
    mail = (
        "From: Mona Adel <mona@paper.example>\nSubject: Tram runs\nDate: Tue, 24 Feb 2026 10:00:00 +0200\n"
        "Content-Type: text/{kind}; charset=utf-8\n\n<p>The tram runs again.</p>\n"
    )
    for kind, body in {"html": "<p>The tram runs again.</p>", "plain": "&lt;p&gt;The tram runs again."}.items():
        only = entry(mail.format(kind=kind), "a.eml")
        assert (only.title, only.authors) == ("Tram runs", ("Mona Adel",))
        assert only.published == datetime(2026, 2, 24, 8, tzinfo=UTC)
        assert body in only.body_html
        assert "mona@" not in repr(only)
