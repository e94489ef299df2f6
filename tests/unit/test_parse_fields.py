"""Header values become typed fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from parse_helpers import codes, entry, parse

from feedsvc.errors import EntryParseError

if TYPE_CHECKING:
    from feedsvc.model import ParsedEntry


def with_header(header: str, path: str = "news/file.md") -> ParsedEntry:
    """Return the entry of a file with *header*."""
    return entry(f"---\n{header}\n---\nText of the file.", path)


def header_codes(header: str) -> list[str]:
    """Return the codes of the notices that *header* draws."""
    return codes(f"---\n{header}\n---\nText of the file.")


def fault(header: str) -> EntryParseError:
    """Return the error that *header* draws."""
    with pytest.raises(EntryParseError) as caught:
        with_header(header)
    return caught.value


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        pytest.param("[a, b]", ("a", "b"), id="list"),
        pytest.param("a, b,,c", ("a", "b", "c"), id="commas"),
        pytest.param("أخبار، عالم؛ رأي", ("أخبار", "عالم", "رأي"), id="arabic-commas"),
        pytest.param("[A, a, ' a ']", ("A",), id="duplicates"),
        pytest.param("['#news', '#']", ("news",), id="hash"),
        pytest.param('["\\u202Ex", "\\u200B", ""]', ("x",), id="disguised-and-blank"),
        pytest.param("", (), id="none"),
    ],
)
def test_tags(value: str, tags: tuple[str, ...]) -> None:
    """A list or a line of tags, tidied, each once."""
    assert with_header(f"tags: {value}").tags == tags


def test_many_tags_are_capped() -> None:
    """Fifty tags are kept and the receipt says how many there were."""
    header = f"tags: [{', '.join(f't{n}' for n in range(500))}]"
    assert len(with_header(header).tags) == 50
    assert "W_TAGS" in header_codes(header)


@pytest.mark.parametrize(
    ("header", "authors"),
    [
        pytest.param("author: Doe, Jane", ("Doe, Jane",), id="one-with-comma"),
        pytest.param("authors: Jane, زيد، عمر", ("Jane", "زيد", "عمر"), id="line-of-authors"),
        pytest.param("author: A\nauthors: [B, a]", ("A", "B"), id="both"),
        pytest.param("author: {name: Jane, email: j@x.y}", ("Jane",), id="mapping"),
        pytest.param('author: "<x@y>\\n"', ("<x@y>",), id="line-end-folded"),
        pytest.param('author: "\\u202Eevil"', ("evil",), id="override"),
    ],
)
def test_authors(header: str, authors: tuple[str, ...]) -> None:
    """Names are one tidy line each."""
    assert with_header(header).authors == authors


@pytest.mark.parametrize(
    ("value", "link"),
    [
        pytest.param("https://e.com/a?b=c#d", "https://e.com/a?b=c#d", id="absolute"),
        pytest.param("../q/x.html", "https://site.invalid/q/x.html", id="relative"),
        pytest.param("/top", "https://site.invalid/top", id="rooted"),
        pytest.param("www.e.com/x", "https://www.e.com/x", id="without-scheme"),
        pytest.param("https://e.com/خبر x", "https://e.com/%D8%AE%D8%A8%D8%B1%20x", id="encoded"),
        pytest.param("", None, id="none"),
    ],
)
def test_link(value: str, link: str | None) -> None:
    """Links are absolute web addresses."""
    assert with_header(f"link: {value}").link == link


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "'http://[bad'", "mailto:a@b.c", "a\\b"]
)
def test_links_that_nobody_should_follow(value: str) -> None:
    """Only the web is linked to."""
    error = fault(f"link: {value}")
    assert (error.code, error.line) == ("E_LINK_URL", 2)


@pytest.mark.parametrize("value", ["../../etc/cron.d/x", "/abs", "a\\b", "'%2e%2e'", '"a\\0b"', "..", "."])
def test_a_slug_is_no_path(value: str) -> None:
    """No file chooses a place on the disk."""
    assert fault(f"slug: {value}").code == "E_PATH"


@pytest.mark.parametrize(
    ("header", "slug"),
    [
        pytest.param("slug: My Own", "my-own", id="wished"),
        pytest.param("slug: '!!!'\ntitle: A b", "a-b", id="nothing-readable"),
        pytest.param("title: 🎉", "", id="none"),
    ],
)
def test_slug(header: str, slug: str) -> None:
    """The wished slug, else the title's, else none."""
    assert with_header(header).slug == slug


