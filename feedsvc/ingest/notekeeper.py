"""Keeps a note beside each quarantined file, and removes it when there is no more reason for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from feedsvc.files import remove_beneath, write_all_beneath
from feedsvc.ingest.excerpt import line_of_problem
from feedsvc.ingest.note import edition_at, edition_of, note_path, note_text
from feedsvc.model import FileState, display_path
from feedsvc.observe import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feedsvc.ingest.examine import Examiner
    from feedsvc.ingest.scan import Scan
    from feedsvc.model import SourceFile
    from feedsvc.protocols import Store

_log = get_logger(__name__)


class NoteKeeper:
    """Makes the notes in the inbox follow the store; a step that was interrupted is made good after the next scan.

    Args:
        store: Knows which files are quarantined, and why.
        examiner: Where the inbox is, how its files are read, and the language of the notes.
        is_wanted: Whether there shall be notes; if not, those that are there are removed.
    """

    def __init__(self, store: Store, examiner: Examiner, *, is_wanted: bool) -> None:
        self._store, self._examiner, self._is_wanted = store, examiner, is_wanted
        self._there: dict[str, str] = {}
        self._trouble = ""

    def see(self, scan: Scan) -> None:
        """Take note of what lies in the inbox now."""
        self._there = dict(scan.notes)

    def keep_all(self, scan: Scan) -> None:
        """Write and remove notes until they are those of the quarantined files; *scan* is not older than `see`."""
        if not self._is_wanted and not self._there:
            return
        with self._store.reading() as unit:
            files = [file for file in unit.sources(FileState.QUARANTINED) if not scan.may_hide(file.path)]
        wanted = {note_path(file.path): file for file in files if self._edition(file)}
        self._carry_out(wanted, [note for note in self._there if note not in wanted])

    def keep(self, paths: Iterable[str], files: Mapping[str, SourceFile]) -> None:
        """Do the same for the files at *paths* after they were read; *files* are those that changed, by path."""
        if not self._is_wanted and not self._there:
            return
        noted = [path for path in paths if note_path(path) in self._there]
        broken = [path for path, file in files.items() if file.state is FileState.QUARANTINED]
        if not noted and not broken:
            return
        with self._store.reading() as unit:
            known = {path: unit.source(path) for path in {*noted, *broken}}
        wanted = {note_path(path): file for path, file in known.items() if file is not None and self._edition(file)}
        self._carry_out(wanted, [note_path(path) for path in noted if note_path(path) not in wanted])

    def _edition(self, file: SourceFile) -> str:
        return edition_of(file, self._examiner.messages) if self._is_wanted else ""

    def _carry_out(self, wanted: Mapping[str, SourceFile], useless: Iterable[str]) -> None:
        troubles = [self._remove(note) for note in useless]
        stale = {note: file for note, file in wanted.items() if self._there.get(note) != self._edition(file)}
        troubles += self._write(stale) if stale else []
        trouble = next((trouble for trouble in troubles if trouble), "")
        if trouble and trouble != self._trouble:
            _log.warning("notes.failed", detail=trouble, notes=sum(map(bool, troubles)))
        self._trouble = trouble

    def _write(self, files: Mapping[str, SourceFile]) -> list[str]:
        """Write notes, by their paths, unless somebody else's file lies there; return what went wrong."""
        root = self._examiner.root
        taken = {note for note in files if os.path.lexists(os.path.join(root, note)) and not edition_at(root, note)}
        free = {note: self._text(file) for note, file in files.items() if note not in taken}
        errors = write_all_beneath(root, free)
        self._there.update((note, self._edition(files[note])) for note in free.keys() - errors.keys())
        troubles = [f"{display_path(note)}: this file was not written by feedsvc" for note in sorted(taken)]
        # where the folder is gone, the file is gone with it
        real = {note: error for note, error in errors.items() if not isinstance(error, FileNotFoundError)}
        return troubles + [f"{display_path(note)}: {real[note].strerror}" for note in sorted(real)]

    def _text(self, file: SourceFile) -> bytes:
        problem = file.problem
        excerpt = "" if problem is None else line_of_problem(self._examiner, file.path, problem, file.content_hash)
        return note_text(file, excerpt, self._examiner.messages).encode("utf-8", "replace")

    def _remove(self, note: str) -> str:
        """Remove a note, if it is still ours; return what went wrong."""
        try:
            if edition_at(self._examiner.root, note):
                remove_beneath(self._examiner.root, note)
        except FileNotFoundError:
            pass
        except OSError as error:
            return f"{display_path(note)}: {error.strerror}"
        self._there.pop(note, None)
        return ""
