"""HTML pages: what they show becomes the body, what they hide never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parse_helpers import parse

from feedsvc.errors import EntryParseError
from feedsvc.parse.html_page import html_language, read_html_page

if TYPE_CHECKING:
    from feedsvc.parse.content import Content

BASE = "https://feeds.example.org/news/"


def page(text: str, title: str = "") -> Content:
    """Return the content of a page that shows something."""
    content = read_html_page(text, title, BASE)
    assert content is not None
    return content


@pytest.mark.parametrize(
    ("text", "header", "title", "body"),
    [
        pytest.param("<title>T</title><h1>A</h1><p>B</p>", "", "A", "<p>B</p>", id="heading"),
        pytest.param("<title>T</title><h1>A</h1><p>B</p>", "Own", "Own", "<h1>A</h1><p>B</p>", id="header-wins"),
        pytest.param("<h1>A</h1><p>B</p>", "A", "A", "<p>B</p>", id="heading-repeats-header"),
        pytest.param("<title>T &amp; U</title><p>B</p>", "", "T & U", "<p>B</p>", id="page-title"),
        pytest.param("<p>B</p><h1>A</h1>", "", "A", "<p>B</p><h1>A</h1>", id="heading-further-down"),
        pytest.param("<p>Line</p><p>B</p>", "", "Line", "<p>B</p>", id="derived"),
        pytest.param("<h1>A</h1>", "", "A", "<h1>A</h1>", id="heading-alone"),
    ],
)
def test_titles(text: str, header: str, title: str, body: str) -> None:
    """The header's title wins, then the first heading, then the page's title, then the text; none is shown twice."""
    content = page(text, header)
    assert (content.title, content.body_html) == (title, body)


def test_hidden_parts_never_show() -> None:
    """Comments, scripts, styles and the head are not part of the body."""
    content = page(
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>T</title><style>x{}</style></head>"
        "<body><!-- secret <p> --><script>if (a<b) run('<!--')</script ><p>Shown</p><!-- never ends"
    )
    assert (content.title, content.body_html) == ("T", "<p>Shown</p>")


def test_addresses_are_absolute_links() -> None:
    """Relative links are resolved, and bare addresses become links."""
    content = page("<title>T</title><p><a href='x'>l</a> https://example.org/.</p>")
    assert f'href="{BASE}x"' in content.body_html
    assert '<a href="https://example.org/"' in content.body_html


def test_summary_is_the_first_paragraph() -> None:
    """What is no paragraph does not become the summary."""
    assert page("<title>T</title><ul><li>Menu</li></ul><p>Text.</p>").summary == "Text."


@pytest.mark.parametrize(
    "text", ["<title>T</title>", "<!-- a -->", "<body></body>", "<script>a", "<p>&nbsp;</p>", "<!--"]
)
def test_nothing_visible_is_no_content(text: str) -> None:
    """A page that shows nothing is not published."""
    assert read_html_page(text, "", BASE) is None


def test_a_long_page_with_declaration_is_read() -> None:
    """A declaration, comments and scripts do not make a long flat page count as a deep one."""
    content = page(f"<!DOCTYPE html><script>a<b</script><title>T</title>{'<div><b>x</b></div><!-- < -->' * 3000}")
    assert content.body_html.count("<b>x</b>") == 3000


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('<!doctype html>\n<html class="a" lang="ar">', "ar"),
        ("<HTML LANG=en-GB>", "en-GB"),
        ("<!-- <html lang='fr'> --><html dir=rtl xml:lang='fa'>", "fa"),
        ("<html data-lang='x'>", None),
        ("<p lang='de'>", None),
    ],
)
def test_language_of_the_page(text: str, language: str | None) -> None:
    """The language is what the page itself says, not what a comment or a part of it says."""
    assert html_language(text) == language


@pytest.mark.parametrize(
    "unit", ["<!--", "<script>", "<title>", "<h1>", "<!", "<html ", "<?", "</script", "<html lang "]
)
def test_repeated_beginnings_are_survived(unit: str) -> None:
    """Beginnings that never end are refused or read; the language of such a page is none."""
    text = unit * 50_000
    assert html_language(text) is None
    assert "<script" not in (read_html_page(f"<p>a</p>{unit * 300}", "T", BASE) or page("<p>a</p>")).body_html


def test_html_file_is_an_entry() -> None:
    """Its language is that of the page, a header goes before it, and it is never divided."""
    page = '<html lang="ar"><body><h1>A</h1><p>Text <script>x</script></p></body></html>'
    (entry,) = parse(page, path="a.HTML").entries
    assert (entry.title, entry.language) == ("A", "ar")
    assert "script" not in entry.body_html
    parsed = parse(f"---\ntitle: B\nlanguage: fr\nprofile: bulletin\n---\n{page}", path="a.htm")
    assert [(entry.title, entry.language) for entry in parsed.entries] == [("B", "fr")]
    assert [notice.code for notice in parsed.notices] == ["W_PROFILE"]


def test_far_too_many_references_are_refused() -> None:
    """A text of references alone would take minutes; it is refused at once."""
    with pytest.raises(EntryParseError, match="200,000 signs &"):
        page("&" * 200_001)
