"""Reports as JSON, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from feedsvc.model import display_path
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from feedsvc.app.build import BuildReport
    from feedsvc.app.queries import StatusReport
    from feedsvc.model import Receipt


def to_json(value: object) -> str:
    """Return *value* as indented JSON text in any script; times are RFC 3339."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def receipt_value(receipt: Receipt) -> dict[str, object]:
    """Return a receipt as JSON values; the line of the file that something is about is its ``text``."""
    value = asdict(receipt)
    text = value.pop("excerpt") or None
    for notice, line in zip(value["notices"], value.pop("notice_excerpts"), strict=False):
        notice.update({"text": line} if line else {})
    problem = None if receipt.problem is None else value["problem"] | {"text": text}
    duplicate_of = None if receipt.duplicate_of is None else display_path(receipt.duplicate_of)
    return value | {"path": display_path(receipt.path), "problem": problem, "duplicate_of": duplicate_of}


def build_value(report: BuildReport) -> dict[str, object]:
    """Return the report of a build as JSON values."""
    return {
        "files": report.files,
        "entries": report.entries,
        "feeds_written": report.feeds_written,
        "counts": report.counts,
        "problems": [receipt_value(receipt) for receipt in report.problems],
    }


def status_value(report: StatusReport) -> dict[str, object]:
    """Return the state of all files as JSON values."""
    return {
        "files": [
            {"path": display_path(line.path), "state": line.state, "detail": line.detail} for line in report.files
        ],
        "counts": report.counts,
        "held_removals": [display_path(path) for path in report.held_removals],
    }
