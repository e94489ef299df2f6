"""The line of a file that a problem is about, as it stands there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from feedsvc.errors import SourceChangedError
from feedsvc.files import open_beneath, read_steady
from feedsvc.parse import line_of

if TYPE_CHECKING:
    from feedsvc.ingest.examine import Examiner
    from feedsvc.model import Problem


def line_of_problem(examiner: Examiner, path: str, problem: Problem, content_hash: str | None = None) -> str:
    """Return the line that *problem* is about, empty if it cannot be shown.

    Args:
        examiner: How files are read.
        path: Path below the examiner's root.
        problem: What is wrong, and in which line.
        content_hash: What the content was when the problem was found; None if it was found just now.
    """
    if problem.line is None:
        return ""
    try:
        with open_beneath(examiner.root, path) as handle:
            data, _ = read_steady(handle, examiner.max_bytes)
    except (OSError, SourceChangedError):
        return ""
    if content_hash is not None and hashlib.sha256(data).hexdigest() != content_hash:
        return ""
    is_raw = problem.code == "E_ENCODING"  # those lines were counted before other line ends were understood
    return line_of(data, problem.line, examiner.context(path).encodings, is_raw=is_raw)
