"""Read one file and make entries of it; runs in any thread or process and touches nothing."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError, SourceChangedError
from feedsvc.files import is_being_written, open_beneath, read_steady
from feedsvc.ingest.scan import kind_problem, signature_of
from feedsvc.ingest.waiting import busy, still_growing, still_open
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
    follow_links: bool = False

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
    """A file that is still being written; *problem* says how that is known."""

    path: str
    signature: FileSignature
    problem: Problem


class Unreadable(NamedTuple):
    """A file that could not be read this time.

    Attributes:
        busy: What its editor is told while it is tried again.
        problem: What is wrong with it if trying is over.
    """

    path: str
    signature: FileSignature
    busy: Problem
    problem: Problem

    @property
    def given_up(self) -> Examined:
        """The file with its problem, as one that needs mending."""
        return Examined(self.path, self.signature, "", None, self.problem)


class Vanished(NamedTuple):
    """A file that is not there any more: no error, just forgotten."""

    path: str


Outcome = Examined | Unsettled | Unreadable | Vanished

_UNKNOWN = FileSignature(0, 0, 0, 0)
_BEHIND_LINK = Problem("E_LINK", "a folder above it is a link, which is not entered", "Put the folder into the inbox.")
_NOT_OURS = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EINVAL, errno.ENXIO})


def examine(examiner: Examiner, path: str) -> Outcome:
    """Read and parse the file at *path* below the examiner's root."""
    try:
        with open_beneath(examiner.root, path, follow_links=examiner.follow_links) as handle:
            status = os.fstat(handle)
            if is_being_written(handle):
                return Unsettled(path, signature_of(status), still_open(status.st_size))
            if status.st_size > examiner.max_bytes:
                return _refused(path, status, _too_large(status.st_size, examiner.max_bytes))
            data, status = read_steady(handle, examiner.max_bytes)
    except FileNotFoundError:
        return Vanished(path)
    except SourceChangedError as error:
        return Unsettled(path, signature_of(error.status), still_growing(error.status.st_size))
    except OSError as error:
        return _unreadable(examiner, path, error)
    return examine_bytes(examiner.context(path), data, signature_of(status))


def examine_bytes(context: ParseContext, data: bytes, signature: FileSignature) -> Examined:
    """Parse *data* as the content of the file that *context* names."""
    content_hash = hashlib.sha256(data).hexdigest()
    try:
        return Examined(context.path, signature, content_hash, parse_file(data, context), None)
    except EntryParseError as error:
        problem = Problem(error.code, error.cause, error.fix, error.line, error.column)
        return Examined(context.path, signature, content_hash, None, problem)


def _refused(path: str, status: os.stat_result, problem: Problem) -> Examined:
    return Examined(path, signature_of(status), "", None, problem)


def _too_large(size: int, limit: int) -> Problem:
    return Problem(
        "E_SIZE", f"the file has {size:,} bytes, the limit is {limit:,}", "Split it, or raise inbox.max_file_bytes."
    )


def _unreadable(examiner: Examiner, path: str, error: OSError) -> Outcome:
    try:
        status = os.lstat(os.path.join(examiner.root, path))
    except FileNotFoundError:
        return Vanished(path)
    except OSError:
        return Unreadable(path, _UNKNOWN, busy(error), _not_readable(error, "mode unknown"))
    if error.errno in _NOT_OURS:
        problem = kind_problem(status.st_mode, follow_links=examiner.follow_links) or _BEHIND_LINK
        return _refused(path, status, problem)
    problem = _not_readable(error, f"mode {status.st_mode & 0o7777:04o}")
    return Unreadable(path, signature_of(status), busy(error), problem)


def _not_readable(error: OSError, mode: str) -> Problem:
    cause = f"feedsvc (user {os.geteuid()}) cannot read it: {error.strerror}, {mode}"
    return Problem("E_PERM", cause, "Make it readable; it is tried again by itself.")
