"""Read one file and make entries of it; runs in any thread or process and touches nothing but copies of media."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feedsvc import __version__
from feedsvc.errors import EntryParseError, SourceChangedError
from feedsvc.files import is_being_written, open_beneath, read_steady
from feedsvc.ingest.folders import FolderBook, Settling, Way
from feedsvc.ingest.media import MediaDesk, MediaRules
from feedsvc.ingest.note import edition_in, is_note_name
from feedsvc.ingest.scan import kind_problem, signature_of
from feedsvc.ingest.waiting import busy, media_growing, still_growing, still_open
from feedsvc.messages import say
from feedsvc.model import FileSignature, MediaUse, ParsedFile, Problem
from feedsvc.parse import (
    LIST_SUFFIXES,
    NO_CUSTOMS,
    USUAL_LIMITS,
    Customs,
    ParseContext,
    ParseLimits,
    parse_file,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


_NO_FOLDERS = FolderBook()


@dataclass(frozen=True, slots=True)
class Examiner:
    """How the files of an inbox are read.

    Attributes:
        root: The folder that holds the files.
        folders: What the folders of the inbox say of their files.
        program: Version of the program: another one reads every file again.
        messages: Language of what is said about files: so does another one.
    """

    root: str
    max_bytes: int
    language: str
    zone: ZoneInfo
    origin: str
    encodings: tuple[str, ...] = ()
    customs: Customs = NO_CUSTOMS
    limits: ParseLimits = USUAL_LIMITS
    folders: FolderBook = _NO_FOLDERS
    program: str = __version__
    follow_links: bool = False
    messages: str = "en"
    media: MediaRules = field(default_factory=MediaRules)

    def for_a_look(self) -> Examiner:
        """Return an examiner that reads the same way and copies nothing."""
        return replace(self, media=replace(self.media, folder=None))

    def way(self, folder: str) -> Way:
        """Return how the files of *folder* are read."""
        return self.folders.way(folder, Way(self.zone, self.encodings, self.customs))

    def read_with(self, way: Way) -> str:
        """Return the code of everything that decides what becomes of bytes, empty where they cannot be read now."""
        if way.obstacle is not None:
            return ""
        limits = self.max_bytes, self.limits, self.media.max_bytes
        made_by = self.program, self.messages
        return _code(made_by, limits, self.language, self.origin, way.zone.key, way.encodings, way.customs)

    def context(self, path: str, way: Way) -> ParseContext:
        """Return what the parser needs to know about the file at *path*."""
        return ParseContext(path, self.language, way.zone, self.origin, way.encodings, way.customs, self.limits)


@lru_cache(maxsize=512)
def _code(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Examined(NamedTuple):
    """A file that was read: either *parsed* or *problem* is set; ``read_with`` is as in `SourceFile`.

    ``content_hash`` covers the media that go with it: if one of them changes, the file counts as changed.
    """

    path: str
    signature: FileSignature
    content_hash: str
    parsed: ParsedFile | None
    problem: Problem | None
    read_with: str = ""
    media: tuple[MediaUse, ...] = ()


_FOLDER_WRITTEN = Problem(
    "W_WRITING", say("the settings of its folder were changed a moment ago"), say("Wait; it is read when they rest.")
)


class Unsettled(NamedTuple):
    """A file that cannot be read yet; *problem* says why: as a rule it, or one of its media, is still being written."""

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
_BEHIND_LINK = Problem(
    "E_LINK", say("a folder above it is a link, which is not entered"), say("Put the folder into the inbox.")
)
_NOT_OURS = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EINVAL, errno.ENXIO})


def examine(examiner: Examiner, path: str) -> Outcome:
    """Read and parse the file at *path* below the examiner's root."""
    way = examiner.way(path.rpartition("/")[0])
    if isinstance(way.obstacle, Settling):
        return Unsettled(path, FileSignature(0, 0, 0, 0), _FOLDER_WRITTEN)
    return _examine(examiner, path, way)


