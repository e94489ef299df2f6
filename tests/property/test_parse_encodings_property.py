"""Encodings: what was written is what is read, and random bytes are read or refused, never half read."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feedsvc.errors import EntryParseError
from feedsvc.parse.decode import decode

WORDS = st.lists(
    st.sampled_from(["أعلنت", "البلدية", "عن", "افتتاح", "المكتبة", "The", "council", "opened", "a", "library"]),
    min_size=6,
    max_size=60,
).map(" ".join)


@given(WORDS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]))
def test_unicode_is_read_back(text: str, encoding: str) -> None:
    """With or without a byte order mark, Arabic, English or both."""
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert decode(f"{mark}{text}".encode(encoding)) == text


@given(WORDS)
def test_declared_encoding_is_read_back(text: str) -> None:
    """The list of the inbox is tried in its order once the bytes are no Unicode; without it they are refused."""
    assume(not text.isascii())
    data = text.encode("cp1256")
    assert decode(data, ("windows-1256",)) == text
    with pytest.raises(EntryParseError) as caught:
        decode(data)
    assert caught.value.code == "E_ENCODING"


@given(st.binary(max_size=300), st.sampled_from([(), ("windows-1256",), ("shift_jis", "gb18030")]))
def test_random_bytes_are_read_or_refused(data: bytes, encodings: tuple[str, ...]) -> None:
    """Whatever is read holds no NUL and no half of a character."""
    try:
        text = decode(data, encodings)
    except EntryParseError:
        return
    assert "\0" not in text
    text.encode()
