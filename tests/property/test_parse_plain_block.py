"""The quick way of reading front matter agrees with libyaml wherever it gives an answer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import EntryParseError
from feedsvc.parse.plain_block import read_plain_block
from feedsvc.parse.yaml_block import load_yaml

_CHARACTERS = st.sampled_from("abZ09 _-.:,;'\"[]{}&*!|>%@`#?~=+/()\\éعش٣中🎉\u00a0\u200c")
_VALUES = st.one_of(
    st.text(_CHARACTERS, max_size=30),
    st.text(_CHARACTERS, max_size=30).map(lambda text: f'"{text}"'),
    st.text(_CHARACTERS, max_size=30).map(lambda text: f"'{text}'"),
    st.lists(st.text(_CHARACTERS, max_size=8), max_size=4).map(lambda words: f"[{', '.join(words)}]"),
    st.sampled_from(["2026-11-24T10:00:00Z", "yes", "null", "~", "1:30", "012", "0x1f", "1e3", ".inf", "- a", "a - b"]),
)
_LINES = st.tuples(st.sampled_from(["title", "date", "Tags", "a-b", "x_1", "y", "null"]), _VALUES).map(": ".join)
_BLOCKS = st.lists(_LINES, max_size=6).map("\n".join)


def _by_yaml(text: str) -> list[tuple[str, object, int, int]] | None:
    try:
        items = load_yaml(text, 0, [])
        return [(item.key, item.value, item.line, item.value_place[1] if item.value_place else 0) for item in items]
    except EntryParseError:
        return None


@settings(max_examples=1000)
@given(_BLOCKS)
def test_quick_answers_are_those_of_yaml(text: str) -> None:
    """Where the quick way answers at all, libyaml reads the same keys and values at the same places."""
    quick = read_plain_block(text)
    if quick is not None:
        assert [tuple(item) for item in quick] == (_by_yaml(text) if text else [])


def test_usual_headers_take_the_quick_way() -> None:
    """The header that the manual shows is read without a YAML parser, in both scripts."""
    text = 'title: "عنوان الخبر: الأول"\ndate: 2026-11-24T10:00:00Z\ntags: [one, two words]\nauthor: سارة علي\n'
    quick = read_plain_block(text)
    assert quick is not None
    assert [item.value for item in quick] == [
        "عنوان الخبر: الأول",
        "2026-11-24T10:00:00Z",
        ["one", "two words"],
        "سارة علي",
    ]
