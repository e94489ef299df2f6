"""What a changed configuration or program asks for before work goes on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from feedsvc import __version__
from feedsvc.ingest import reselect

if TYPE_CHECKING:
    from feedsvc.app.project import Project
    from feedsvc.publish import Publisher
    from feedsvc.store import SqlStore

_READ_WITH = "read_with"


def prepare(project: Project, store: SqlStore, publisher: Publisher) -> bool:
    """Renew what depends on the configuration.

    Returns:
        Whether all files must be read again, because the way of reading them changed; say `note_reread` afterwards.
    """
    reselect(store, project.feeds)
    publisher.prepare(__version__)
    with store.reading() as unit:
        known = unit.meta(_READ_WITH)
    return known is not None and known != _reading(project)


def note_reread(project: Project, store: SqlStore) -> None:
    """Note that all files were read in the present way."""
    with store.writing() as unit:
        if unit.meta(_READ_WITH) != _reading(project):
            unit.set_meta(_READ_WITH, _reading(project))


def _reading(project: Project) -> str:
    examiner = project.examiner
    place = (examiner.language, str(examiner.zone), examiner.origin)
    way = repr((__version__, *place, examiner.max_bytes, examiner.encodings, examiner.media.max_bytes))
    return hashlib.sha256(way.encode("utf-8", "surrogatepass")).hexdigest()
