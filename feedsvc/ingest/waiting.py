"""Files that wait: they are there but cannot be read yet, and what their editor is told meanwhile."""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import TYPE_CHECKING

from feedsvc.ingest.identity import keeps_its_place
from feedsvc.messages import say
from feedsvc.model import FileState, Problem, SourceFile, display_path

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.model import FileSignature


def still_open(size: int) -> Problem:
    """Return why a file of *size* bytes waits that a program has open for writing."""
    cause = say("a program has it open for writing, so it may be still growing ({size:,} bytes so far)", size=size)
    return Problem("W_WRITING", cause, say("Close it there; it is read when it rests."))


def still_growing(size: int) -> Problem:
    """Return why a file waits that changes all the time and has *size* bytes by now."""
    cause = say("it is still growing ({size:,} bytes so far)", size=size)
    return Problem("W_WRITING", cause, say("Wait; it is read when it rests."))


def media_growing(path: str, size: int) -> Problem:
    """Return why a text waits that names the file at *path*, which is being written and has *size* bytes by now."""
    named = display_path(path) or say("a file that goes with it")
    cause = say("{path} is still being written ({size:,} bytes so far)", path=named, size=size)
    return Problem("W_WRITING", cause, say("Wait; both are read when that file rests."))


def busy(error: OSError) -> Problem:
    """Return why a file waits that could not be read because of *error*."""
    name = errno.errorcode.get(error.errno or 0, "unknown error")
    cause = say("it cannot be read at the moment: {reason} ({name})", reason=error.strerror or str(error), name=name)
    return Problem("W_BUSY", cause, say("Wait; it is tried again by itself."))


def waiting_file(
    path: str, signature: FileSignature, problem: Problem, known: SourceFile | None, now: datetime
) -> SourceFile:
    """Return the row of a file that waits.

    Args:
        path: Path below the inbox.
        signature: What the file system says of it now.
        problem: Why it waits.
        known: Its row so far. If it has entries, they stay live, and the bytes that they came from are remembered.
        now: Whole seconds.
    """
    if known is None:
        return SourceFile(path, signature, "", FileState.WAITING, now, problem=problem)
    content_hash = known.content_hash if keeps_its_place(known.state, _code(known)) else ""
    return replace(
        known,
        content_hash=content_hash,
        state=FileState.WAITING,
        problem=problem,
        duplicate_of=None,
        missing_since=None,
    )


def _code(file: SourceFile) -> str:
    return file.problem.code if file.problem else ""
