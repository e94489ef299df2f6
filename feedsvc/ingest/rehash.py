"""Writes that leave no trace: same size, same time, other bytes, as network shares and some tools make them."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from feedsvc.errors import SourceChangedError
from feedsvc.files import is_being_written, open_beneath, read_steady
from feedsvc.ingest.examine import Examined, examine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from feedsvc.ingest.examine import Examiner

_SLICE_S = 0.05
"""Go on with other work after so long; a single file takes what it takes."""
_REST = 4
"""Rest for so many times the length of a slice: there is no hurry, and others want the disk too."""


class Rehash:
    """Reads files again, a few at a time, and finds those that are not any more what the store knows of them.

    Args:
        examiner: How the files are read.
        files: Paths with the hash of the bytes that the store knows.
        with_media: Those of them whose hash covers the media that go with them.
        monotonic: Seconds, to see when a slice is over.
    """

    def __init__(
        self,
        examiner: Examiner,
        files: Iterable[tuple[str, str]],
        with_media: Collection[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._examiner, self._with_media, self._monotonic = examiner, with_media, monotonic
        self._left = list(files)[::-1]
        self._due = monotonic()

    def next_due(self) -> float | None:
        """Return the monotonic second at which the next files are to be read, None if none is left."""
        return self._due if self._left else None

    def next_changed(self) -> list[str]:
        """Read the next few files and return the paths of those that changed."""
        start = now = self._monotonic()
        changed: list[str] = []
        while self._left and now < start + _SLICE_S:
            path, known = self._left.pop()
            if self._hash(path) not in (None, known):
                changed.append(path)
            now = self._monotonic()
        self._due = now + _REST * (now - start)
        return changed

    def _hash(self, path: str) -> str | None:
        """Return the hash of the bytes of a file that rests, None for any other: scans and events look after those."""
        if path in self._with_media:
            outcome = examine(self._examiner.for_a_look(), path)
            return outcome.content_hash if isinstance(outcome, Examined) else None
        try:
            with open_beneath(self._examiner.root, path, follow_links=self._examiner.follow_links) as handle:
                if is_being_written(handle):
                    return None
                data, status = read_steady(handle, self._examiner.max_bytes)
        except (OSError, SourceChangedError):
            return None
        return hashlib.sha256(data).hexdigest() if status.st_size <= self._examiner.max_bytes else None
