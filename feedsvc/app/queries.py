"""Questions about a site that may be asked beside a running daemon."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feedsvc import ingest
from feedsvc.app.project import Project, open_project
from feedsvc.errors import InboxUnavailableError
from feedsvc.messages import say, translate
from feedsvc.model import FileState, Receipt, display_path
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feedsvc.model import Notice, SourceFile
    from feedsvc.settings import Settings
    from feedsvc.store import SqlStore


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of the inbox with its state and, where there is something to say, why."""

    path: str
    state: FileState
    detail: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """All files of the inbox: ``counts`` adds up to the listing of the folder."""

    files: tuple[FileLine, ...]
    counts: dict[FileState, int]
    held_removals: tuple[str, ...]


def site_status(settings: Settings) -> StatusReport:
    """Return the state of every file that lies in the inbox."""
    project = open_project(settings)
    with site_store(project) as store, store.reading() as unit:
        known = {file.path: file for file in unit.sources()}
        twins = ingest.Twins(unit.present_paths())
        held = tuple(sorted(ingest.held_removals(unit)))
    lines = _lines(project, known, twins)
    counts: dict[FileState, int] = {}
    for line in lines:
        counts[line.state] = counts.get(line.state, 0) + 1
    return StatusReport(tuple(lines), counts, held)


def file_receipt(settings: Settings, path: str) -> Receipt | None:
    """Return what became of the file at *path* below the inbox, None if it was never noticed."""
    project = open_project(settings)
    with site_store(project) as store, store.reading() as unit:
        twins = ingest.Twins(unit.present_paths(), project.policy.messages)
        receipt = ingest.receipt_of(unit, project.site, path, twins)
        file = unit.source(path)
    if receipt is None or file is None:
        return ingest.too_deep_receipt(project.policy, path)
    return ingest.with_lines(receipt, project.examiner, path, file.content_hash)


def check_files(settings: Settings, paths: Sequence[str]) -> tuple[Receipt, ...]:
    """Return what would become of files, without publishing.

    Args:
        settings: The settings.
        paths: Real paths, inside the inbox or anywhere else; a file from elsewhere is answered for as if it lay at
            the top of the inbox.
    """
    project = open_project(settings)
    with site_store(project) as store, store.reading() as unit:
        checker = ingest.Checker(unit, project.site, project.feeds, utc_now().replace(microsecond=0), project.policy)
        return tuple(_check(checker, project, path) for path in paths)


def held_removals(settings: Settings) -> tuple[str, ...]:
    """Return the files whose removal waits for an operator's word."""
    with site_store(open_project(settings)) as store, store.reading() as unit:
        return tuple(sorted(ingest.held_removals(unit)))


def confirm_removals(settings: Settings) -> tuple[str, ...]:
    """Agree to the removal of all held files, and return them; the daemon acts at its next scan."""
    with site_store(open_project(settings)) as store, store.writing() as unit:
        return tuple(sorted(ingest.confirm_removals(unit)))


@contextmanager
def site_store(project: Project) -> Iterator[SqlStore]:
    """Open the site's store; a site without one is looked at through an empty one that is thrown away."""
    if os.path.exists(project.database):
        store = project.open_store()
        try:
            yield store
        finally:
            store.close()
        return
    with tempfile.TemporaryDirectory(prefix="feedsvc-") as folder:
        from feedsvc.store import open_sqlite

        store = open_sqlite(os.path.join(folder, "empty.sqlite3"))
        try:
            yield store
        finally:
            store.close()


def _check(checker: ingest.Checker, project: Project, path: str) -> Receipt:
    real, root = os.path.abspath(path), os.path.abspath(project.examiner.root)
    if os.path.commonpath([real, root]) == root:
        below = os.path.relpath(real, root)
        return ingest.with_lines(checker.check(project.examiner, below), project.examiner, below)
    folder, name = os.path.split(real)
    elsewhere = replace(project.examiner, root=folder)
    return replace(ingest.with_lines(checker.check(elsewhere, name), elsewhere, name), path=path)


def _lines(project: Project, known: dict[str, SourceFile], twins: ingest.Twins) -> list[FileLine]:
    """Join what the folder holds with what the store knows; new files wait to be read."""
    try:
        scan = project.scan()
    except InboxUnavailableError:
        return [_known_line(file, twins, project.policy.messages) for file in known.values()]
    language = project.policy.messages
    ignored, new = translate(say("a program's file"), language), translate(say("not read yet"), language)
    note, settings = translate(say("a note of feedsvc"), language), translate(say("folder settings"), language)
    lines = [FileLine(path, FileState.IGNORED, ignored) for path in scan.ignored]
    lines += [FileLine(path, FileState.IGNORED, note) for path in scan.notes]
    lines += [
        _known_line(known[path], twins, language) if path in known else FileLine(path, FileState.IGNORED, settings)
        for path in scan.settings
    ]
    for path in (*scan.files, *scan.odd):
        file = known.get(path)
        lines.append(FileLine(path, FileState.WAITING, new) if file is None else _known_line(file, twins, language))
    return sorted(lines, key=lambda line: line.path)


def _known_line(file: SourceFile, twins: ingest.Twins, language: str) -> FileLine:
    warnings = () if file.state is FileState.IGNORED else twins.notices(file.path)
    return FileLine(file.path, file.state, _detail(file, warnings, language))


def _detail(file: SourceFile, warnings: Sequence[Notice], language: str) -> str:
    if file.duplicate_of is not None:
        return translate(say("same bytes as {path}", path=display_path(file.duplicate_of)), language)
    if file.problem is not None:
        line = file.problem.line
        where = "" if line is None else f"{translate(say('line {line}', line=line), language)}: "
        return f"{file.problem.code} {where}{file.problem.cause}"
    if file.missing_since is not None:
        return translate(say("missing; withdrawn if it does not come back"), language)
    return "; ".join(notice.code for notice in (*file.notices, *warnings))
