"""What a body gives: title, summary and HTML, whichever way it was written."""

from __future__ import annotations

import re
from typing import NamedTuple

from feedsvc.parse.cut import cut_at_word

MAX_TITLE_LINE = 150
_MAX_DERIVED_TITLE = 100
_MAX_SUMMARY = 300
_FULL_STOPS = (".", "。", "۔", "।")
_LINE_END_MARKS = " \t\u200e\u200f\u061c\u200b"
_CLAUSE_END = re.compile(r"[.!?؟۔।;؛](?=[\s\"'”’»)]|$)|[。！？；]")
_SHORTEST_CLAUSE = 15
"""Shorter clauses are often abbreviations: “Mr.”, “U.S.”."""


class Content(NamedTuple):
    """The readable parts of an entry; ``sample`` is plain text from its beginning."""

    title: str
    summary: str
    body_html: str
    sample: str


def is_title_line(line: str) -> bool:
    """Tell whether a first line reads like a title: short, and no sentence with a full stop."""
    return len(line) <= MAX_TITLE_LINE and not ends_in_full_stop(line)


def ends_in_full_stop(line: str) -> bool:
    """Tell whether *line* ends in a full stop of any script."""
    return line.rstrip(_LINE_END_MARKS).endswith(_FULL_STOPS)


def derive_title(line: str) -> str:
    """Return the first clause of *line* as a title of at most 100 characters; a shortened one ends in an ellipsis."""
    found = _CLAUSE_END.search(line, _SHORTEST_CLAUSE, 2 * _MAX_DERIVED_TITLE)
    clause = line[:-1] if ends_in_full_stop(line) and line[-2:-1].isalnum() else line
    if found is not None:
        end = found.start() if found[0] in ".。۔।;؛；" else found.end()
        clause = line[:end]
    return cut_at_word(clause, _MAX_DERIVED_TITLE)


def summarise(paragraph: str) -> str:
    """Return the beginning of *paragraph* on one line, at most 300 characters, cut at a word."""
    head = " ".join(paragraph[: 4 * _MAX_SUMMARY].split())
    return cut_at_word(head, _MAX_SUMMARY)
