"""What a changed configuration or program asks for before work goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc import __version__
from feedsvc.ingest import reselect

if TYPE_CHECKING:
    from feedsvc.app.project import Project
    from feedsvc.publish import Publisher
    from feedsvc.store import SqlStore


def prepare(project: Project, store: SqlStore, publisher: Publisher) -> None:
    """Renew what depends on the configuration; files that are read otherwise now are found by the first scan."""
    reselect(store, project.feeds)
    publisher.prepare(__version__)
