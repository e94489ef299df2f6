"""Headers of every dialect: what is written reads back, and no text breaks the reader."""

from __future__ import annotations

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import EntryParseError
from feedsvc.parse.header import split_document

_WORD = st.text("abcdefgxyzأبت", min_size=1, max_size=8)
_VALUE = st.text("abc xyz:#'[{ أبت1,", min_size=1, max_size=30).map(str.strip).filter(bool)
_HEADER = st.dictionaries(_WORD, _VALUE, max_size=8).map(lambda values: {"title": "A", **values})
_ASCII = st.dictionaries(st.text("abcxyz-", min_size=1, max_size=8), _VALUE, max_size=8).map(
    lambda v: {"title": "A", **v}
)


def _read(text: str) -> dict[str, object]:
    document = split_document(text, [])
    assert document.body.strip() == "Text."
    return {item.key: item.value for item in document.items}


@settings(max_examples=100)
@given(_HEADER)
def test_lines_and_json_read_back(values: dict[str, str]) -> None:
    """A header written as JSON, bare, Nikola or org lines is read as it was written."""
    assert _read(f"{json.dumps(values)}\nText.\n") == values
    for mark in ("", ".. ", "#+"):
        assert _read("\n".join(f"{mark}{key}: {value}" for key, value in values.items()) + "\n\nText.\n") == values


@settings(max_examples=100)
@given(_ASCII)
def test_toml_reads_back(values: dict[str, str]) -> None:
    """A header written as TOML is read as it was written."""
    rows = "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
    assert _read(f"+++\n{rows}\n+++\nText.\n") == values


@settings(max_examples=300)
@given(
    st.sampled_from(
        ["+++\n", "+++\ntitle = ", '{"title": ', '{"', "Title: ", ".. title: ", "<!--\n.. ", "#+TITLE: ", ""]
    ),
    st.text(
        st.sampled_from(list("\"'[]{}=:.,#+-\\\n tue1dD80")) | st.characters(exclude_categories=["Cs"]), max_size=60
    ),
    st.sampled_from(["", "\n+++\n", "}\n", "\n\nText.\n", "\n-->\n"]),
)
def test_no_text_breaks_the_reader(start: str, middle: str, end: str) -> None:
    """Whatever follows the beginning of a header is read, or refused as a fault of the file."""
    with contextlib.suppress(EntryParseError):
        split_document(start + middle + end, [])
