"""Twins: files whose names some systems cannot keep apart. Both are published, and their editors are warned."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from feedsvc.messages import say
from feedsvc.model import Notice, display_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedsvc.messages import Message


class Twins:
    """The files of an inbox, grouped by what is left of their paths without case and composition (UAX 15).

    Args:
        paths: The files.
        language: Language of the warnings.
    """

    def __init__(self, paths: Iterable[str], language: str = "en") -> None:
        self._language = language
        self._groups: dict[str, list[str]] = {}
        for path in paths:
            self._groups.setdefault(_key(path), []).append(path)

    def of(self, path: str) -> list[str]:
        """Return the other paths that differ from *path* in nothing else, sorted."""
        return sorted(other for other in self._groups.get(_key(path), ()) if other != path)

    def notices(self, path: str) -> tuple[Notice, ...]:
        """Return the warning that the file at *path* deserves, if it has twins."""
        return tuple(Notice("W_TWIN", _difference(path, other)).told(self._language) for other in self.of(path)[:1])


def _key(path: str) -> str:
    if path.isascii():
        return path.lower()
    return _composed(_composed(path).casefold())


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _difference(path: str, other: str) -> Message:
    """Say what tells *other* from *path*: names that look alike are no help, so they are spelled out."""
    if _composed(path) == _composed(other):
        return say(
            "another file has the same name with its letters composed in another way, {path}; rename one of them",
            path=_spelled_out(other),
        )
    return say(
        "the name of another file differs only in upper and lower case, {path}; rename one of them",
        path=display_path(other),
    )


def _spelled_out(path: str) -> str:
    return "".join(c if c.isascii() else c.encode("unicode_escape", "replace").decode() for c in display_path(path))
