"""Plain text as an article: title, paragraphs, summary, notices."""

from __future__ import annotations

import needs
import pytest
from parse_helpers import BULLETIN_LIKE, codes, entry, parse

from feedsvc.errors import EntryParseError
from feedsvc.parse import text_of

LONG = "This paragraph is long enough to be taken for a repetition. "


@pytest.mark.parametrize(
    ("text", "title", "paragraphs"),
    [
        pytest.param("Head\n\nBody one.\n\nBody two.", "Head", ["Body one.", "Body two."], id="blank-lines"),
        pytest.param("Head\nBody one.\nBody two.", "Head", ["Body one.", "Body two."], id="one-per-line"),
        pytest.param("Head\nstill\n\nBody", "Head", ["still", "Body"], id="first-line-of-a-block"),
        pytest.param("One sentence alone", "One sentence alone", ["One sentence alone"], id="single-line"),
        pytest.param("It rained all day. So we stayed.\n\nMore", "It rained all day", None, id="full-stop-is-no-title"),
        pytest.param("雨が降った。\n\n続き", "雨が降った", ["雨が降った。", "続き"], id="cjk-full-stop"),
        pytest.param("خبر عاجل\u200f\n\nالنص", "خبر عاجل\u200f", ["النص"], id="arabic"),
        pytest.param("   Spaced  out \n\n  Body  ", "Spaced out", ["Body"], id="margins"),
        pytest.param("\u200b\n\u3164\nHead\n\nBody", "Head", ["Body"], id="blank-looking-lines"),
        pytest.param("🎉🎉\n\nBody", "🎉🎉", ["Body"], id="emoji"),
        pytest.param("...\n\nBody", "...", ["...", "Body"], id="dots"),
        pytest.param("Is that so? Yes. And on it goes.\nNext", "Is that so? Yes", None, id="short-clause-goes-on"),
        pytest.param("Would anybody believe this? Hardly.\nNext.", "Would anybody believe this?", None, id="question"),
        pytest.param("a\x0cb\n\nc", "ab", ["c"], id="form-feed"),
    ],
)
def test_article(text: str, title: str, paragraphs: list[str] | None) -> None:
    """A short first line is the title; a sentence gives its first clause and stays in the body."""
    parsed = entry(text)
    assert parsed.title == title
    assert text_of(parsed.body_html).split("\n\n") == (paragraphs or text_of(parsed.body_html).split("\n\n"))
    assert paragraphs is not None or parsed.body_html.startswith(f"<p>{text[:10]}")


def test_a_long_first_line_is_cut_to_a_title() -> None:
    """A title is at most 100 characters, ends at a word and says that it was cut."""
    line = "word " * 60
    parsed = entry(f"{line}\n\nBody")
    assert parsed.title == "word " * 19 + "word…"
    assert parsed.body_html.count("<p>") == 2


def test_summary_is_the_first_paragraph() -> None:
    """Up to 300 characters, cut at a word, on one line."""
    assert entry("Head\n\nFirst\nparagraph.\n\nSecond.").summary == "First paragraph."
    summary = entry("Head\n\n" + "word " * 100).summary
    assert len(summary) <= 300
    assert summary.endswith("word…")


def test_a_repeated_paragraph_is_left_out() -> None:
    """Once is enough; the receipt names the line of the repetition."""
    parsed = parse(f"Head\n\n{LONG}\n\n{LONG}\n\nEnd.")
    assert parsed.entries[0].body_html.count("<p>") == 2
    assert [(n.code, n.line) for n in parsed.notices] == [("W_REPEATED", 5)]


def test_lines_are_counted_in_the_file() -> None:
    """The header counts too."""
    assert parse(f"---\ntitle: x\n---\n\n{LONG}\n\n{LONG}").notices[0].line == 7


def test_short_repetitions_stay() -> None:
    """A refrain is no mistake."""
    assert entry("Head\n\nLa la la\n\nLa la la").body_html.count("<p>") == 2


