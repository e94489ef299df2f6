"""The note beside a quarantined file: its name, the line by which it is known again, and its text."""

from __future__ import annotations

import os
import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from feedsvc.files import open_beneath
from feedsvc.ingest.wording import problem_lines
from feedsvc.messages import insert, say, translate
from feedsvc.model import FileState, display_path

if TYPE_CHECKING:
    from feedsvc.model import SourceFile

_SUFFIX = ".problem.txt"
_MARK = re.compile(rb"\[feedsvc note ([0-9a-f]{16})\]\n")
_LONGEST_MARK = 64
_EDITION = 1
"""Counts up when notes change their form, so that all are written anew."""


def note_path(path: str) -> str:
    """Return the path of the note about the file at *path*."""
    return f"{path}{_SUFFIX}"


def is_note_name(path: str) -> bool:
    """Tell whether *path* may be a note; only its first line tells for certain."""
    return path.endswith(_SUFFIX)


def edition_in(data: bytes) -> str:
    """Return which edition of our notes *data* begins with, empty if it was not written by us."""
    found = _MARK.match(data)
    return found[1].decode() if found else ""


def edition_at(root: str, path: str) -> str:
    """Return which edition of a note lies at *path* below *root*, empty if it is not ours or cannot be read."""
    if not is_note_name(path):
        return ""
    try:
        with open_beneath(root, path) as handle:
            return edition_in(os.read(handle, _LONGEST_MARK))
    except OSError:
        return ""


def edition_of(file: SourceFile, language: str) -> str:
    """Return what tells apart the notes about all states of *file*; empty if it needs none."""
    if file.state is not FileState.QUARANTINED or file.problem is None or file.missing_since is not None:
        return ""
    facts = repr((_EDITION, language, display_path(file.path), file.content_hash, file.problem))
    return blake2b(facts.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


def note_text(file: SourceFile, excerpt: str, language: str) -> str:
    """Return the note about *file*, with the line *excerpt* that its problem is about."""
    if file.problem is None:
        raise ValueError("there is nothing to be noted")
    name = insert(display_path(file.path), language)
    closing = say("feedsvc wrote this note. It goes by itself when the file is mended, renamed or deleted.")
    lines = problem_lines(file.problem, excerpt, language)
    return "\n".join(
        (f"[feedsvc note {edition_of(file, language)}]", name, "", *lines, "", translate(closing, language), "")
    )
