"""Read one file and make entries of it; runs in any thread or process and touches nothing."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError, SourceChangedError
from feedsvc.files import is_being_written, open_beneath, read_steady
from feedsvc.ingest.note import edition_in, is_note_name
from feedsvc.ingest.scan import kind_problem, signature_of
from feedsvc.messages import say
from feedsvc.model import FileSignature, ParsedFile, Problem
from feedsvc.parse import ParseContext, parse_file

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Examiner:
    """How the files of an inbox are read."""

    root: str
    max_bytes: int
    language: str
    zone: ZoneInfo
    origin: str
    encodings: tuple[str, ...] = ()

    def context(self, path: str) -> ParseContext:
        """Return what the parser needs to know about the file at *path*."""
        return ParseContext(
            path=path, language=self.language, zone=self.zone, origin=self.origin, encodings=self.encodings
        )


class Examined(NamedTuple):
    """A file that was read: either *parsed* or *problem* is set."""

    path: str
    signature: FileSignature
    content_hash: str
    parsed: ParsedFile | None
    problem: Problem | None


class Unsettled(NamedTuple):
    """A file that is still being written."""

    path: str
    signature: FileSignature


class Vanished(NamedTuple):
    """A file that is not there any more: no error, just forgotten."""

    path: str


Outcome = Examined | Unsettled | Vanished

STILL_WRITTEN = Problem(
    "W_WRITING", say("a program is still writing this file"), say("Close it there; it is read when it rests.")
)
"""Why a file waits although it is there."""

_BEHIND_LINK = Problem(
    "E_LINK", say("a folder above it is a link, which is not entered"), say("Put the folder into the inbox.")
)
_NOT_OURS = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EINVAL, errno.ENXIO})


def examine(examiner: Examiner, path: str) -> Outcome:
    """Read and parse the file at *path* below the examiner's root."""
    try:
        with open_beneath(examiner.root, path) as handle:
            status = os.fstat(handle)
            if is_being_written(handle):
                return Unsettled(path, signature_of(status))
            if status.st_size > examiner.max_bytes:
                return _refused(path, status, _too_large(status.st_size, examiner.max_bytes))
            data, status = read_steady(handle, examiner.max_bytes)
    except FileNotFoundError:
        return Vanished(path)
    except SourceChangedError:
        return Unsettled(path, FileSignature(0, 0, 0, 0))
    except OSError as error:
        return _unreadable(examiner.root, path, error)
    if is_note_name(path) and edition_in(data):
        return Vanished(path)  # our own note is none of the editor's files
    return examine_bytes(examiner.context(path), data, signature_of(status))


def examine_bytes(context: ParseContext, data: bytes, signature: FileSignature) -> Examined:
    """Parse *data* as the content of the file that *context* names."""
    content_hash = hashlib.sha256(data).hexdigest()
    try:
        return Examined(context.path, signature, content_hash, parse_file(data, context), None)
    except EntryParseError as error:
        problem = Problem(error.code, error.cause, error.fix, error.line, error.column)
        return Examined(context.path, signature, content_hash, None, problem)


def _refused(path: str, status: os.stat_result | None, problem: Problem) -> Examined:
    signature = FileSignature(0, 0, 0, 0) if status is None else signature_of(status)
    return Examined(path, signature, "", None, problem)


def _too_large(size: int, limit: int) -> Problem:
    cause = say("the file has {size:,} bytes, the limit is {limit:,}", size=size, limit=limit)
    return Problem("E_SIZE", cause, say("Split it, or raise inbox.max_file_bytes."))


def _unreadable(root: str, path: str, error: OSError) -> Outcome:
    try:
        status = os.lstat(os.path.join(root, path))
    except OSError:
        return Vanished(path)
    if error.errno in _NOT_OURS:
        return _refused(path, status, kind_problem(status.st_mode) or _BEHIND_LINK)
    cause = say(
        "feedsvc (user {user}) cannot read it: {reason}, mode {mode}",
        user=os.geteuid(),
        reason=error.strerror or type(error).__name__,
        mode=f"{status.st_mode & 0o7777:04o}",
    )
    return _refused(path, status, Problem("E_PERM", cause, say("Make it readable; it is tried again by itself.")))
