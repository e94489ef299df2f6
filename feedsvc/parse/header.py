"""Where the front matter of a file ends and its text begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.parse.header_json import read_json
from feedsvc.parse.header_lines import read_key_lines, read_nikola, read_org
from feedsvc.parse.header_toml import read_toml
from feedsvc.parse.header_yaml import load_block
from feedsvc.parse.keys import KNOWN_KEYS

if TYPE_CHECKING:
    from feedsvc.model import Notice
    from feedsvc.parse.header_limits import Header
    from feedsvc.parse.item import Item

_MAX_HEADER_BYTES = 64 * 1024
_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_KEY_LINE = re.compile(r"""[{ \t]*["']?([^\W\d][\w-]*)["']?[ \t]*:(?:[ \t]|$)""", re.MULTILINE)
_SKIPPED = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
"""Blank lines and comments before the first key."""

_KNOWN_LINE = re.compile(rf"^(?:{'|'.join(sorted(KNOWN_KEYS))})[ \t]*:(?:[ \t]|$)", re.MULTILINE | re.IGNORECASE)


class Document(NamedTuple):
    """A file taken apart; ``body_line`` is the line of the file where the body begins."""

    items: tuple[Item, ...]
    body: str
    body_line: int


def split_document(text: str, notices: list[Notice]) -> Document:
    """Take the front matter off *text*, in any dialect; a ``---`` without key lines below it is plain text.

    Raises:
        EntryParseError: ``E_FRONTMATTER`` for a header that is broken or never ends, ``E_LIMIT`` for one that is
            too large, too deep or has too many keys.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return _other_dialect(text, notices)
    start = opening.end()
    closing = _CLOSING.search(text, start)
    if closing is None:
        return _unclosed(text, start)
    block = text[start : closing.start()]
    if not _is_header(block):
        return Document((), text, 1)
    if len(block.encode()) > _MAX_HEADER_BYTES:
        raise EntryParseError(
            "E_LIMIT", say("the front matter is larger than 64 KiB"), say("Move its text below the ---."), line=1
        )
    body_line = block.count("\n") + 3
    return Document(load_block(block, 2, notices), text[closing.end() + 1 :], body_line)


def _other_dialect(text: str, notices: list[Notice]) -> Document:
    header = _read_other(text, notices)
    if header is None:
        return Document((), text, 1)
    return Document(header.items, text[header.end :], text.count("\n", 0, header.end) + 1)


def _read_other(text: str, notices: list[Notice]) -> Header | None:
    """Choose by the first characters: each dialect has its own."""
    if text.startswith("{"):
        return read_json(text, notices)
    if text.startswith("+++"):
        return read_toml(text)
    if text.startswith(("..", "<!--")):
        return read_nikola(text)
    return read_org(text) if text.startswith("#+") else read_key_lines(text)


def _is_header(block: str) -> bool:
    if not block or block.isspace():
        return True
    skipped = _SKIPPED.match(block)
    first = skipped.end() if skipped else 0
    return _KEY_LINE.match(block, first) is not None or _KNOWN_LINE.search(block) is not None


def _unclosed(text: str, start: int) -> Document:
    """Refuse an opened header with keys that are ours; anything else below ``---`` is the text itself."""
    head = text[start : start + _MAX_HEADER_BYTES]
    paragraph = head.lstrip("\n").partition("\n\n")[0]
    if _KNOWN_LINE.search(paragraph) is None:
        return Document((), text, 1)
    fix = say("Add a line of three hyphens (---) after the last key.")
    cause = say("the front matter that begins here never ends")
    raise EntryParseError("E_FRONTMATTER", cause, fix, line=1, column=1)
