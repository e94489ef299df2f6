"""Look at the media that a text names, and keep a copy of each where readers can fetch it.

The copy is there before anything that refers to it: the store hears of it only afterwards.
"""

from __future__ import annotations

import os
import time
import unicodedata
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError, SourceChangedError
from feedsvc.files import chunks_of, is_being_written, open_beneath, write_chunks_atomic
from feedsvc.ingest.media_trouble import (
    EMPTY,
    MISSING,
    NOT_MEDIA,
    Trouble,
    other_kind,
    too_large,
    too_many,
    uncopied,
    unopened,
)
from feedsvc.ingest.scan import signature_of
from feedsvc.messages import say, say_n
from feedsvc.model import MEDIA_FOLDER, MEDIA_SUFFIXES, Enclosure, FileSignature, MediaUse, Notice, display_path
from feedsvc.parse import HEAD_BYTES, declared_type, is_blank, media_type_of, place_images, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feedsvc.model import MediaReference, ParsedEntry

NO_FILE = FileSignature(0, 0, 0, 0)
_MAX_FILES = 5_000
_MAX_NOTICES = 50
_FAMILIES = {"audio": ("audio/", "video/"), "image": ("image/",), "inline": ("image/",)}


@dataclass(frozen=True, slots=True)
class MediaRules:
    """How the media of an inbox are looked at.

    Attributes:
        folder: Where the copies go; None for a mere look, which copies nothing.
        max_bytes: A larger file is not published.
        rest_s: A file that changed within so many seconds may still be growing.
    """

    folder: str | None = None
    max_bytes: int = 500_000_000
    rest_s: float = 0.0


class Attached(NamedTuple):
    """Entries whose media were looked at."""

    entries: tuple[ParsedEntry, ...]
    notices: tuple[Notice, ...]


class _Found(NamedTuple):
    """A file of the inbox that can be published."""

    name: str
    media_type: str
    length: int


