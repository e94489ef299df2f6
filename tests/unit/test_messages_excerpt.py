"""The line of a file that a problem is about, with a caret under the place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.messages import excerpt_lines

DIRECTION_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_caret_stands_under_the_column() -> None:
    """The line has its number, and the caret is under the character that is meant."""
    assert excerpt_lines("title: Late: the last bus", 2, 12) == (
        "2 | title: Late: the last bus",
        "  |            ^",
    )


def test_caret_is_aligned_below_a_longer_line_number() -> None:
    """The bars stand below each other, however many digits the number has."""
    assert excerpt_lines("a: [b", 1234, 4) == ("1234 | a: [b", "     |    ^")


def test_without_a_column_only_the_line_is_shown() -> None:
    """No place is made up."""
    assert excerpt_lines("title: x", 2, None) == ("2 | title: x",)


@pytest.mark.parametrize(
    ("text", "column", "columns_before"),
    [
        pytest.param("標題: x", 3, 4, id="wide characters take two columns"),
        pytest.param("e\u0301te\u0301: x", 6, 3, id="combining marks take none"),
        pytest.param("ae\u0301", 3, 1, id="a mark is pointed at where it is drawn"),
        pytest.param("\ttitle", 2, 1, id="a tab is one space"),
        pytest.param("मि\u200dx", 4, 2, id="a joiner takes none"),
        pytest.param("abc", 4, 3, id="one past the end"),
        pytest.param("abc", 99, 3, id="far past the end"),
        pytest.param("abc", 0, 0, id="before the beginning"),
        pytest.param("title: خبر", 3, 2, id="right-to-left text only behind the caret"),
    ],
)
def test_caret_goes_by_the_width_on_screen(text: str, column: int, columns_before: int) -> None:
    """The caret is as many columns to the right as the characters before it take."""
    assert excerpt_lines(text, 1, column)[1] == "  | " + " " * columns_before + "^"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        pytest.param("title: خبر: x", 11, id="behind right-to-left text"),
        pytest.param("title: خبر", 8, id="on right-to-left text"),
        pytest.param("- «خبر» title", 1, id="before right-to-left text that turns the line"),
        pytest.param("כותרת: x", 8, id="Hebrew"),
    ],
)
def test_no_caret_where_a_terminal_may_reorder_the_line(text: str, column: int) -> None:
    """A caret would be under another character on some terminals, so the column is told in words."""
    assert excerpt_lines(text, 3, column) == (f"3 | {text}", f"  | (column {column}, in reading order)")


def test_long_line_is_cut_round_the_caret() -> None:
    """The caret is under its character, with ellipses where text is left out, and it all fits into a terminal."""
    text = "a" * 5000 + "X" + "b" * 5000
    shown, pointer = excerpt_lines(text, 1, 5001)
    assert shown.startswith("1 | …a")
    assert shown.endswith("b…")
    assert shown[pointer.index("^")] == "X"
    assert len(shown) == len("1 | ") + 102


def test_long_line_is_cut_on_one_side_only_near_its_ends() -> None:
    """At the beginning nothing is left out before, at the end nothing behind, and the room is used."""
    text = "".join(chr(ord("a") + number % 26) for number in range(300))
    assert excerpt_lines(text, 1, 1)[0] == f"1 | {text[:100]}…"
    assert excerpt_lines(text, 1, 300)[0] == f"1 | …{text[-100:]}"


def test_controls_do_not_reach_the_terminal() -> None:
    """Escape sequences and direction overrides are shown as signs, in as many columns as the caret counts."""
    assert excerpt_lines("\x1b[2Ja\x07\x9b\u202eb\u00a0\ufeffc", 1, 11) == (
        "1 | ␛[2Ja␇��b �c",
        "  |           ^",
    )


@given(st.text(), st.integers(1, 10**6), st.none() | st.integers(-3, 400))
@example("\u0301" * 500, 1, 300)
@example("字" * 500, 1, 500)
def test_excerpt_of_any_text_is_harmless(text: str, line: int, column: int | None) -> None:
    """Whatever stands in a file, the excerpt has no control character, is bounded, and points only once."""
    lines = excerpt_lines(text, line, column)
    assert len(lines) == (1 if column is None else 2)
    for shown in lines:
        assert len(shown) <= len(f"{line} | ") + 102
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in shown)
        assert not set(DIRECTION_CONTROLS) & set(shown)
    assert all(shown.isascii() for shown in lines[1:])
