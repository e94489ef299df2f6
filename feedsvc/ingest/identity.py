"""Who is who: minted ids, and files that are an older file under a new name."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from feedsvc.model import EntryState, FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from uuid import UUID

    from feedsvc.ingest.examine import Examined
    from feedsvc.model import EntryRecord, FileSignature, KnownFile

_K = TypeVar("_K")

CARRIES_ENTRIES = frozenset({FileState.PUBLISHED, FileState.SCHEDULED, FileState.DRAFT})
"""States of files that have entries of their own."""

_PAUSED = frozenset({"W_BUSY", "W_WRITING"})
"""Why a file may wait that has entries from an earlier reading."""

_UNREADABLE = "E_PERM"

_VARIANTS = "89ab" * 4
"""The hexadecimal digit whose upper bits are 10 and whose lower bits are kept (RFC 9562 section 4.1)."""


def keeps_its_place(state: FileState, problem_code: str) -> bool:
    """Tell whether a file in this *state* has the entries of the bytes that it is known to hold, or had them."""
    if state is FileState.QUARANTINED:
        return problem_code == _UNREADABLE  # nobody saw other bytes since
    return state in CARRIES_ENTRIES or (state is FileState.WAITING and problem_code in _PAUSED)


def mint_id(namespace: UUID, path: str, key: str, attempt: int = 0) -> str:
    """Return the ``urn:uuid:`` for item *key* of the file first seen at *path* (UUIDv5, RFC 9562 section 5.5).

    *attempt* tells apart files that had the same path one after the other.
    """
    plain = path if path.isascii() else unicodedata.normalize("NFC", path)
    name = os.fsencode("\n".join((plain, key, str(attempt) if attempt else "")).rstrip("\n"))
    code = hashlib.sha1(_bytes_of(namespace) + name, usedforsecurity=False).hexdigest()
    variant = _VARIANTS[int(code[16], 16)]
    return f"urn:uuid:{code[:8]}-{code[8:12]}-5{code[13:16]}-{variant}{code[17:20]}-{code[20:32]}"


@cache
def _bytes_of(namespace: UUID) -> bytes:
    return namespace.bytes  # worked out anew at each call, and there is one for each site


def selves(records: Iterable[EntryRecord], fingerprints: Collection[str]) -> dict[str, EntryRecord]:
    """Return, by item key, the entry that a file goes on with, of all that ever lived at its path.

    The one that is not withdrawn; where none is left, the one with a text of *fingerprints*, else the youngest.
    """
    ranked = sorted(
        records, key=lambda r: (r.state is not EntryState.WITHDRAWN, r.fingerprint in fingerprints, r.updated, r.id)
    )
    return {record.item_key: record for record in ranked}


@dataclass(frozen=True, slots=True)
class Moves:
    """What a batch of files says about identities.

    Attributes:
        predecessor: New path -> path whose entries it takes over.
        original: Path -> path of the file that has the same bytes and came first.
    """

    predecessor: dict[str, str] = field(default_factory=dict)
    original: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What the store and the disk know about files that may be older selves of the examined ones.

    Attributes:
        known: The stored rows of the examined paths.
        alikes: Stored rows with the content or the inode of an examined file, by path.
        present: Those paths of *alikes* that exist on disk.
        moved_from: Where an event saw a path come from.
        reads_alike: Tells whether an examined file and a stored one have a title or summary in common.
    """

    known: Mapping[str, KnownFile]
    alikes: Mapping[str, KnownFile]
    present: Collection[str]
    moved_from: Mapping[str, str]
    reads_alike: Callable[[Examined, str], bool]


def match_moves(batch: Mapping[str, Examined], around: Neighbourhood) -> Moves:
    """Find out which files of *batch* are renamed, swapped or copied ones; independent of their order."""
    return _Matcher(batch, around).match()


class _Matcher:
    """Looks for the older self of each file: same bytes first, then same inode with good evidence."""

    def __init__(self, batch: Mapping[str, Examined], around: Neighbourhood) -> None:
        self._batch, self._around = batch, around
        self._by_hash = _grouped(around.alikes.values(), lambda known: known.content_hash)
        self._by_inode = _grouped(around.alikes.values(), lambda known: _place(known.signature))
        self._claimed: set[str] = set()
        self._firsts: dict[str, str] = {}

    def match(self) -> Moves:
        moves = Moves()
        # Files that were there before come first, so that a copy never takes the place of its original.
        for path in sorted(self._batch, key=lambda path: (path not in self._around.known, path)):
            examined = self._batch[path]
            if not examined.content_hash:
                continue
            if not self._is_unchanged(examined):
                self._place_in(moves, examined)
            if path not in moves.original and examined.parsed is not None:
                self._firsts.setdefault(examined.content_hash, path)
        return moves

    def _place_in(self, moves: Moves, examined: Examined) -> None:
        if (older := self._older_self(examined)) is not None:
            self._claimed.add(older)
            moves.predecessor[examined.path] = older
        elif (original := self._original(examined)) is not None:
            moves.original[examined.path] = original

    def _is_unchanged(self, examined: Examined) -> bool:
        known = self._around.known.get(examined.path)
        is_same = known is not None and known.content_hash == examined.content_hash
        return is_same and known is not None and known.state is not FileState.DUPLICATE

    def _older_self(self, examined: Examined) -> str | None:
        same_bytes = [
            known for known in self._by_hash.get(examined.content_hash, ()) if self._left_its_place(known, examined)
        ]
        same_inode = [
            known
            for known in self._by_inode.get(_place(examined.signature), ())
            if self._is_believable(examined, known)
        ]
        free = [known for known in (*same_bytes, *same_inode) if known.path not in self._claimed | {examined.path}]
        return next((known.path for known in sorted(free, key=lambda known: known.state not in CARRIES_ENTRIES)), None)

    def _left_its_place(self, known: KnownFile, examined: Examined) -> bool:
        """Tell whether stored content moved away from its path: removed, renamed with its inode, or swapped."""
        if known.path not in self._around.present:
            return True
        now = self._batch.get(known.path)
        if now is None or now.content_hash == known.content_hash:
            return False
        return now.content_hash in self._by_hash or _place(known.signature) == _place(examined.signature)

    def _is_believable(self, examined: Examined, known: KnownFile) -> bool:
        """File systems give the inode of a removed file to the next new one, so an inode alone proves nothing."""
        if known.path in self._around.present or examined.path in self._around.known:
            return False
        return (
            self._around.moved_from.get(examined.path) == known.path
            or known.signature.mtime_ns == examined.signature.mtime_ns
            or self._around.reads_alike(examined, known.path)
        )

    def _original(self, examined: Examined) -> str | None:
        """Return the file that has the same bytes and keeps its place, if there is one."""
        for known in self._by_hash.get(examined.content_hash, ()):
            now = self._batch.get(known.path)
            stays = known.path in self._around.present and (now is None or now.content_hash == known.content_hash)
            if stays and known.path != examined.path and keeps_its_place(known.state, known.problem_code):
                return known.path
        return self._firsts.get(examined.content_hash)


def _place(signature: FileSignature) -> tuple[int, int]:
    return signature.device, signature.inode


def _grouped(files: Iterable[KnownFile], key: Callable[[KnownFile], _K]) -> dict[_K, list[KnownFile]]:
    groups: dict[_K, list[KnownFile]] = {}
    for known in files:
        groups.setdefault(key(known), []).append(known)
    return groups