@pytest.mark.parametrize(
    "value", ["''", "TODO", "00000000-0000-0000-0000-000000000000", "urn:uuid:00000000-0000-0000-0000-000000000000"]
)
def test_placeholder_ids_count_as_none(value: str) -> None:
    """What fifty files share by accident is no identity."""
    assert with_header(f"id: {value}").declared_id is None
    assert "W_ID" in header_codes(f"id: {value}")


def test_an_id_is_kept() -> None:
    """An id is handed on as it is written."""
    assert with_header("id: tag:e.com,2026:x").declared_id == "tag:e.com,2026:x"


@pytest.mark.parametrize(
    ("value", "is_draft"),
    [("true", True), ("Yes", True), ("1", True), ("no", False), ("false", False), ("", False), ("maybe", True)],
)
def test_draft(value: str, is_draft: bool) -> None:
    """A doubtful answer holds the entry back: mail cannot be recalled."""
    assert with_header(f"draft: {value}").is_draft is is_draft
    assert ("W_DRAFT" in header_codes(f"draft: {value}")) is (value == "maybe")


@pytest.mark.parametrize(
    ("value", "notify"),
    [
        ("", ""),
        ("true", "true"),
        ("Yes", "true"),
        ("false", "false"),
        ("off", "false"),
        ("2026-11-24", "2026-11-23T22:00Z"),
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00Z"),
        ("flase", "false"),
        ("03/04/2026", "false"),
    ],
)
def test_notify(value: str, notify: str) -> None:
    """A slip, or a date that can be read in two ways, keeps the entry out of mails: they cannot be recalled."""
    assert with_header(f"notify: {value}").notify == notify
    assert ("W_NOTIFY" in header_codes(f"notify: {value}")) is (value in ("flase", "03/04/2026"))
    assert "H_ZONE" not in header_codes(f"notify: {value}")


def test_dates_of_the_header() -> None:
    """date, updated and expires are whole UTC seconds."""
    parsed = with_header("date: 2026-11-24T10:00:00Z\nupdated: 2026-11-25 10:00\nexpires: 2027-01-01")
    assert parsed.published == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert parsed.updated == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert parsed.expires == datetime(2026, 12, 31, 22, tzinfo=UTC)
    assert header_codes("date: 2026-11-24 10:00").count("H_ZONE") == 1


def test_an_unreadable_date_names_its_line() -> None:
    """The file waits for its editor rather than appear at a wrong time."""
    error = fault("title: x\ndate: 2026-02-30")
    assert (error.code, error.line, error.column) == ("E_DATE", 3, 7)


@pytest.mark.parametrize(
    ("name", "header", "day", "code"),
    [
        pytest.param("2026-11-24-x.md", "title: a", 24, None, id="name-only"),
        pytest.param("2026-11-24-x.md", "date: 2026-11-20T12:00:00Z", 20, "H_NAME_DATE", id="header-wins"),
        pytest.param("2026-11-24-x.md", "date: 2026-11-24T12:00:00Z", 24, None, id="agree"),
        pytest.param("2026-02-30-x.md", "date: 2026-11-20T12:00:00Z", 20, "W_NAME_DATE", id="impossible-name"),
        pytest.param("2026x.md", "date: 2026-11-20T12:00:00Z", 20, None, id="no-date-in-name"),
    ],
)
def test_date_of_the_file_name(name: str, header: str, day: int, code: str | None) -> None:
    """The header's date counts; the name's fills the gap; a difference is told."""
    parsed = parse(f"---\n{header}\n---\nText.", name)
    published = parsed.entries[0].published
    assert published is not None
    assert published.astimezone(UTC).day in (day, day - 1)
    assert [n.code for n in parsed.notices] == ([code] if code else [])


@pytest.mark.parametrize(
    ("value", "language", "codes_"),
    [
        pytest.param("ar_EG.UTF-8", "ar-EG", [], id="posix"),
        pytest.param("ZH-hant-tw", "zh-Hant-TW", [], id="case"),
        pytest.param("de-1901", "de-1901", [], id="variant"),
        pytest.param("Arabic!", "en", ["W_LANGUAGE"], id="no-tag"),
    ],
)
def test_language(value: str, language: str, codes_: list[str]) -> None:
    """Language tags in every usual spelling; a word that is none draws a warning."""
    assert with_header(f"language: {value}").language == language
    assert header_codes(f"language: {value}") == codes_


def test_summary_of_the_header_wins() -> None:
    """The editor's own summary is used, on one line."""
    assert with_header("summary: |\n  In two\n  lines").summary == "In two lines"
