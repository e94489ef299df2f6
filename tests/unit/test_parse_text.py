"""Bytes to text, and the characters that must not travel: decode, clean, bidi, cut."""

from __future__ import annotations

import pytest

from feedsvc.errors import EntryParseError
from feedsvc.model import Notice
from feedsvc.parse.bidi import balance_bidi
from feedsvc.parse.clean import is_blank, is_surely_clean, one_line, remove_forbidden
from feedsvc.parse.cut import cut_at_word, grapheme_border
from feedsvc.parse.decode import decode

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"plain", "plain", id="ascii"),
        pytest.param(b"\xef\xbb\xbf\xd8\xb3", "س", id="byte-order-mark"),
        pytest.param(b"a\r\nb\rc\n", "a\nb\nc\n", id="line-ends"),
    ],
)
def test_utf8_is_read(data: bytes, text: str) -> None:
    """UTF-8 with and without a mark, and every kind of line end, give the same text."""
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        pytest.param(b"", "E_EMPTY", None, id="no-bytes"),
        pytest.param(b" \r\n\t", "E_EMPTY", None, id="white-space"),
        pytest.param(b"\xef\xbb\xbf", "E_EMPTY", None, id="mark-only"),
        pytest.param("عنوان".encode("windows-1256"), "E_ENCODING", 1, id="windows-1256"),
        pytest.param(b"a\nb\xff", "E_ENCODING", 2, id="bad-byte"),
        pytest.param(b"\xc0\xaf", "E_ENCODING", 1, id="overlong"),
        pytest.param(b"\xed\xa0\x80", "E_ENCODING", 1, id="surrogate"),
        pytest.param(b"\xff\xfea", "E_ENCODING", 1, id="half-utf-16"),
        pytest.param(b"a\nb\0c", "E_BINARY", 2, id="nul"),
    ],
)
def test_undecodable_bytes_are_refused(data: bytes, code: str, line: int | None) -> None:
    """Nothing is guessed: the editor learns the line and what to do."""
    with pytest.raises(EntryParseError) as caught:
        decode(data)
    assert (caught.value.code, caught.value.line) == (code, line)
    assert caught.value.fix.endswith(".")


def test_the_bad_byte_is_named() -> None:
    """Offset, value, line and column lead to the byte."""
    with pytest.raises(EntryParseError) as caught:
        decode("é\nsé".encode() + b"\xe9")
    assert "byte 6 is 0xE9" in caught.value.cause
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_control_characters_are_removed_and_reported() -> None:
    """What XML 1.0 forbids is gone, and the notice names the lines."""
    notices: list[Notice] = []
    assert remove_forbidden("a\x0bb\n\nc\x1b\ufffe\x85d", notices) == "ab\n\nc\x85d"
    assert notices == [Notice("W_CTRL", "control characters were removed in lines 1, 3", 1)]


def test_many_lines_with_control_characters_are_summed_up() -> None:
    """The notice stays short."""
    notices: list[Notice] = []
    remove_forbidden("\x01\n" * 8, notices)
    assert notices[0].message.endswith("lines 1, 2, 3, 4, 5 and 3 more")


@pytest.mark.parametrize("text", ["a\tb\n", "سلام", "a\x7f", "\ufeffa", "\x9f", "é", "a\x0c"])
def test_quick_check_never_calls_dirty_text_clean(text: str) -> None:
    """The check on the bytes may doubt clean text, but never passes dirty text."""
    if is_surely_clean(text.encode()):
        assert remove_forbidden(text, []) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("unchanged title", "unchanged title", id="tidy"),
        pytest.param("Hi\r\nBcc: x@y.z", "Hi Bcc: x@y.z", id="header-injection"),
        pytest.param(" a\u2028b \t c\x00\x1b ", "a b c", id="separators-and-controls"),
        pytest.param("\u202egnp.exe\u202c\u2066x", "gnp.exex", id="bidi-overrides"),
        pytest.param("می\u200cخواهم\u200f", "می\u200cخواهم\u200f", id="joiners-and-marks-stay"),
        pytest.param("1\u00a0km", "1\u00a0km", id="no-break-space-stays"),
    ],
)
def test_titles_and_names_become_one_tidy_line(text: str, line: str) -> None:
    """No break, no control, no override is left in what becomes a title, a name or a mail subject."""
    assert one_line(text) == line


@pytest.mark.parametrize("text", ["", "\u200b", "\u3164\u2800", " \u00ad\ufe0f\u2060"])
def test_invisible_text_is_blank(text: str) -> None:
    """Characters that look like nothing count as nothing."""
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "。", "🎉", "\u200bس"])
def test_visible_text_is_not_blank(text: str) -> None:
    """One visible character is enough."""
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("html", "balanced"),
    [
        pytest.param("<p>plain</p>", "<p>plain</p>", id="none"),
        pytest.param("<p>سلام</p>", "<p>سلام</p>", id="rtl-without-controls"),
        pytest.param("<p>a\u202eb</p><p>c</p>", "<p>a\u202eb\u202c</p><p>c</p>", id="override-closed"),
        pytest.param("<p>\u2066a\u202bb\u2069c</p>", "<p>\u2066a\u202bb\u202c\u2069c</p>", id="isolate-closes-inner"),
        pytest.param("\u202c\u2069a", "a", id="stray-closers"),
        pytest.param("\u2067\u202ca", "\u2067a\u2069", id="wrong-closer"),
        pytest.param("\u202aa\u202cb", "\u202aa\u202cb", id="already-balanced"),
    ],
)
def test_bidi_controls_end_with_their_paragraph(html: str, balanced: str) -> None:
    """An override in one paragraph cannot turn round the next."""
    assert balance_bidi(html) == balanced


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        pytest.param("short", 10, "short", id="fits"),
        pytest.param("one two three four", 12, "one two…", id="between-words"),
        pytest.param("one, two three four", 7, "one…", id="comma-dropped"),
        pytest.param("漢" * 20, 10, "漢" * 9 + "…", id="no-spaces"),
        pytest.param("a" * 5 + FAMILY + "b", 9, "aaaaa…", id="emoji-family"),
        pytest.param("🇪🇬" * 4, 6, "🇪🇬🇪🇬…", id="flags"),
        pytest.param("aaaae\u0301\u0302bc", 7, "aaaa…", id="combining-marks"),
        pytest.param("👍🏽👍🏽👍🏽", 4, "👍🏽…", id="skin-tones"),
    ],
)
def test_cut_between_words_and_characters(text: str, limit: int, cut: str) -> None:
    """A shortened text ends at a word where it has words, and never splits what is seen as one character."""
    assert cut_at_word(text, limit) == cut
    assert len(cut) <= limit


def test_a_text_of_marks_alone_is_still_cut() -> None:
    """A limit holds even where there is no good place."""
    assert grapheme_border("\u0301" * 50, 10) == 10
    assert grapheme_border("ab", 2) == 2
    assert len(cut_at_word("((((((((((((", 5)) <= 5