def test_many_repetitions_are_summed_up() -> None:
    """The receipt stays readable."""
    notices = parse("Head\n\n" + f"{LONG}\n\n" * 30).notices
    assert len(notices) == 11
    assert notices[-1].message == "19 more repeated paragraphs were left out"


def test_a_file_that_looks_like_a_bulletin_is_one_entry_with_a_hint() -> None:
    """Nothing is split by guessing: mail cannot be recalled."""
    parsed = parse(BULLETIN_LIKE)
    title, second, *_ = BULLETIN_LIKE.split("\n")
    (only,) = parsed.entries
    assert (only.title, only.summary, only.language, only.direction) == (title, second, "ar", "rtl")
    assert only.body_html.count("<p>") == 7
    assert title not in only.body_html
    assert [(n.code, n.line) for n in parsed.notices] == [("W_REPEATED", 3), ("H_BULLETIN", 2)]
    assert "profile: bulletin" in parsed.notices[1].message


def test_the_newsroom_sample() -> None:
    """A real file: one entry, exactly as its editor sees it."""
    data = needs.sample("000_aea691afdcbec389.txt")
    lines = data.decode().splitlines()
    parsed = parse(data)
    (only,) = parsed.entries
    assert (only.title, only.summary) == (lines[0], lines[1])
    assert (len(only.title), len(only.summary)) == (96, 121)
    assert only.body_html.count("<p>") == 10
    assert lines[0] not in only.body_html
    assert (only.language, only.direction) == ("ar", "rtl")
    assert only.slug.startswith("الأمم-المتحدة-تعقد-أول-مؤتمر")
    assert [(n.code, n.line) for n in parsed.notices] == [("W_REPEATED", 3), ("H_BULLETIN", 2)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Head\n" + "Short line.\n" * 10, id="verses"),
        pytest.param("Head\n" + f"{LONG}and has no end\n" * 9, id="no-full-stops"),
        pytest.param(
            f"Head\n\n{LONG}a.\n\n{LONG}b.\n\n" + "".join(f"{LONG}{n}.\n\n" for n in range(9)), id="blank-lines"
        ),
    ],
)
def test_no_hint_for_ordinary_texts(text: str) -> None:
    """Only one-line paragraphs that read like items draw the hint."""
    assert "H_BULLETIN" not in codes(text)


def test_a_given_title_leaves_the_text_whole() -> None:
    """With a title in the header the first line belongs to the body."""
    parsed = entry("---\ntitle: Given\n---\nFirst line\n\nSecond")
    assert (parsed.title, parsed.body_html) == ("Given", "<p>First line</p>\n<p>Second</p>")


def test_a_blank_looking_title_is_derived() -> None:
    """A title of invisible characters counts as none."""
    assert entry('---\ntitle: "\\u200B"\n---\nFirst line\n\nSecond').title == "First line"


@pytest.mark.parametrize("text", ["\u200b", " \u3164\n\u2800"])
def test_a_file_without_visible_text_is_empty(text: str) -> None:
    """Invisible characters are no text."""
    with pytest.raises(EntryParseError) as caught:
        parse(text)
    assert caught.value.code == "E_EMPTY"


def test_hostile_text_is_shown_literally() -> None:
    """Markup in plain text never becomes markup."""
    text = 'Head\n\n<script>alert(1)</script> ]]> &undefined; {{ 7*7 }} <img src=x onerror="y">'
    parsed = entry(text)
    assert text_of(parsed.body_html) == text.partition("\n\n")[2]
    assert "<script" not in parsed.body_html
    assert "<img" not in parsed.body_html


def test_huge_texts_are_read() -> None:
    """One line of five megabytes and fifty thousand paragraphs are long, not hard."""
    assert len(entry("x" * 5_000_000).title) == 100
    assert entry("a (b: c\n\n" * 50_000).body_html.count("<p>") == 49_999
