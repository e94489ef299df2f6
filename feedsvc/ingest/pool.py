"""Examine many files in several processes: parsing is pure, so it needs nothing but the path."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from feedsvc.ingest.examine import examine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from feedsvc.ingest.examine import Examiner, Outcome

_WORTH_IT = 1500
"""Fewer files are read before a second process has started."""
_CHUNK = 50


@contextmanager
def examining(examiner: Examiner, paths: Sequence[str], *, may_fork: bool) -> Iterator[Iterable[Outcome]]:
    """Yield the outcomes of *paths* in their order, as they become known.

    Args:
        examiner: How files are read.
        paths: Paths below the inbox.
        may_fork: Whether this process runs no other thread yet, so that a copy of it is sound.
    """
    if not may_fork or len(paths) < _WORTH_IT or (os.cpu_count() or 1) < 2:
        yield (examine(examiner, path) for path in paths)
        return
    with multiprocessing.get_context("fork").Pool(1) as pool:
        yield _flatten(pool.imap(partial(_examine_chunk, examiner), _chunks(paths)))


def _examine_chunk(examiner: Examiner, paths: Sequence[str]) -> list[Outcome]:
    return [examine(examiner, path) for path in paths]


def _chunks(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK))


def _flatten(chunks: Iterable[list[Outcome]]) -> Iterator[Outcome]:
    return (outcome for chunk in chunks for outcome in chunk)
