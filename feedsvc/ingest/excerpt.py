"""The lines of a file that its receipt speaks of, as they stand there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from feedsvc.errors import SourceChangedError
from feedsvc.files import open_beneath, read_steady
from feedsvc.parse import shown_lines

if TYPE_CHECKING:
    from feedsvc.ingest.examine import Examiner
    from feedsvc.model import Problem, Receipt

_MAIL_SUFFIX = ".eml"
_MAX_EXCERPTS = 20
"""More warnings of one file are told without the line."""


def with_lines(receipt: Receipt, examiner: Examiner, path: str, content_hash: str = "") -> Receipt:
    """Return *receipt* with the lines that its problem and its notices are about, as far as they can be shown.

    Args:
        receipt: What became of the file.
        examiner: How files are read.
        path: Path of the file below the examiner's root.
        content_hash: What the content was when the receipt was written; empty if nobody knows, or it was just now.
    """
    numbers = [notice.line for notice in receipt.notices[:_MAX_EXCERPTS]]
    if path.casefold().endswith(_MAIL_SUFFIX):
        numbers = []  # their lines are those of the text within the mail
    excerpt = "" if receipt.problem is None else line_of_problem(examiner, path, receipt.problem, content_hash)
    if not any(numbers):
        return replace(receipt, excerpt=excerpt)
    lines = _lines(examiner, path, content_hash, is_raw=False)
    return replace(receipt, excerpt=excerpt, notice_excerpts=tuple(_pick(lines, number) for number in numbers))


def line_of_problem(examiner: Examiner, path: str, problem: Problem, content_hash: str = "") -> str:
    """Return the line that *problem* is about, empty if it cannot be shown; arguments as for `with_lines`."""
    if problem.line is None:
        return ""
    is_raw = problem.code == "E_ENCODING"  # those lines were counted before other line ends were understood
    return _pick(_lines(examiner, path, content_hash, is_raw=is_raw), problem.line)


def _pick(lines: list[str], number: int | None) -> str:
    return lines[number - 1] if number is not None and 0 < number <= len(lines) else ""


def _lines(examiner: Examiner, path: str, content_hash: str, *, is_raw: bool) -> list[str]:
    """Return the lines of a file; none if it cannot be read, or is not any more what it was."""
    try:
        with open_beneath(examiner.root, path, follow_links=examiner.follow_links) as handle:
            data, _ = read_steady(handle, examiner.max_bytes)
    except (OSError, SourceChangedError):
        return []
    if content_hash and hashlib.sha256(data).hexdigest() != content_hash:
        return []
    return shown_lines(data, examiner.way(os.path.dirname(path)).encodings, is_raw=is_raw)