class MediaDesk:
    """Looks at the media of one text; each file once, however often it is named.

    Args:
        root: The inbox.
        origin: ``Site.neutral_origin``.
        rules: How to look.
    """

    def __init__(self, root: str, origin: str, rules: MediaRules) -> None:
        self._root, self._origin, self._rules = root, origin, rules
        self._looked_at: dict[str, _Found | Trouble] = {}
        self._uses: dict[str, MediaUse] = {}

    @property
    def uses(self) -> tuple[MediaUse, ...]:
        """The files of the inbox that were looked for, sorted."""
        return tuple(sorted(self._uses.values()))

    def attach(self, entries: Sequence[ParsedEntry], *, may_leave_out: bool) -> Attached:
        """Return *entries* with their media.

        Args:
            entries: What the parser made of the file.
            may_leave_out: An entry whose media cannot be published is left out with a warning, if others remain.

        Raises:
            EntryParseError: ``E_MEDIA``, ``E_SIZE``, ``E_PATH`` or ``E_PERM``: a file that the header names cannot be
                published.
            SourceChangedError: A file is still being written.
        """
        notices: list[Notice] = []
        attached: list[ParsedEntry] = []
        faults: list[EntryParseError] = []
        for entry in entries:
            try:
                attached.append(self._attach(entry, notices) if entry.references else entry)
            except EntryParseError as error:
                if not may_leave_out:
                    raise
                faults.append(error)
        if not attached:
            raise faults[0]
        return Attached(tuple(attached), (*notices, *_notices_of(faults)))

    def _attach(self, entry: ParsedEntry, notices: list[Notice]) -> ParsedEntry:
        enclosures: dict[str, Enclosure] = {}
        placed: dict[str, str] = {}
        image = ""
        for reference in entry.references:
            if reference.role == "inline":
                self._place(reference, placed, notices)
                continue
            enclosure = self._enclosure(reference)
            enclosures.setdefault(enclosure.url, enclosure)
            image = enclosure.url if reference.role == "image" else image
        body = self._body(entry, placed, is_alone=not enclosures)
        seen = repr((entry.fingerprint, body, tuple(enclosures.values()), image))
        return entry._replace(
            body_html=body,
            references=(),
            enclosures=tuple(enclosures.values()),
            image=image,
            fingerprint=blake2b(seen.encode(), digest_size=16).hexdigest(),
        )

    def _body(self, entry: ParsedEntry, placed: dict[str, str], *, is_alone: bool) -> str:
        body = place_images(entry.body_html, self._origin, placed) if "<img" in entry.body_html else entry.body_html
        if not is_alone or body == entry.body_html or "<img" in body or not is_blank(text_of(body)):
            return body
        missing = next(reference.path for reference in entry.references if reference.role == "inline")
        cause = say("the text shows nothing but an image that cannot be published, {path}", path=display_path(missing))
        raise EntryParseError("E_MEDIA", cause, say("Add it, or a text; it is tried again by itself."))

    def _place(self, reference: MediaReference, placed: dict[str, str], notices: list[Notice]) -> None:
        found = self._look(reference)
        if isinstance(found, _Found):
            placed[reference.path] = self._address(found)
        elif len(notices) < _MAX_NOTICES:
            message = say(
                "the image {path} was left out: it {cause}. {fix}",
                path=display_path(reference.path),
                cause=found.cause,
                fix=found.fix,
            )
            notices.append(Notice("W_MEDIA", message, reference.line))
        elif len(notices) == _MAX_NOTICES:
            notices.append(Notice("W_MEDIA", say("more images were left out")))

    def _enclosure(self, reference: MediaReference) -> Enclosure:
        if reference.url:
            return Enclosure(reference.url, declared_type(reference), reference.length, reference.title)
        found = self._look(reference)
        if isinstance(found, _Found):
            return Enclosure(self._address(found), found.media_type, found.length, reference.title)
        path = display_path(reference.path)
        cause = say("{role} {path} {cause}", role=reference.role, path=path, cause=found.cause)
        raise EntryParseError(found.code, cause, found.fix, line=reference.line, column=reference.column)

    def _address(self, found: _Found) -> str:
        return f"{self._origin}/{MEDIA_FOLDER}/{found.name}"

    # One file

    def _look(self, reference: MediaReference) -> _Found | Trouble:
        path = reference.path
        found = self._looked_at.get(path)
        if found is None:
            found = self._open(path) if len(self._looked_at) < _MAX_FILES else too_many(_MAX_FILES)
            self._looked_at[path] = found
        families = _FAMILIES.get(reference.role)
        if isinstance(found, _Found) and families and not found.media_type.startswith(families):
            kind = say("an image") if families == ("image/",) else say("a sound")
            return other_kind(kind, found.media_type)
        return found

    def _open(self, path: str) -> _Found | Trouble:
        """Look at a file; its name may be composed in another way than the text writes it."""
        for spelling in _spellings(path):
            with ExitStack() as stack:
                try:
                    handle = stack.enter_context(open_beneath(self._root, spelling))
                except FileNotFoundError:
                    self._uses[spelling] = MediaUse(spelling, NO_FILE, "")
                    continue
                except ValueError:  # a name that the file system cannot express
                    return MISSING
                except OSError as error:
                    return self._refuse(spelling, unopened(error))
                return self._read(spelling, handle)
        return MISSING

    def _note(self, path: str, signature: FileSignature, found: _Found | Trouble) -> _Found | Trouble:
        self._uses[path] = MediaUse(path, signature, found.name if isinstance(found, _Found) else "")
        return found

    def _refuse(self, path: str, trouble: Trouble) -> Trouble:
        """Note a file that cannot be used; what can change without a change of the file is tried at each scan."""
        self._note(path, NO_FILE if trouble.is_passing else signature_at(self._root, path), trouble)
        return trouble

    def _read(self, path: str, handle: int) -> _Found | Trouble:
        status = os.fstat(handle)
        signature = signature_of(status)
        if is_being_written(handle) or 0 <= time.time() - status.st_mtime < self._rules.rest_s:
            raise SourceChangedError(os.fstat(handle), path)
        if status.st_size > self._rules.max_bytes:
            return self._note(path, signature, too_large(status.st_size, self._rules.max_bytes))
        media_type = media_type_of(os.pread(handle, HEAD_BYTES, 0))
        if media_type is None:
            return self._note(path, signature, EMPTY if status.st_size == 0 else NOT_MEDIA)
        code = sha256()
        try:
            for chunk in chunks_of(handle):
                code.update(chunk)
        except OSError as error:
            return self._refuse(path, unopened(error))
        if signature_of(os.fstat(handle)) != signature:
            raise SourceChangedError(os.fstat(handle), path)
        found = _Found(f"{code.hexdigest()}{MEDIA_SUFFIXES[media_type]}", media_type, status.st_size)
        try:
            self._keep(found, handle)
        except OSError as error:
            return self._refuse(path, uncopied(error))
        return self._note(path, signature, found)

    def _keep(self, found: _Found, handle: int) -> None:
        """Copy the file, unless it is there; its name tells its content."""
        folder = self._rules.folder
        if folder is not None and not is_kept(folder, found.name, found.length):
            write_chunks_atomic(os.path.join(folder, found.name), _unchanged(handle, found.name))


def _notices_of(faults: Sequence[EntryParseError]) -> Iterator[Notice]:
    for error in faults[:_MAX_NOTICES]:
        message = say("an item is left out: {cause} [{code}]. {fix}", cause=error.cause, code=error.code, fix=error.fix)
        yield Notice("W_ITEM", message, error.line)
    if len(faults) > _MAX_NOTICES:
        more = len(faults) - _MAX_NOTICES
        yield Notice("W_ITEM", say_n("{n} more item is left out", "{n} more items are left out", more))


def signature_at(root: str, path: str) -> FileSignature:
    """Return the signature of what lies at *path* below *root*, all zeros if nothing can be seen there."""
    try:
        return signature_of(os.lstat(os.path.join(root, path)))
    except OSError:
        return NO_FILE


def is_kept(folder: str, name: str, length: int | None = None) -> bool:
    """Tell whether the copy *name* lies in *folder*, with *length* bytes if that is known."""
    try:
        size = os.stat(os.path.join(folder, name), follow_symlinks=False).st_size
    except OSError:
        return False
    return length is None or size == length


def _unchanged(handle: int, name: str) -> Iterator[bytes]:
    """Yield the content of a file, and make sure in the end that it is what *name* says."""
    code = sha256()
    for chunk in chunks_of(handle):
        code.update(chunk)
        yield chunk
    if not name.startswith(code.hexdigest()):
        raise SourceChangedError(os.fstat(handle))


def _spellings(path: str) -> list[str]:
    if path.isascii():
        return [path]
    return list(dict.fromkeys((path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path))))
