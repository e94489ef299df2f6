"""The configuration file: found, read, and its syntax explained where it is wrong."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from feedsvc.errors import SettingsError
from feedsvc.settings.words import plain

if TYPE_CHECKING:
    from pathlib import Path

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_PLAIN_SENTENCES = {
    "Invalid value": 'no value can be read here; text needs double quotes, as in title = "News"',
    "Invalid statement": "a setting starts with its name, as in port = 8080",
    "Invalid initial character for a key part": "a setting starts with its name, as in port = 8080",
    "Expected '=' after a key in a key/value pair": "a setting has the form: name = value",
    "Expected newline or end of document after a statement": "each setting needs a line of its own",
    "Expected ']' at the end of a table declaration": "a section name needs a closing ], as in [web]",
    "Expected ']]' at the end of an array declaration": "this needs two closing brackets, as in [[feed]]",
    "Cannot overwrite a value": "this setting was already given above; keep one of the two",
    "Unterminated string": "a text has no closing quote",
    "Unclosed array": "a list has no closing ]",
    "Unescaped '\\' in a string": "write \\\\ for a backslash in double quotes, or put the text in single quotes",
    "Illegal character '\\n'": "a text has no closing quote on its line",
}


def read_document(path: Path, shown_as: str) -> dict[str, object]:
    """Return the tables of the TOML file at *path*; a file that is not there has none.

    Raises:
        SettingsError: The file cannot be read or is not TOML 1.0 in UTF-8; says where and why.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError([f"{shown_as}: cannot be read: {(error.strerror or 'input error').lower()}"]) from error
    return _parsed(_decoded(data, shown_as), shown_as)


def _decoded(data: bytes, shown_as: str) -> str:
    try:
        return data.decode("utf-8-sig")  # editors on Windows put a byte order mark first; TOML forbids it
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise SettingsError(
            [f"{shown_as}: line {line}, column {column}: this is not UTF-8 text; save the file as UTF-8"]
        ) from error


def _parsed(text: str, shown_as: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise SettingsError([f"{shown_as}: lists or tables are nested too deeply"]) from error
    except ValueError as error:  # TOMLDecodeError, and plain ValueError for numbers of thousands of digits
        raise SettingsError([f"{shown_as}: {_explained(str(error), text)}"]) from error


def _explained(message: str, text: str) -> str:
    """Turn a message of tomllib into place and plain sentence; up to Python 3.13 the place is in its text only."""
    place = _PLACE.search(message)
    reason = message[: place.start()] if place else message
    sentence = next((said for start, said in _PLAIN_SENTENCES.items() if reason.startswith(start)), None)
    return f"{_position(place, text)}: {sentence or plain(reason[:1].lower() + reason[1:])}"


def _position(place: re.Match[str] | None, text: str) -> str:
    if place and place[1]:
        return f"line {place[1]}, column {place[2]}"
    lines = text.rstrip("\n").split("\n")
    return f"line {len(lines)}, column {len(lines[-1]) + 1}" if place else "the whole file"