def _examine(examiner: Examiner, path: str, way: Way) -> Outcome:
    try:
        with open_beneath(examiner.root, path, follow_links=examiner.follow_links) as handle:
            status = os.fstat(handle)
            if is_being_written(handle):
                return Unsettled(path, signature_of(status), still_open(status.st_size))
            if status.st_size > examiner.max_bytes:
                problem = _too_large(status.st_size, examiner.max_bytes)
                return _refused(path, status, problem, examiner.read_with(way))
            data, status = read_steady(handle, examiner.max_bytes, status)
    except FileNotFoundError:
        return Vanished(path)
    except SourceChangedError as error:
        return Unsettled(path, signature_of(error.status), still_growing(error.status.st_size))
    except OSError as error:
        return _unreadable(examiner, path, error, examiner.read_with(way))
    return _examine_bytes(examiner, path, way, data, signature_of(status))


def _examine_bytes(examiner: Examiner, path: str, way: Way, data: bytes, signature: FileSignature) -> Outcome:
    if is_note_name(path) and edition_in(data):
        return Vanished(path)  # our own note is none of the editor's files
    content_hash = hashlib.sha256(data).hexdigest()
    if isinstance(way.obstacle, Problem):
        return Examined(path, signature, content_hash, None, way.obstacle)
    code = examiner.read_with(way)
    try:
        parsed = parse_file(data, examiner.context(path, way))
    except EntryParseError as error:
        return Examined(path, signature, content_hash, None, _problem_of(error), code)
    examined = Examined(path, signature, content_hash, parsed, None, code)
    for entry in parsed.entries:
        if entry.references:
            return _with_media(examiner, examined, parsed)
    return examined


def _with_media(examiner: Examiner, examined: Examined, parsed: ParsedFile) -> Outcome:
    """Look at the media that the file names, and make them part of its entries."""
    desk = MediaDesk(examiner.root, examiner.origin, examiner.media)
    is_list = examined.path.casefold().endswith(LIST_SUFFIXES)
    try:
        entries, notices = desk.attach(parsed.entries, may_leave_out=is_list)
    except SourceChangedError as error:
        return Unsettled(examined.path, examined.signature, media_growing(error.path, error.status.st_size))
    except EntryParseError as error:
        return examined._replace(parsed=None, problem=_problem_of(error), media=desk.uses)
    seen = [*(use.name for use in desk.uses if use.name), *(notice.message for notice in notices)]
    code = hashlib.sha256(repr((examined.content_hash, seen)).encode()).hexdigest() if seen else examined.content_hash
    return examined._replace(
        content_hash=code, parsed=ParsedFile(entries, (*parsed.notices, *notices)), media=desk.uses
    )


def _problem_of(error: EntryParseError) -> Problem:
    return Problem(error.code, error.cause, error.fix, error.line, error.column)


def _refused(path: str, status: os.stat_result, problem: Problem, read_with: str) -> Examined:
    return Examined(path, signature_of(status), "", None, problem, read_with)


def _too_large(size: int, limit: int) -> Problem:
    cause = say("the file has {size:,} bytes, the limit is {limit:,}", size=size, limit=limit)
    return Problem("E_SIZE", cause, say("Split it, or raise inbox.max_file_bytes."))


def _unreadable(examiner: Examiner, path: str, error: OSError, read_with: str) -> Outcome:
    try:
        status = os.lstat(os.path.join(examiner.root, path))
    except FileNotFoundError:
        return Vanished(path)
    except OSError:
        return Unreadable(path, _UNKNOWN, busy(error), _not_readable(error, say("unknown")))
    if error.errno in _NOT_OURS:
        problem = kind_problem(status.st_mode, follow_links=examiner.follow_links) or _BEHIND_LINK
        return _refused(path, status, problem, read_with)
    problem = _not_readable(error, f"{status.st_mode & 0o7777:04o}")
    return Unreadable(path, signature_of(status), busy(error), problem)


def _not_readable(error: OSError, mode: str) -> Problem:
    cause = say(
        "feedsvc (user {user}) cannot read it: {reason}, mode {mode}",
        user=os.geteuid(),
        reason=error.strerror or type(error).__name__,
        mode=mode,
    )
    return Problem("E_PERM", cause, say("Make it readable; it is tried again by itself."))
