"""The composition root: use cases that join settings, store, inbox and published folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.app.build import BuildReport, build_site
from feedsvc.app.previews import Preview, preview_digest
from feedsvc.app.queries import (
    FileLine,
    StatusReport,
    check_files,
    confirm_removals,
    file_receipt,
    held_removals,
    site_status,
)

if TYPE_CHECKING:
    from feedsvc.settings import Settings

__all__ = [
    "BuildReport",
    "FileLine",
    "Preview",
    "StatusReport",
    "build_site",
    "check_files",
    "confirm_removals",
    "file_receipt",
    "held_removals",
    "preview_digest",
    "run_service",
    "site_status",
]


def run_service(settings: Settings) -> None:
    """Run the daemon until SIGTERM or SIGINT; see `feedsvc.app.daemon.run_service`."""
    from feedsvc.app import daemon  # the web server is not loaded by commands that only ask or build

    daemon.run_service(settings)
