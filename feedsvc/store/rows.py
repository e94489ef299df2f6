"""Rows to values and back."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from feedsvc.model import (
    Entry,
    EntryRecord,
    EntryState,
    FileSignature,
    FileState,
    KnownFile,
    Notice,
    Problem,
    SourceFile,
)
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    _Row = Row[Any]

path_out = os.fsdecode
path_in = os.fsencode


def source_row(file: SourceFile) -> dict[str, object]:
    """Return the row of a source file."""
    signature, problem = file.signature, file.problem
    return {
        "path": path_in(file.path),
        "device": signature.device,
        "inode": signature.inode,
        "size": signature.size,
        "mtime_ns": signature.mtime_ns,
        "content_hash": file.content_hash,
        "state": file.state.value,
        "problem_code": problem.code if problem else "",
        "first_seen": to_micros(file.first_seen),
        "notices": _dump([asdict(notice) for notice in file.notices]),
        "problem": _dump(asdict(problem) if problem else None),
        "duplicate_of": None if file.duplicate_of is None else path_in(file.duplicate_of),
        "missing_since": _micros_or_none(file.missing_since),
    }


def source_of(row: _Row) -> SourceFile:
    """Return the source file of a full row."""
    return SourceFile(
        path=path_out(row.path),
        signature=FileSignature(row.device, row.inode, row.size, row.mtime_ns),
        content_hash=row.content_hash,
        state=FileState(row.state),
        first_seen=from_micros(row.first_seen),
        notices=tuple(Notice(**notice) for notice in json.loads(row.notices or "[]")),
        problem=Problem(**json.loads(row.problem)) if row.problem else None,
        duplicate_of=None if row.duplicate_of is None else path_out(row.duplicate_of),
        missing_since=_time_or_none(row.missing_since),
    )


def known_of(row: Sequence[Any]) -> KnownFile:
    """Return the light form of a row (path, device, inode, size, mtime_ns, hash, state, code, missing)."""
    path, device, inode, size, mtime_ns, content_hash, state, code, missing = row
    signature = FileSignature(device, inode, size, mtime_ns)
    return KnownFile(path_out(path), signature, content_hash, FileState(state), code, missing is not None)


def record_row(record: EntryRecord) -> dict[str, object]:
    """Return the row of an entry."""
    return {
        "id": record.id,
        "source_path": path_in(record.source_path),
        "item_key": record.item_key,
        "folder": path_in(record.folder),
        "state": record.state.value,
        "revision": record.revision,
        "slug": record.slug,
        "fingerprint": record.fingerprint,
        "published": to_micros(record.published),
        "updated": to_micros(record.updated),
        "expires": _micros_or_none(record.expires),
        "was_published": record.was_published,
    }


def record_of(row: _Row) -> EntryRecord:
    """Return the entry record of a row of the table."""
    return EntryRecord(
        id=row.id,
        source_path=path_out(row.source_path),
        item_key=row.item_key,
        folder=path_out(row.folder),
        state=EntryState(row.state),
        revision=row.revision,
        slug=row.slug,
        fingerprint=row.fingerprint,
        published=from_micros(row.published),
        updated=from_micros(row.updated),
        expires=_time_or_none(row.expires),
        was_published=bool(row.was_published),
    )


def revision_row(entry: Entry, at: datetime) -> dict[str, object]:
    """Return the row that keeps an entry's text."""
    return {
        "entry_id": entry.id,
        "revision": entry.revision,
        "title": entry.title,
        "summary": entry.summary,
        "body_html": entry.body_html,
        "language": entry.language,
        "direction": entry.direction,
        "authors": _dump(entry.authors),
        "tags": _dump(entry.tags),
        "link": entry.link,
        "committed_at": to_micros(at),
    }


def entry_of(row: _Row) -> Entry:
    """Return the entry of a row that joins an entry with its newest revision."""
    return Entry(
        id=row.id,
        revision=row.revision,
        state=EntryState(row.state),
        source_path=path_out(row.source_path),
        folder=path_out(row.folder),
        slug=row.slug,
        title=row.title,
        summary=row.summary,
        body_html=row.body_html,
        language=row.language,
        direction=row.direction,
        authors=_names(row.authors),
        tags=_names(row.tags),
        link=row.link,
        published=from_micros(row.published),
        updated=from_micros(row.updated),
        expires=_time_or_none(row.expires),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def _dump(value: Sequence[object] | dict[str, object] | None) -> str:
    return json.dumps(value) if value else ""


def _micros_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _time_or_none(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
