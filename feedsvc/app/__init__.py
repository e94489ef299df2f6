"""The composition root: use cases that join settings, store, inbox and published folder."""

from feedsvc.app.build import BuildReport, build_site
from feedsvc.app.daemon import run_service
from feedsvc.app.queries import (
    FileLine,
    StatusReport,
    check_files,
    confirm_removals,
    file_receipt,
    held_removals,
    site_status,
)

__all__ = [
    "BuildReport",
    "FileLine",
    "StatusReport",
    "build_site",
    "check_files",
    "confirm_removals",
    "file_receipt",
    "held_removals",
    "run_service",
    "site_status",
]
