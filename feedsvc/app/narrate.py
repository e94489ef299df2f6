"""Tell in log lines what happened to files and feeds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from feedsvc.model import FileState, display_path
from feedsvc.observe import get_logger

if TYPE_CHECKING:
    from feedsvc.ingest import Report
    from feedsvc.model import SourceFile
    from feedsvc.publish import Publication

_log = get_logger(__name__)

_ONE_BY_ONE = 50
"""Above this many files a line for each would hide what matters."""


def narrate(report: Report) -> None:
    """Log what became of files: each for itself, of a crowd only the troubled ones."""
    is_crowd = len(report.files) > _ONE_BY_ONE
    for file in report.files.values():
        if file.problem is not None and file.state is not FileState.WAITING:
            _log_problem(file)
        elif not is_crowd:
            _log.info(f"file.{file.state}", path=display_path(file.path), **_details(file))
    if is_crowd:
        counts = Counter(file.state.value for file in report.files.values())
        _log.info("files.read", files=len(report.files), states=" ".join(f"{state}={n}" for state, n in counts.items()))
    for path in report.gone[:_ONE_BY_ONE]:
        _log.info("file.withdrawn", path=display_path(path))
    if len(report.gone) > _ONE_BY_ONE:
        _log.info("files.withdrawn", files=len(report.gone))


def narrate_publication(publication: Publication) -> None:
    """Log which feeds were written."""
    if publication.feeds or publication.pages:
        _log.info("feeds.written", feeds=len(publication.feeds), pages=publication.pages)


def _log_problem(file: SourceFile) -> None:
    problem = file.problem
    if problem is not None:
        _log.warning(
            f"file.{file.state}",
            path=display_path(file.path),
            code=problem.code,
            line=problem.line,
            cause=problem.cause,
            fix=problem.fix,
        )


def _details(file: SourceFile) -> dict[str, str]:
    if file.problem is not None:
        return {"code": file.problem.code, "cause": file.problem.cause}
    if file.duplicate_of is not None:
        return {"duplicate_of": display_path(file.duplicate_of)}
    return {"notices": " ".join(notice.code for notice in file.notices)} if file.notices else {}
