"""Front matter: where it ends, what it may hold, and how its faults are told."""

from __future__ import annotations

import pytest
from parse_helpers import codes, entry, parse

from feedsvc.errors import EntryParseError


def fault(header: str) -> EntryParseError:
    """Return the error that a file with *header* draws."""
    with pytest.raises(EntryParseError) as caught:
        parse(f"---\n{header}\n---\nText of the file.")
    return caught.value


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        pytest.param("---\ntitle: A\n---\nText.", "A", "<p>Text.</p>", id="usual"),
        pytest.param("---  \ntitle: A\n...\nText.", "A", "<p>Text.</p>", id="dots-close"),
        pytest.param("\ufeff---\r\ntitle: A\r\n---\r\nText.", "A", "<p>Text.</p>", id="mark-and-crlf"),
        pytest.param("---\n---\nText.", "Text", "<p>Text.</p>", id="empty"),
        pytest.param("---\n# note\n\nTitle: A\n---\nText.", "A", "<p>Text.</p>", id="comment-first"),
        pytest.param('---\n"title": A\n---\nText.', "A", "<p>Text.</p>", id="quoted-key"),
        pytest.param("---\n{title: A}\n---\nText.", "A", "<p>Text.</p>", id="flow-mapping"),
        pytest.param("---\ntitle: |\n  A\n  B\n---\nText.", "A B", "<p>Text.</p>", id="block-scalar"),
        pytest.param("---\nA line.\n---\nText.", "---", "<p>A line.</p>\n<p>---</p>\n<p>Text.</p>", id="no-keys"),
        pytest.param(
            "---\nNote: he said\nmore", "---", "<p>Note: he said</p>\n<p>more</p>", id="unclosed-no-known-key"
        ),
        pytest.param(
            "A\n---\ntitle: B\n---\nc", "A", "<p>---</p>\n<p>title: B</p>\n<p>---</p>\n<p>c</p>", id="not-first"
        ),
    ],
)
def test_where_the_header_ends(text: str, title: str, body: str) -> None:
    """A block of keys is a header; a rule in a text is a rule."""
    parsed = entry(text)
    assert (parsed.title, parsed.body_html) == (title, body)


@pytest.mark.parametrize(
    ("header", "title"),
    [
        pytest.param("title: yes", "yes", id="yes"),
        pytest.param("title: 2026", "2026", id="number"),
        pytest.param("title: 12:30:45", "12:30:45", id="sexagesimal"),
        pytest.param("title: #tag", "#tag", id="hash"),
        pytest.param("title: null", "null", id="null"),
        pytest.param('title: "A: b"', "A: b", id="quoted"),
        pytest.param(r'title: "\ud83d\ude00 x"', "😀 x", id="json-pair"),
        pytest.param(r'title: "x\ud800"', "x\ufffd", id="lone-surrogate"),
        pytest.param("title: '{{ 7*7 }}'", "{{ 7*7 }}", id="template"),
        pytest.param('title: "Hi\\r\\nBcc: x@y.z"', "Hi Bcc: x@y.z", id="escaped-line-end"),
        pytest.param("Title: a\nTITLE: b\ntitle: c", "c", id="exact-spelling-wins"),
        pytest.param("title: a\ntitle: b", "a", id="first-wins"),
        pytest.param("TITLE: a\nTitle: b", "a", id="first-of-other-spellings"),
    ],
)
def test_values_are_taken_as_text(header: str, title: str) -> None:
    """YAML's guesses about types never reach the reader."""
    assert entry(f"---\n{header}\n---\nText of the file.").title == title


@pytest.mark.parametrize(
    ("header", "line", "column", "fix"),
    [
        pytest.param("title: Foo: bar", 2, 11, "Put the title in quotes: title: 'Foo: bar'", id="colon"),
        pytest.param("draft: no\ntitle: @x", 3, 8, "Put the title in quotes: title: '@x'", id="at"),
        pytest.param("title: [a] b", 2, 12, "Put the title in quotes: title: '[a] b'", id="bracket"),
        pytest.param('title: "a\\d"', 2, 10, "Use single quotes, or write the backslash twice.", id="backslash"),
        pytest.param("title:\n\t- x", 3, 1, "Use spaces instead of tabs at the start of the line.", id="tab"),
        pytest.param(
            "summary: it's: 'x", 2, 14, "Put the value of summary in quotes: summary: 'it''s: ''x'", id="quote"
        ),
        pytest.param("title: 'x", 2, 8, "Close the quotation mark or bracket.", id="unclosed-quote"),
        pytest.param("tags: [a, b\ntitle: x", 2, 7, "Close the quotation mark or bracket.", id="unclosed-bracket"),
        pytest.param("title: a\nb", 4, 1, "Write it as lines of the form key: value.", id="no-key"),
    ],
)
def test_invalid_yaml_is_explained(header: str, line: int, column: int, fix: str) -> None:
    """The editor gets the place in the file and the one thing to do."""
    error = fault(header)
    assert (error.code, error.line, error.column, error.fix) == ("E_FRONTMATTER", line, column, fix)


