"""Markdown bodies, their titles and summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parse_helpers import entry, parse

from feedsvc.errors import EntryParseError

if TYPE_CHECKING:
    from feedsvc.model import ParsedEntry


REL = 'rel="noopener noreferrer"'


def markdown(text: str) -> ParsedEntry:
    """Return the entry of a Markdown file."""
    return entry(text, "news/file.md")


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        pytest.param("# Head\n\nBody.", "Head", "<p>Body.</p>", id="heading"),
        pytest.param("Head\n====\n\nBody.", "Head", "<p>Body.</p>", id="underlined-heading"),
        pytest.param("# *A* & `b`\n\nBody.", "A & b", "<p>Body.</p>", id="marked-up-heading"),
        pytest.param("# Alone", "Alone", "<h1>Alone</h1>", id="heading-alone"),
        pytest.param("Head line\n\nBody.", "Head line", "<p>Body.</p>", id="short-first-paragraph"),
        pytest.param(
            "A sentence here.\n\nBody.", "A sentence here", "<p>A sentence here.</p>\n<p>Body.</p>", id="sentence"
        ),
        pytest.param(
            "*Head* line\n\nBody.", "Head line", "<p><em>Head</em> line</p>\n<p>Body.</p>", id="marked-up-first"
        ),
        pytest.param("- one\n- two", "one", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>", id="list"),
        pytest.param("---\ntitle: T\n---\n# H\n\nBody.", "T", "<h1>H</h1>\n<p>Body.</p>", id="header-title"),
        pytest.param("---\ntitle: T\n---\n# T\n\nBody.", "T", "<p>Body.</p>", id="same-heading-once"),
        pytest.param(
            "![A cat](x.png)", "A cat", '<p><img src="https://site.invalid/news/x.png" alt="A cat"></p>', id="image"
        ),
        pytest.param("# &nbsp;\n\nBody text", "Body text", "<h1>&nbsp;</h1>\n<p>Body text</p>", id="blank-heading"),
    ],
)
def test_title_and_body(text: str, title: str, body: str) -> None:
    """The title is the header's, the first heading's, or the first paragraph's."""
    parsed = markdown(text)
    assert (parsed.title, parsed.body_html) == (title, body)


def test_an_image_without_words_is_named_by_its_file() -> None:
    """A feed entry always has a title."""
    assert entry("![](x.png)", "2026-11-24-my_holiday-photo.md").title == "2026 11 24 my holiday photo"
    assert entry("![](x.png)", "\udcff.md").title == "Untitled"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>", id="table"),
        pytest.param("~~x~~", "<del>x</del>", id="strikethrough"),
        pytest.param("a[^1]\n\n[^1]: note", '<a href="#fn-1" id="fnref-1"', id="footnote"),
        pytest.param("[a](b.html)", f'<a href="https://site.invalid/news/b.html" {REL}>a</a>', id="relative-link"),
        pytest.param('<div dir="rtl">س</div>', '<div dir="rtl">س</div>', id="raw-html"),
        pytest.param("see https://e.com/a", f'<a href="https://e.com/a" {REL}>https://e.com/a</a>', id="autolink"),
        pytest.param(
            "هنا https://e.com/a؟", f'<a href="https://e.com/a" {REL}>https://e.com/a</a>؟', id="arabic-question"
        ),
        pytest.param("هنا https://e.com/?a=1&b=2، ثم", f"{REL}>https://e.com/?a=1&amp;b=2</a>، ثم", id="arabic-comma"),
        pytest.param("見 https://e.com/パス。次", ">https://e.com/パス</a>。次", id="cjk-full-stop"),
        pytest.param("س <https://e.com/c؟>", ">https://e.com/c؟</a>", id="explicit-address-stays"),
        pytest.param(
            "[https://e.com/،](https://f.com/) س", f'<a href="https://f.com/" {REL}>https://e.com/،</a>', id="named"
        ),
        pytest.param("{{ 7*7 }} {% include %}", "{{ 7*7 }} {% include %}", id="template"),
    ],
)
def test_body(text: str, part: str) -> None:
    """GitHub's extensions work, addresses are absolute, punctuation stays outside of bare ones."""
    assert part in markdown(f"# T\n\n{text}").body_html


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<script>alert(1)</script>x", id="script"),
        pytest.param("[x](javascript:alert(1))", id="javascript"),
        pytest.param("[x](data:text/html;base64,aa)", id="data"),
        pytest.param("<img src=x onerror=alert(1)>", id="onerror"),
        pytest.param("<svg onload=alert(1)>x</svg>y", id="svg"),
        pytest.param("<a href='&#106;avascript:alert(1)'>x</a>", id="entity"),
    ],
)
def test_hostile_markdown_is_defused(text: str) -> None:
    """Nothing that runs comes through."""
    body = markdown(f"# T\n\n{text} end").body_html
    assert not any(word in body for word in ("script", "onerror", "onload", "data:"))


def test_control_characters_by_reference_are_removed() -> None:
    """A character reference is no way around the rules of XML."""
    parsed = markdown("# a&#x1;b\n\nc&#xb;d &#xFFFF; &#xD800;")
    assert (parsed.title, parsed.body_html) == ("ab", "<p>cd  \ufffd</p>")


def test_bidi_overrides_by_reference_are_closed() -> None:
    """An override ends with its paragraph and never reaches the title."""
    parsed = markdown("# &#x202e;a\n\n&#x202e;b\n\nc")
    assert (parsed.title, parsed.summary) == ("a", "b")
    assert parsed.body_html == "<p>\u202eb\u202c</p>\n<p>c</p>"


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        pytest.param("# T\n\n![](x.png)\n\nFirst *words*.\n\nMore.", "First words.", id="first-with-text"),
        pytest.param("# T\n\n- item\n", "item", id="list"),
        pytest.param("# T\n\n" + "word " * 4_000, "word " * 59 + "word…", id="long"),
    ],
)
def test_summary(text: str, summary: str) -> None:
    """The first paragraph that has words, at most 300 characters."""
    found = markdown(text).summary
    assert found == summary
    assert len(found) <= 300


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 5_000, id="brackets"),
        pytest.param("> " * 90 + "x", id="quotes"),
        pytest.param("*a " * 20_000, id="stars"),
        pytest.param("`" * 50_000, id="ticks"),
        pytest.param("x@b.c," * 200_000, id="mail-addresses"),
        pytest.param("https://e.com/" + ")" * 500_000, id="address-with-brackets"),
    ],
)
def test_tangled_markdown_is_read(text: str) -> None:
    """Brackets and stars that lead nowhere cost nothing."""
    assert markdown(f"# T\n\n{text}").title == "T"


def test_footnotes_cannot_blow_a_file_up() -> None:
    """Each mark adds a link back to its note, so their number is bounded."""
    with pytest.raises(EntryParseError) as caught:
        markdown("# T\n\n" + "[^1]" * 3_000 + "\n\n[^1]: x")
    assert caught.value.code == "E_LIMIT"


@pytest.mark.parametrize("text", ["&" * 250_000, "a &amp; b " * 250_000], ids=["bare", "references"])
def test_too_many_references_are_refused(text: str) -> None:
    """The sanitiser would take minutes for millions of them."""
    with pytest.raises(EntryParseError, match="200,000 signs &") as caught:
        parse(text, path="a.md")
    assert caught.value.code == "E_LIMIT"
