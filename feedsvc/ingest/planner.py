"""From examined files to everything that one transaction writes: reads the store, writes nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from feedsvc.ingest.decide import Place, decide_entry, file_state, publication_time, withdrawn
from feedsvc.ingest.idbook import IdBook
from feedsvc.ingest.identity import CARRIES_ENTRIES, Moves, Neighbourhood, keeps_its_place, match_moves, selves
from feedsvc.ingest.items import match_items, placed
from feedsvc.ingest.names import troubled_state
from feedsvc.ingest.plan import Plan, Setting
from feedsvc.ingest.remarks import clash, left_out, older, repeated
from feedsvc.ingest.slugs import SlugBook
from feedsvc.ingest.telling import archive_notices, is_old
from feedsvc.model import (
    EntryRecord,
    EntryState,
    FileState,
    Notice,
    ParsedEntry,
    Problem,
    SourceFile,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from feedsvc.ingest.examine import Examined
    from feedsvc.protocols import ReadUnit


def plan_batch(unit: ReadUnit, examined: Iterable[Examined], moved_from: Mapping[str, str], setting: Setting) -> Plan:
    """Plan what *examined* files do to the store that *unit* shows."""
    return _Planner(unit, {file.path: file for file in examined}, setting).plan(moved_from)


class _Planner:
    """One batch; the questions to the store are asked once for all files."""

    def __init__(self, unit: ReadUnit, batch: dict[str, Examined], setting: Setting) -> None:
        self._unit, self._batch, self._setting = unit, batch, setting
        self._plan = Plan()
        self._known = unit.known_files(batch)
        self._moves = Moves()
        self._records: dict[str, list[EntryRecord]] = {}
        self._followed: frozenset[str] = frozenset()
        self._carriers: set[str] = set()

    def plan(self, moved_from: Mapping[str, str]) -> Plan:
        self._moves = self._match(moved_from)
        self._followed = frozenset(self._moves.predecessor.values())
        self._records = self._unit.records_of({*self._batch, *self._moves.predecessor.values()})
        parsed = [(file.path, entry) for file in self._batch.values() if file.parsed for entry in file.parsed.entries]
        records = (record for records in self._records.values() for record in records)
        self._ids = IdBook(self._unit, self._setting.namespace, parsed, records)
        self._slugs = SlugBook(self._unit, {entry.slug for _, entry in parsed if entry.slug})
        self._leave_places()
        for path in sorted(self._batch, key=lambda path: (path in self._moves.original, path)):
            self._plan_file(self._batch[path])
        self._recheck_copies()
        return self._plan

    # What the store knows

    def _match(self, moved_from: Mapping[str, str]) -> Moves:
        changed = [file for file in self._batch.values() if not self._is_same(file)]
        alikes = self._unit.look_alikes(
            {file.content_hash for file in changed if file.content_hash}, [file.signature for file in changed]
        )
        others = {known.path: known for known in alikes}
        present = {path for path in others if self._setting.exists(path)}
        around = Neighbourhood(self._known, others, present, moved_from, self._reads_alike)
        return match_moves(self._batch, around)

    def _reads_alike(self, file: Examined, path: str) -> bool:
        ids = [record.id for record in self._unit.records_of([path]).get(path, [])]
        stored = {text for entry in self._unit.entries(ids) for text in (entry.title, entry.summary)}
        parsed = file.parsed.entries if file.parsed else ()
        return any(text in stored for entry in parsed for text in (entry.title, entry.summary) if text)

    def _leave_places(self) -> None:
        """Forget the old places of renamed files, and withdraw what nobody took over."""
        self._plan.forgotten = sorted(self._followed - set(self._batch))
        for path in self._moves.predecessor.keys() - self._followed:
            parsed = self._batch[path].parsed
            kept = {holder.id for entry in (parsed.entries if parsed else ()) if (holder := self._ids.holder(entry))}
            self._withdraw(record for record in self._records.get(path, []) if record.id not in kept)

    def _withdraw(self, records: Iterable[EntryRecord]) -> None:
        for record in records:
            if record.state is not EntryState.WITHDRAWN:
                self._plan.add(withdrawn(record))

    # One file

    def _is_same(self, file: Examined) -> bool:
        known = self._known.get(file.path)
        return (
            not self._setting.is_asked
            and known is not None
            and known.content_hash == file.content_hash != ""
            and known.read_with == file.read_with
            and known.state in CARRIES_ENTRIES
            and not known.is_missing
        )

    def _plan_file(self, file: Examined) -> None:
        original = self._moves.original.get(file.path)
        if original is not None and self._carries(original):
            self._plan_copy(file, original)
        elif self._is_same(file) and file.path not in self._moves.predecessor:
            self._touch(file)
        elif file.problem is not None or file.parsed is None:
            self._plan_problem(file)
        else:
            self._plan_entries(file, file.parsed.entries, file.parsed.notices)

    def _carries(self, path: str) -> bool:
        """Tell whether a file has entries of its own: only of such a file another one can be the copy."""
        file = self._batch.get(path)
        return file is None or self._is_same(file) or path in self._carriers

    def _touch(self, file: Examined) -> None:
        self._plan.touched[file.path] = file.signature
        if file.media and (known := self._unit.source(file.path)) is not None and known.media != file.media:
            self._plan.files.append(replace(known, signature=file.signature, media=file.media))

    def _source(
        self,
        file: Examined,
        state: FileState,
        notices: tuple[Notice, ...] = (),
        problem: Problem | None = None,
        duplicate_of: str | None = None,
    ) -> SourceFile:
        return SourceFile(
            file.path,
            file.signature,
            file.content_hash,
            state,
            self._first_seen(file),
            notices,
            problem,
            duplicate_of,
            read_with=file.read_with,
            media=file.media,
        ).told(self._setting.messages)

    def _first_seen(self, file: Examined) -> datetime:
        origin = self._origin(file)
        known = self._unit.source(origin) if origin in self._known or origin != file.path else None
        return known.first_seen if known else self._setting.now

    def _plan_copy(self, file: Examined, original: str) -> None:
        self._plan.files.append(self._source(file, FileState.DUPLICATE, duplicate_of=original))
        self._withdraw(self._own(file))

    def _plan_problem(self, file: Examined) -> None:
        had_entries = any(record.state is not EntryState.WITHDRAWN for record in self._own(file))
        state = troubled_state(file.problem, had_entries=had_entries) if file.problem else FileState.QUARANTINED
        waited_s = (self._setting.now - self._first_seen(file)).total_seconds()
        if file.problem is not None and file.problem.code == "E_EMPTY" and 0 <= waited_s < self._setting.empty_wait_s:
            state = FileState.WAITING
            self._plan.again[file.path] = self._setting.empty_wait_s - waited_s
        source = self._source(file, state, problem=file.problem)
        known = self._known.get(file.path)
        if not file.content_hash and known is not None and keeps_its_place(known.state, known.problem_code):
            source = replace(source, content_hash=known.content_hash)  # its entries still come from those bytes
        self._put_aside(file, source)

    def _put_aside(self, file: Examined, source: SourceFile) -> None:
        """Note what is wrong with a file, once; if it was renamed, its entries follow it as they are."""
        if source != self._unit.source(file.path):
            self._plan.files.append(source)
        if file.path in self._moves.predecessor:
            for record in self._own(file):
                self._plan.records[record.id] = replace(record, source_path=file.path, folder=_folder(file.path))

    def _plan_entries(self, file: Examined, parsed: Sequence[ParsedEntry], notices: tuple[Notice, ...]) -> None:
        own = selves(self._own(file), {entry.fingerprint for entry in parsed})
        if parsed[0].key:
            parsed = match_items(parsed, list(own.values()), self._texts)
        clashes = self._clashes(file.path, parsed, own)
        if len(clashes) == len(parsed):
            self._put_aside(file, self._source(file, FileState.QUARANTINED, notices, clashes[0]))
            return
        good = [(n, entry) for n, entry in enumerate(parsed) if n not in clashes]
        notices += tuple([left_out(parsed[n], problem) for n, problem in clashes.items()])
        notices += tuple(self._steps_back(good, own))
        # an item that joins a file which was read before is news of today
        first_seen = self._setting.now if own and parsed[0].key else self._first_seen(file)
        kept = [self._plan_entry(file.path, first_seen, n, entry, own.get(entry.key)) for n, entry in good]
        if own and not any(notice.code == "W_ITEM" for notice in notices):  # else one of them may be what is missing
            self._withdraw(record for record in own.values() if record.id not in {new.id for new in kept})
        notices += archive_notices(kept, self._setting.backfill)
        state, problem = file_state([record.state for record in kept])
        if state in CARRIES_ENTRIES:
            self._carriers.add(file.path)
        self._note_read(self._source(file, state, notices, problem), is_to_be_retried=bool(clashes))

    def _note_read(self, source: SourceFile, *, is_to_be_retried: bool) -> None:
        """Note a file that was read; what clashed with another file is tried again at every scan, and told once."""
        if is_to_be_retried:
            source = replace(source, read_with="")
            if source == self._unit.source(source.path):
                return
        self._plan.files.append(source)

    def _steps_back(
        self, parsed: Sequence[tuple[int, ParsedEntry]], own: Mapping[str, EntryRecord]
    ) -> Iterator[Notice]:
        for _, entry in parsed:
            if entry.updated is not None and (record := self._identity(entry, own.get(entry.key))) is not None:
                notice = older(entry, record)
                if notice is not None:
                    yield notice

    def _origin(self, file: Examined) -> str:
        return self._moves.predecessor.get(file.path, file.path)

    def _own(self, file: Examined) -> list[EntryRecord]:
        """Return the stored entries that this file goes on with: none if they went elsewhere with their text."""
        origin = self._origin(file)
        if origin == file.path and origin in self._followed:
            return []
        return self._records.get(origin, []) if origin in self._known or self._is_return(file, origin) else []

    def _is_return(self, file: Examined, origin: str) -> bool:
        """Tell whether the store's entries of a place that nothing lay at are this file's, not another one's."""
        return origin != file.path or origin not in self._records or self._reads_alike(file, origin)

    # One entry

    def _clashes(self, path: str, parsed: Sequence[ParsedEntry], own: Mapping[str, EntryRecord]) -> dict[int, Problem]:
        """Return, by number, what is wrong with the declared ids of a file's entries."""
        found: dict[int, Problem] = {}
        seen: set[str] = set()
        for n, entry in enumerate(parsed):
            if entry.declared_id:
                problem = clash(entry, path, own.get(entry.key), self._ids.holder(entry))
                if entry.declared_id in seen:
                    problem = repeated(entry)
                if problem is not None:
                    found[n] = problem
                seen.add(entry.declared_id)
        return found

    def _plan_entry(
        self, path: str, first_seen: datetime, place: int, parsed: ParsedEntry, record: EntryRecord | None
    ) -> EntryRecord:
        record = self._identity(parsed, record)
        published = self._published(parsed, record, first_seen, place)
        entry_id = record.id if record else self._ids.new(path, parsed)
        slug = record.slug if record and record.was_published else self._slugs.choose(parsed.slug, entry_id, record)
        came = self._setting.now if record and record.was_published else first_seen
        too_old = is_old(published, came, self._setting.backfill)
        settled = Place(entry_id, path, _folder(path), slug, published, too_old)
        write = decide_entry(parsed, settled, record, self._setting.now)
        if write is not None:
            self._ids.note(write.record)
            self._plan.add(write)
            return write.record
        if record is None:
            raise AssertionError("a new entry is always written")
        return record

    def _published(self, parsed: ParsedEntry, record: EntryRecord | None, first_seen: datetime, place: int) -> datetime:
        moment = publication_time(parsed, record, first_seen, self._setting.now)
        is_kept = record is not None and moment == record.published
        return placed(moment, place) if parsed.key and not is_kept else moment

    def _texts(self, ids: Sequence[str]) -> dict[str, str]:
        return {entry.id: f"{entry.title} {entry.body_html}" for entry in self._unit.entries(ids)}

    def _identity(self, parsed: ParsedEntry, record: EntryRecord | None) -> EntryRecord | None:
        """Return the stored entry that *parsed* is: its own, one withdrawn from this place, or one named by id."""
        return self._ids.holder(parsed) if parsed.declared_id else record

    # Afterwards

    def _recheck_copies(self) -> None:
        """Files that were copies of one that changed may be originals now."""
        changed = [path for path, file in self._batch.items() if not self._is_same(file) and path in self._known]
        for copies in self._unit.duplicates_of([*changed, *self._plan.forgotten]).values():
            for copy in copies:
                if copy not in self._batch:
                    self._plan.again[copy] = 0.0


def _folder(path: str) -> str:
    return os.path.dirname(path)
