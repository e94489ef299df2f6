"""Read one file and make entries of it; runs in any thread or process and touches nothing but copies of media."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError, SourceChangedError
from feedsvc.files import is_being_written, open_beneath, read_steady
from feedsvc.ingest.media import MediaDesk, MediaRules
from feedsvc.ingest.scan import kind_problem, signature_of
from feedsvc.model import FileSignature, MediaUse, ParsedFile, Problem
from feedsvc.parse import LIST_SUFFIXES, ParseContext, parse_file

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
    media: MediaRules = field(default_factory=MediaRules)

    def for_a_look(self) -> Examiner:
        """Return an examiner that reads the same way and copies nothing."""
        return replace(self, media=replace(self.media, folder=None))

    def context(self, path: str) -> ParseContext:
        """Return what the parser needs to know about the file at *path*."""
        return ParseContext(
            path=path, language=self.language, zone=self.zone, origin=self.origin, encodings=self.encodings
        )


STILL_WRITTEN = Problem(
    "W_WRITING", "a program is still writing this file", "Close it there; it is read when it rests."
)
"""Why a file waits although it is there."""


class Examined(NamedTuple):
    """A file that was read: either *parsed* or *problem* is set.

    ``content_hash`` covers the media that go with it: if one of them changes, the file counts as changed.
    """

    path: str
    signature: FileSignature
    content_hash: str
    parsed: ParsedFile | None
    problem: Problem | None
    media: tuple[MediaUse, ...] = ()


class Unsettled(NamedTuple):
    """A file that is still being written, or one of its media is."""

    path: str
    signature: FileSignature
    problem: Problem = STILL_WRITTEN


class Vanished(NamedTuple):
    """A file that is not there any more: no error, just forgotten."""

    path: str


Outcome = Examined | Unsettled | Vanished

_BEHIND_LINK = Problem("E_LINK", "a folder above it is a link, which is not entered", "Put the folder into the inbox.")
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
    return _examine_bytes(examiner, path, data, signature_of(status))


def _examine_bytes(examiner: Examiner, path: str, data: bytes, signature: FileSignature) -> Outcome:
    content_hash = hashlib.sha256(data).hexdigest()
    try:
        parsed = parse_file(data, examiner.context(path))
    except EntryParseError as error:
        return Examined(path, signature, content_hash, None, _problem_of(error))
    for entry in parsed.entries:
        if entry.references:
            return _with_media(examiner, Examined(path, signature, content_hash, parsed, None), parsed)
    return Examined(path, signature, content_hash, parsed, None)


def _with_media(examiner: Examiner, examined: Examined, parsed: ParsedFile) -> Outcome:
    """Look at the media that the file names, and make them part of its entries."""
    desk = MediaDesk(examiner.root, examiner.origin, examiner.media)
    is_list = examined.path.casefold().endswith(LIST_SUFFIXES)
    try:
        entries, notices = desk.attach(parsed.entries, may_leave_out=is_list)
    except SourceChangedError as error:
        return Unsettled(examined.path, examined.signature, replace(STILL_WRITTEN, cause=str(error)))
    except EntryParseError as error:
        return examined._replace(parsed=None, problem=_problem_of(error), media=desk.uses)
    seen = [*(use.name for use in desk.uses if use.name), *(notice.message for notice in notices)]
    code = hashlib.sha256(repr((examined.content_hash, seen)).encode()).hexdigest() if seen else examined.content_hash
    return examined._replace(
        content_hash=code, parsed=ParsedFile(entries, (*parsed.notices, *notices)), media=desk.uses
    )


def _problem_of(error: EntryParseError) -> Problem:
    return Problem(error.code, error.cause, error.fix, error.line, error.column)


def _refused(path: str, status: os.stat_result | None, problem: Problem) -> Examined:
    signature = FileSignature(0, 0, 0, 0) if status is None else signature_of(status)
    return Examined(path, signature, "", None, problem)


def _too_large(size: int, limit: int) -> Problem:
    return Problem(
        "E_SIZE", f"the file has {size:,} bytes, the limit is {limit:,}", "Split it, or raise inbox.max_file_bytes."
    )


def _unreadable(root: str, path: str, error: OSError) -> Outcome:
    try:
        status = os.lstat(os.path.join(root, path))
    except OSError:
        return Vanished(path)
    if error.errno in _NOT_OURS:
        return _refused(path, status, kind_problem(status.st_mode) or _BEHIND_LINK)
    cause = f"feedsvc (user {os.geteuid()}) cannot read it: {error.strerror}, mode {status.st_mode & 0o7777:04o}"
    return _refused(path, status, Problem("E_PERM", cause, "Make it readable; it is tried again by itself."))
