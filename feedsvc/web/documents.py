"""Published documents in memory: read once, checked by one ``stat`` for each request."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
from collections import OrderedDict
from typing import NamedTuple

from feedsvc.files import open_beneath, read_steady
from feedsvc.web.conditional import EntityTag
from feedsvc.web.negotiation import Coding

_GZIP_LEVEL = 6
_MAX_BYTES = 1 << 40


class FileStamp(NamedTuple):
    """What tells one state of a file from another without reading it."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class Representation(NamedTuple):
    """The bytes that are sent in one coding, and their tag."""

    coding: Coding
    tag: EntityTag
    body: bytes


class Document:
    """One published file as it was when it was read.

    The tag is a hash over the bytes, so it survives a restart and a rewrite of the same content. The gzip form has
    a tag of its own (RFC 9110 section 8.8.3.3) and is made when it is first sent.
    """

    __slots__ = ("_digest", "_forms", "data", "modified_s", "path", "stamp")

    def __init__(self, path: str, stamp: FileStamp, data: bytes) -> None:
        self.path, self.stamp, self.data = path, stamp, data
        self.modified_s = stamp.mtime_ns // 1_000_000_000
        self._digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        self._forms: dict[Coding, Representation] = {}

    @property
    def size_bytes(self) -> int:
        """Memory that the document takes at most: its bytes, and as much again for the gzip form."""
        return 2 * len(self.data)

    def tag(self, coding: Coding) -> EntityTag:
        """Return the tag of the document in *coding*, without making that form."""
        return EntityTag(self._digest if coding is Coding.IDENTITY else f"{self._digest}-gz")

    def is_ready(self, coding: Coding) -> bool:
        """Tell whether the form in *coding* has been made."""
        return coding is Coding.IDENTITY or coding in self._forms

    def form(self, coding: Coding) -> Representation:
        """Return the document in *coding*; the same bytes always compress to the same bytes."""
        form = self._forms.get(coding)
        if form is None:
            body = self.data if coding is Coding.IDENTITY else gzip.compress(self.data, _GZIP_LEVEL, mtime=0)
            form = self._forms[coding] = Representation(coding, self.tag(coding), body)
        return form


class DocumentCache:
    """The documents asked for most recently, at most *max_bytes* of them; used from one thread."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held_bytes = 0
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def get(self, path: str, stamp: FileStamp) -> Document | None:
        """Return the document at *path* if it is held in exactly this state."""
        document = self._documents.get(path)
        if document is None or document.stamp != stamp:
            return None
        self._documents.move_to_end(path)
        return document

    def put(self, document: Document) -> None:
        """Hold *document* in place of an older one, and let go of those unused for longest."""
        self.drop(document.path)
        if document.size_bytes > self._max_bytes:
            return
        self._documents[document.path] = document
        self._held_bytes += document.size_bytes
        while self._held_bytes > self._max_bytes:
            self.drop(next(iter(self._documents)))

    def drop(self, path: str) -> None:
        """Let go of the document at *path*, if it is held."""
        document = self._documents.pop(path, None)
        if document is not None:
            self._held_bytes -= document.size_bytes


def stamp_of(folder: str, path: str) -> FileStamp | None:
    """Return the stamp of the regular file at *path* below *folder*, None if there is none."""
    try:
        status = os.stat(f"{folder}/{path}", follow_symlinks=False)
    except (OSError, ValueError):  # ValueError: a name that the file system's encoding cannot express
        return None
    return _stamp(status) if stat.S_ISREG(status.st_mode) else None


def load_document(folder: str, path: str) -> Document | None:
    """Read the file at *path* below *folder*, following no link; None if there is no such file.

    Raises:
        SourceChangedError: It is being written in place at this moment.
    """
    try:
        with open_beneath(folder, path) as handle:
            data, status = read_steady(handle, _MAX_BYTES)
    except OSError:
        return None
    return Document(path, _stamp(status), data)


def _stamp(status: os.stat_result) -> FileStamp:
    return FileStamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
