"""Files that are not UTF-8: read where that is certain or declared, otherwise refused with a useful hint."""

from __future__ import annotations

import pytest

from feedsvc.errors import EntryParseError
from feedsvc.parse.decode import decode

ARABIC = "أعلنت البلدية عن افتتاح المكتبة العامة\nفي حي البحيرة صباح اليوم بحضور السكان.\n"
ENGLISH = "The library opens on Monday.\nBring a friend.\n"


@pytest.mark.parametrize("text", [ARABIC, ENGLISH], ids=["arabic", "english"])
@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_files_are_read(text: str, name: str) -> None:
    """case-2.22: marks decide, and UTF-16 without one is known by its pattern."""
    assert decode(text.encode(name)) == text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"Hello\0there", id="case-2.21"),
        pytest.param(b"Hello\0the\0re and so on\n", id="case-2.21-scattered"),
        pytest.param(b"\0\0\0\0\0\0\0\0", id="case-2.21-only-nul"),
    ],
)
def test_scattered_nul_bytes_stay_binary(data: bytes) -> None:
    """NUL bytes alone do not make UTF-16."""
    with pytest.raises(EntryParseError) as caught:
        decode(data)
    assert caught.value.code == "E_BINARY"


def test_a_code_page_is_named_but_not_used() -> None:
    """case-2.23: the editor learns what the file looks like and what to do."""
    with pytest.raises(EntryParseError) as caught:
        decode(ARABIC.encode("windows-1256"))
    assert (caught.value.code, caught.value.line, caught.value.column) == ("E_ENCODING", 1, 1)
    assert "byte 0 is 0xC3" in caught.value.cause
    assert "looks like windows-1256" in caught.value.cause
    assert 'encodings = ["windows-1256"] into the file _inbox.toml' in caught.value.fix


def test_a_declared_code_page_is_read() -> None:
    """case-2.23: with the encoding declared, the same file is text."""
    assert decode(ARABIC.encode("windows-1256"), ("windows-1256",)) == ARABIC


def test_a_declared_encoding_that_gives_controls_is_passed_over() -> None:
    """case-2.23: ISO-8859-1 decodes anything, but the controls in the result betray it."""
    text = "“Quoted” words – and a dash"
    assert decode(text.encode("cp1252"), ("iso-8859-1", "cp1252")) == text


@pytest.mark.parametrize("data", [b"One\nTwo \xff three\n", b"One \xc0\xaf two", b"One \xed\xa0\xbd\xed\xb8\x80"])
def test_broken_utf8_is_refused(data: bytes) -> None:
    """case-2.24: a few wrong bytes name no encoding."""
    with pytest.raises(EntryParseError) as caught:
        decode(data)
    assert caught.value.code == "E_ENCODING"
    assert "looks like" not in caught.value.cause
