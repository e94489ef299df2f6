"""Bytes to text, without guessing: what cannot be read for certain is refused."""

from __future__ import annotations

import codecs
from typing import NoReturn

from feedsvc.errors import EntryParseError

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)  # UTF-32-LE begins like UTF-16-LE
_SAVE_AS_UTF8 = "Save the file again with the encoding UTF-8."


def decode(data: bytes) -> str:
    """Return *data* as text with ``\\n`` line ends and without a byte order mark.

    Raises:
        EntryParseError: ``E_EMPTY``, ``E_ENCODING`` or ``E_BINARY``.
    """  # noqa: D301 - the line end is meant as it is written
    _refuse_wide(data)
    text = _decode_utf8(data.removeprefix(codecs.BOM_UTF8))
    if "\0" in text:
        _refuse_binary(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text or text.isspace():
        raise EntryParseError("E_EMPTY", "the file has no text", "Write something into it, or delete it.")
    return text


def _refuse_wide(data: bytes) -> None:
    if data.startswith(_WIDE_MARKS):
        raise EntryParseError("E_ENCODING", "the file is saved as UTF-16 or UTF-32", _SAVE_AS_UTF8, line=1)


def _decode_utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_bytes(data, error)


def _refuse_bytes(data: bytes, error: UnicodeDecodeError) -> NoReturn:
    before = data[: error.start]
    line = before.count(b"\n") + 1
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    cause = f"the text is not UTF-8: byte {error.start} is 0x{data[error.start]:02X}"
    raise EntryParseError("E_ENCODING", cause, _SAVE_AS_UTF8, line=line, column=column) from error


def _refuse_binary(text: str) -> NoReturn:
    line = text.count("\n", 0, text.index("\0")) + 1
    fix = "Put only text files into the inbox; if this is one, save it again as UTF-8."
    raise EntryParseError("E_BINARY", "the file holds NUL bytes, so it is not text", fix, line=line)