@pytest.mark.parametrize(
    ("header", "word"),
    [
        pytest.param("title: &a x", "anchors", id="anchor"),
        pytest.param("title: x\ntags: *a", "aliases", id="alias"),
        pytest.param("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]", "anchors", id="bomb"),
        pytest.param("title: &a [*a]", "anchors", id="loop"),
        pytest.param("title: !!python/object/apply:os.system [id]", "tags", id="python-tag"),
        pytest.param("title: !x y", "tags", id="own-tag"),
        pytest.param("? [a]\n: b\ntitle: x", "plain word", id="list-as-key"),
        pytest.param("title: y\n--- {a: b}\ntitle: x", "second document", id="two-documents"),
        pytest.param("title:\n  - a", "one text", id="list-for-text"),
        pytest.param("tags: [[a]]", "list of texts", id="nested-tags"),
        pytest.param("tags: {a: b}", "list of texts", id="mapping-for-tags"),
    ],
)
def test_what_a_header_may_not_hold(header: str, word: str) -> None:
    """Nothing is expanded, nothing is built, nothing runs."""
    error = fault(header)
    assert error.code == "E_FRONTMATTER"
    assert word in error.cause
    assert error.line is not None


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("title: " + "[" * 5_000, id="deep-list"),
        pytest.param("title: " + "{a: " * 30 + "b" + "}" * 30, id="deep-mapping"),
        pytest.param("\n".join(f"k{n}: v" for n in range(300)), id="many-keys"),
        pytest.param("\n".join(f"k{n}: v" for n in range(100_000)), id="huge"),
    ],
)
def test_limits_hold(header: str) -> None:
    """A header made to exhaust the reader is refused."""
    assert fault(header).code == "E_LIMIT"


def test_an_unclosed_header_is_never_published() -> None:
    """Keys below a line of hyphens that nothing ends are a mistake, not a text."""
    with pytest.raises(EntryParseError, match="never ends") as caught:
        parse("---\ntitle: A\nText without end")
    assert (caught.value.code, caught.value.line) == ("E_FRONTMATTER", 1)


def test_a_broken_first_line_does_not_hide_a_header() -> None:
    """A known key further down still makes it a header: the raw block is never published."""
    error = fault("@broken\ntitle: x")
    assert error.code == "E_FRONTMATTER"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("title: a\nTag: x", ["W_KEY"], id="near-miss"),
        pytest.param("title: a\nlang: ar", ["W_KEY"], id="name-used-elsewhere"),
        pytest.param("title: a\nlayout: post", [], id="other-programs-key"),
        pytest.param("title: a\ntitle: b", ["W_DUP_KEY"], id="twice"),
        pytest.param("Title: a\ntitle: b", ["W_DUP_KEY"], id="two-spellings"),
        pytest.param("title: Win #1 prize", ["W_COMMENT"], id="lost-tail"),
        pytest.param("title: Win # a comment", [], id="plain-comment"),
        pytest.param("title: a\nprofile: leaflet", ["W_PROFILE"], id="unknown-profile"),
        pytest.param("title: a\nprofile: article", [], id="known-profile"),
        pytest.param(r'title: "\ud800"', ["W_CTRL"], id="surrogate"),
    ],
)
def test_doubts_are_told(header: str, expected: list[str]) -> None:
    """The file is published, and its receipt says what was not taken as it stands."""
    assert codes(f"---\n{header}\n---\nText of the file.") == expected


def test_a_near_miss_names_the_key_that_was_meant() -> None:
    """``Tag:`` is answered with ``tags``."""
    notices = parse("---\ntitle: a\nTag: x\n---\nText.").notices
    assert [(n.code, n.line, "did you mean tags?" in n.message) for n in notices] == [("W_KEY", 3, True)]


def test_a_header_without_any_known_key_is_told() -> None:
    """Its lines are not published, so the receipt says so."""
    assert "nothing of it is published" in parse("---\nNote: said\n---\nText.").notices[0].message
