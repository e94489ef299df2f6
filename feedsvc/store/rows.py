"""Rows to values and back; what goes in has the order of the table's columns."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from feedsvc.model import (
    MEDIA_ADDRESS,
    SILENT,
    Enclosure,
    Entry,
    EntryRecord,
    EntryState,
    FileSignature,
    FileState,
    KnownFile,
    MediaUse,
    Notice,
    Problem,
    SourceFile,
    media_names,
)
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    _Row = Row[Any]

path_out = os.fsdecode
path_in = os.fsencode


def source_row(file: SourceFile) -> tuple[object, ...]:
    """Return the row of a source file."""
    signature, problem = file.signature, file.problem
    return (
        path_in(file.path),
        signature.device,
        signature.inode,
        signature.size,
        signature.mtime_ns,
        file.content_hash,
        file.state.value,
        problem.code if problem else "",
        to_micros(file.first_seen),
        _dump_notices(file.notices),
        _dump(asdict(problem) if problem else None),
        None if file.duplicate_of is None else path_in(file.duplicate_of),
        _micros_or_none(file.missing_since),
        file.read_with,
        _dump_media(file.media) if file.media else "",
    )


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
        read_with=row.read_with,
        media=media_of(row.media),
    )


def media_of(text: str) -> tuple[MediaUse, ...]:
    """Return the media that a file names, from the text of their column; paths are hexadecimal there."""
    uses = json.loads(text) if text else ()
    return tuple(MediaUse(path_out(bytes.fromhex(path)), FileSignature(*known), name) for path, known, name in uses)


def _dump_media(media: Sequence[MediaUse]) -> str:
    return json.dumps([(path_in(use.path).hex(), use.signature, use.name) for use in media])


def known_of(row: Sequence[Any]) -> KnownFile:
    """Return the light form of a row (path, device, inode, size, mtime_ns, hash, state, code, missing, read_with)."""
    path, device, inode, size, mtime_ns, content_hash, state, code, missing, read_with = row
    signature = FileSignature(device, inode, size, mtime_ns)
    return KnownFile(path_out(path), signature, content_hash, FileState(state), code, missing is not None, read_with)


def record_row(record: EntryRecord) -> tuple[object, ...]:
    """Return the row of an entry."""
    return (
        record.id,
        path_in(record.source_path),
        record.item_key,
        path_in(record.folder),
        record.state.value,
        record.revision,
        record.slug,
        record.fingerprint,
        to_micros(record.published),
        to_micros(record.updated),
        _micros_or_none(record.expires),
        record.was_published,
        record.notify,
        record.is_archive,
    )


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
        notify=row.notify,
        is_archive=bool(row.is_archive),
    )


def revision_row(entry: Entry, at: datetime) -> tuple[object, ...]:
    """Return the row that keeps an entry's text."""
    return (
        entry.id,
        entry.revision,
        entry.title,
        entry.summary,
        entry.body_html,
        entry.language,
        entry.direction,
        _dump_names(entry.authors),
        _dump_names(entry.tags),
        entry.link,
        to_micros(at),
        _dump_shown(entry) if entry.enclosures or MEDIA_ADDRESS in entry.body_html else "",
    )


def _dump_shown(entry: Entry) -> str:
    """Return the media that an entry shows: the names of their copies, the enclosures, the main image."""
    names = media_names(entry.body_html, entry.enclosures)
    shown = {"names": names, "enclosures": entry.enclosures, "image": entry.image}
    return json.dumps({key: value for key, value in shown.items() if value}, ensure_ascii=False)


def shown_names(text: str) -> list[str]:
    """Return the names of copies from the text of the media column of a revision."""
    names: list[str] = json.loads(text).get("names", [])
    return names


def entry_of(row: _Row) -> Entry:
    """Return the entry of a row that joins an entry with its newest revision."""
    shown = json.loads(row.media) if row.media else {}
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
        enclosures=tuple([Enclosure(*each) for each in shown.get("enclosures", ())]),
        image=shown.get("image", ""),
        is_silent=row.notify == SILENT,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


@lru_cache(maxsize=256)
def _dump_notices(notices: tuple[Notice, ...]) -> str:
    return _dump([asdict(notice) for notice in notices])


@lru_cache(maxsize=1024)
def _dump_names(names: tuple[str, ...]) -> str:
    return _dump(names)


def _dump(value: Sequence[object] | dict[str, object] | None) -> str:
    return json.dumps(value) if value else ""


def _micros_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _time_or_none(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
