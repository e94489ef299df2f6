"""The settings of folders: each ``_inbox.toml`` counts for its folder and those below, the nearest one most."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError, SourceChangedError
from feedsvc.files import is_being_written, open_beneath, read_steady
from feedsvc.ingest.feedbook import ancestors
from feedsvc.messages import say
from feedsvc.model import Problem, display_path
from feedsvc.parse import FOLDER_FILE, Customs, FolderRules, read_folder_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

_MAX_BYTES = 65_536
_MOMENT_S = 0.1
_SAYS_NOTHING = FolderRules()


class Settling(NamedTuple):
    """An ``_inbox.toml`` that was changed a moment ago: nothing below it is read before it rests."""


Rules = FolderRules | Problem | Settling


class Way(NamedTuple):
    """How the files of a folder are read.

    Attributes:
        obstacle: Why they cannot be read now, else None.
    """

    zone: ZoneInfo
    encodings: tuple[str, ...]
    customs: Customs
    obstacle: Problem | Settling | None = None


class FolderBook:
    """Reads the settings of folders when they are needed, and again when they changed.

    Args:
        root: The inbox; empty for an inbox without settings of folders.
        quiet_s: How long a file must have rested before it is believed.
    """

    def __init__(self, root: str = "", quiet_s: float = 0.0) -> None:
        self._root, self._quiet_s = root, quiet_s
        self._read: dict[str, tuple[tuple[int, ...], Rules]] = {}
        self._ways: dict[tuple[str, Way], Way] = {}
        self._looked_at = 0.0

    def way(self, folder: str, usual: Way) -> Way:
        """Return how the files of *folder* are read where the inbox is read in the *usual* way.

        The settings on disk are looked at again after a moment, not for each of a thousand files.
        """
        if not self._root:
            return usual
        now = time.monotonic()
        if now - self._looked_at > _MOMENT_S:
            self.look_again()
            self._looked_at = now
        way = self._ways.get((folder, usual))
        if way is None:
            way = self._ways[folder, usual] = self._way(folder, usual)
        return way

    def look_again(self) -> None:
        """Forget what was found a moment ago."""
        self._ways.clear()

    def _way(self, folder: str, usual: Way) -> Way:
        way = usual
        for above in ("", *ancestors(folder)):
            rules = self.rules(above)
            if isinstance(rules, FolderRules):
                way = way if rules is _SAYS_NOTHING else _joined(way, rules)
            elif not isinstance(way.obstacle, Settling):
                way = way._replace(obstacle=_for_files(above, rules))
        return way

    def rules(self, folder: str) -> Rules:
        """Return what the ``_inbox.toml`` of *folder* itself says."""
        path = folder_file(folder)
        try:
            status = os.lstat(os.path.join(self._root, path))
        except OSError:
            return _SAYS_NOTHING
        mark = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)
        known = self._read.get(folder)
        if known is not None and known[0] == mark:
            return known[1]
        if 0 <= time.time_ns() - status.st_mtime_ns < self._quiet_s * 1e9:
            return Settling()
        rules = self._fresh(path, status)
        if not isinstance(rules, Settling):
            self._read[folder] = mark, rules
        return rules

    def feeds(self, paths: Iterable[str]) -> dict[str, str] | None:
        """Return folder -> slug of the feed that its settings name, None while some of the files at *paths* settle."""
        found: dict[str, str] = {}
        for folder, rules in self._all(paths):
            if isinstance(rules, Settling):
                return None
            if isinstance(rules, FolderRules) and rules.feed and folder:
                found[folder] = rules.feed
        return found

    def problems(self, paths: Iterable[str]) -> Iterator[tuple[str, Problem]]:
        """Yield what is wrong with the settings of folders at *paths*, with the path of each."""
        for folder, rules in self._all(paths):
            if isinstance(rules, Problem):
                yield folder_file(folder), rules

    def _all(self, paths: Iterable[str]) -> Iterator[tuple[str, Rules]]:
        return ((folder, self.rules(folder)) for folder in map(os.path.dirname, paths))

    def _fresh(self, path: str, status: os.stat_result) -> Rules:
        if not stat.S_ISREG(status.st_mode):
            return Problem(
                "E_FOLDER", say("this is not a regular file"), say("Put a text file of this name here, or none.")
            )
        try:
            with open_beneath(self._root, path) as handle:
                if is_being_written(handle):
                    return Settling()
                data, _ = read_steady(handle, _MAX_BYTES)
        except (FileNotFoundError, SourceChangedError):
            return Settling()
        except OSError as error:
            cause = say("it cannot be read: {reason}", reason=error.strerror or type(error).__name__)
            return Problem("E_FOLDER", cause, say("Make it readable."))
        return _rules_of(data)


def folder_file(folder: str) -> str:
    """Return the path of the file that holds the settings of *folder*."""
    return f"{folder}/{FOLDER_FILE}" if folder else FOLDER_FILE


def is_folder_file(path: str) -> bool:
    """Tell whether *path* is that of a file with the settings of its folder."""
    return os.path.basename(path) == FOLDER_FILE


def _for_files(folder: str, rules: Problem | Settling) -> Problem | Settling:
    """Return what broken settings mean for the files of *folder*."""
    if isinstance(rules, Settling):
        return rules
    path, why = display_path(folder_file(folder)), rules.cause
    if rules.line is not None:
        why = say("{cause} in line {line}", cause=why, line=rules.line)
    cause = say("the settings in {path} cannot be used: {cause}", path=path, cause=why)
    return Problem("E_FOLDER", cause, rules.fix)


def _rules_of(data: bytes) -> FolderRules | Problem:
    if len(data) > _MAX_BYTES:
        return Problem("E_FOLDER", say("it has more than {limit:,} bytes", limit=_MAX_BYTES), say("Shorten it."))
    try:
        return read_folder_file(data)
    except EntryParseError as error:
        return Problem(error.code, error.cause, error.fix, error.line, error.column)


def _joined(way: Way, rules: FolderRules) -> Way:
    """Return *way* as the folder's own *rules* change it; tags add up, everything else is replaced."""
    above, own = way.customs, rules.customs
    said = {name: value for name, value in own._asdict().items() if value}
    tags = (*above.tags, *(tag for tag in own.tags if tag not in above.tags))
    return Way(
        way.zone if rules.zone is None else rules.zone,
        way.encodings if rules.encodings is None else rules.encodings,
        above._replace(**said | {"tags": tags}),
        way.obstacle,
    )
