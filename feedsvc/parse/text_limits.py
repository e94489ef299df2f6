"""How much of one thing a text may hold, so that no file costs more than some tens of megabytes while it is read."""

from __future__ import annotations

import re

from feedsvc.errors import EntryParseError
from feedsvc.messages import Message, say

_MAX_LINES = 100_000
_BYTES_A_LINE = 40
"""Lines of a file that is large by permission of its operator may be more, as long as they are of ordinary length."""
_MARKDOWN_MARKS = b'!"$*<>[\\]_`|~\n'
_MAX_MARKS = 120_000
"""Each may become a node of the syntax tree: up to half a kilobyte."""
_TOO_DEEP = re.compile(r"^[ \t]*(?:(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])[ \t]*){100}", re.MULTILINE | re.ASCII)
"""A hundred quotes or lists within each other, opened by one line."""
_MAX_ADDRESSES = 50_000
_MAX_EMBEDDINGS = 50_000
_MAX_JSON_MARKS = 600_000


def limit_lines(text: str | bytes) -> None:
    """Refuse a text with too many lines: each may become a paragraph, with a list entry and tags of its own.

    Raises:
        EntryParseError: ``E_LIMIT``.
    """
    if len(text) <= _MAX_LINES:
        return
    limit = max(_MAX_LINES, len(text) // _BYTES_A_LINE)
    lines = text.count("\n") if isinstance(text, str) else text.count(b"\n")
    if lines > limit:
        raise _limit(say("the text has {n:,} lines, the limit is {limit:,}", n=lines, limit=limit))


def limit_markdown(text: str) -> None:
    """Refuse a text with too many marks that mean something in Markdown, line ends among them, or too deep a line.

    Raises:
        EntryParseError: ``E_LIMIT``.
    """
    if len(text) <= _MAX_MARKS:
        return
    if _TOO_DEEP.search(text):
        raise _limit(say("a line of the text opens a hundred quotes or lists within each other"))
    data = text.encode()
    marks = len(data) - len(data.translate(None, _MARKDOWN_MARKS))
    if marks > _MAX_MARKS:
        raise _limit(
            say("the text has {n:,} marks of Markdown and line ends, the limit is {limit:,}", n=marks, limit=_MAX_MARKS)
        )


def limit_addresses(text: str) -> None:
    """Refuse a text with too many web and mail addresses: each becomes a link several times its length.

    Raises:
        EntryParseError: ``E_LIMIT``.
    """
    if len(text) <= _MAX_ADDRESSES:
        return
    addresses = text.count("://") + text.count("mailto:")
    if addresses > _MAX_ADDRESSES:
        raise _limit(say("the text has {n:,} addresses, the limit is {limit:,}", n=addresses, limit=_MAX_ADDRESSES))


def limit_embeddings(text: str) -> None:
    """Refuse a text with too many controls that embed a direction: each costs a place in a list to be closed again.

    Raises:
        EntryParseError: ``E_LIMIT``.
    """
    if len(text) <= _MAX_EMBEDDINGS or text.isascii():
        return
    controls = sum(map(text.count, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
    if controls > _MAX_EMBEDDINGS:
        raise _limit(
            say("the text has {n:,} controls of direction, the limit is {limit:,}", n=controls, limit=_MAX_EMBEDDINGS)
        )


def limit_json(text: str) -> None:
    """Refuse JSON with too many values: each costs more in memory than in the file.

    Raises:
        EntryParseError: ``E_LIMIT``.
    """
    if text.count('"') + text.count(",") > _MAX_JSON_MARKS:
        raise _limit(say("the file holds too many values"))


def _limit(cause: Message) -> EntryParseError:
    return EntryParseError("E_LIMIT", cause, say("Divide it into several files."))
