"""Source files in the inbox and the receipts that tell their editors what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.messages import ENGLISH, translate

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.model.media import MediaUse


class FileState(StrEnum):
    """What became of a file; each file is in exactly one state."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    DRAFT = "draft"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    WAITING = "waiting"


class FileSignature(NamedTuple):
    """What the file system says of a file; a file with the same signature is not read again."""

    device: int
    inode: int
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning (``W_...``) or a hint (``H_...``) about a file that was read all the same."""

    code: str
    message: str
    line: int | None = None

    def told(self, language: str) -> Notice:
        """Return this notice in *language*; from then on it is plain text."""
        return replace(self, message=translate(self.message, language))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is quarantined or ignored: what is wrong, where, and what to do about it."""

    code: str
    cause: str
    fix: str
    line: int | None = None
    column: int | None = None

    def told(self, language: str) -> Problem:
        """Return this problem in *language*; from then on it is plain text."""
        return replace(self, cause=translate(self.cause, language), fix=translate(self.fix, language))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the inbox as the store remembers it.

    Attributes:
        path: Path below the inbox with ``/``; bytes that are not UTF-8 are kept as surrogate escapes.
        content_hash: Hexadecimal hash of the bytes and of the media that go with them, empty if they were never read.
        first_seen: When this content or its predecessor was first noticed, whole seconds.
        duplicate_of: Path of the file that has the same bytes and is published instead.
        missing_since: When the file was first found missing, else None.
        read_with: Code of the settings that it was read with; where they are others now, it is read again.
        media: Files of the inbox that it names as its media.
    """

    path: str
    signature: FileSignature
    content_hash: str
    state: FileState
    first_seen: datetime
    notices: tuple[Notice, ...] = ()
    problem: Problem | None = None
    duplicate_of: str | None = None
    missing_since: datetime | None = None
    read_with: str = ""
    media: tuple[MediaUse, ...] = ()

    def told(self, language: str) -> SourceFile:
        """Return this file with everything that is said of it in *language*."""
        if language == ENGLISH or (self.problem is None and not self.notices):  # messages are English
            return self
        problem = None if self.problem is None else self.problem.told(language)
        return replace(self, notices=tuple([notice.told(language) for notice in self.notices]), problem=problem)


@dataclass(frozen=True, slots=True)
class ReceiptEntry:
    """One entry of a receipt, with its public address and the slugs of the feeds that carry it."""

    id: str
    title: str
    state: str
    url: str
    published: datetime | None
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a file, in words its editor understands.

    Attributes:
        excerpt: The line of the file that the problem is about, as it stands there; empty where it cannot be shown.
        notice_excerpts: The same for the first of the notices, in their order.
    """

    path: str
    state: FileState
    entries: tuple[ReceiptEntry, ...] = ()
    notices: tuple[Notice, ...] = ()
    problem: Problem | None = None
    duplicate_of: str | None = None
    excerpt: str = ""
    notice_excerpts: tuple[str, ...] = ()


def display_path(path: str) -> str:
    r"""Return *path* for people: undecodable bytes and control characters become ``\xNN``."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
