"""What became of files, in plain words."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from feedsvc.messages import excerpt_lines
from feedsvc.model import EntryState, FileState, Notice, Problem, Receipt, ReceiptEntry, display_path
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, tzinfo

    from feedsvc.app import BuildReport, StatusReport

_STATES = {
    FileState.PUBLISHED: "published",
    FileState.SCHEDULED: "scheduled, it will appear at its date",
    FileState.DRAFT: "draft, not published",
    FileState.DUPLICATE: "duplicate, not published again",
    FileState.IGNORED: "ignored",
    FileState.QUARANTINED: "quarantined, not published",
    FileState.WAITING: "waiting, it may still be written",
}
_NOTICE_KINDS = {"W": "warning", "H": "hint"}


def count(number: int, one: str, many: str) -> str:
    """Return *number* with the fitting noun."""
    return f"{number} {one if number == 1 else many}"


def counts_in_words(counts: Mapping[FileState, int]) -> str:
    """Return how many files are in each state, leaving out states without files."""
    return ", ".join(f"{counts[state]} {state}" for state in FileState if counts.get(state))


def build_summary(report: BuildReport) -> str:
    """Return one line about a build."""
    states = counts_in_words(report.counts)
    return "; ".join(
        [
            count(report.files, "file", "files") + (f" ({states})" if states else ""),
            count(report.entries, "entry", "entries"),
            f"{count(report.feeds_written, 'feed', 'feeds')} written",
        ]
    )


def problem_line(receipt: Receipt) -> str:
    """Return one line about a file with a problem."""
    problem = receipt.problem
    told = f"{_position(problem)}{_sentence(problem.cause)} {problem.fix}" if problem else _STATES[receipt.state]
    return f"{display_path(receipt.path)}: {told}"


def receipt_text(receipt: Receipt, zone: tzinfo = UTC) -> str:
    """Return the receipt of a file as an indented block of lines; dates to come are told in *zone*."""
    return "\n  ".join(_receipt_lines(receipt, zone))


def _receipt_lines(receipt: Receipt, zone: tzinfo) -> Iterator[str]:
    yield f"{display_path(receipt.path)}: {_STATES[receipt.state]}"
    if receipt.problem:
        yield from _problem_lines(receipt.problem, receipt.excerpt)
    if receipt.duplicate_of is not None:
        yield f"same content as: {display_path(receipt.duplicate_of)}"
    yield from (_notice_line(notice) for notice in receipt.notices)
    for entry in receipt.entries:
        yield from _entry_lines(entry, zone)


def _problem_lines(problem: Problem, excerpt: str) -> Iterator[str]:
    yield f"problem: {_position(problem)}{_sentence(problem.cause)} [{problem.code}]"
    if excerpt and problem.line is not None:
        yield from (f"  {line}" for line in excerpt_lines(excerpt, problem.line, problem.column))
    yield f"what to do: {problem.fix}"


def _notice_line(notice: Notice) -> str:
    kind = _NOTICE_KINDS.get(notice.code[:1], "note")
    place = "" if notice.line is None else f" in line {notice.line}"
    return f"{kind}{place}: {notice.message} [{notice.code}]"


def _entry_lines(entry: ReceiptEntry, zone: tzinfo) -> Iterator[str]:
    yield f"entry: {entry.title}"
    yield f"  state: {entry.state}"
    yield f"  id: {entry.id}"
    yield f"  page: {entry.url}"
    if entry.published:
        yield f"  {_date(entry.published, entry.state, zone)}"
    yield f"  feeds: {', '.join(entry.feeds) or 'none'}"


def _date(published: datetime, state: str, zone: tzinfo) -> str:
    """Return the date of an entry; whoever waits for it reads it off the clock on the wall."""
    if state != EntryState.SCHEDULED:
        return f"published: {rfc3339(published)}"
    try:
        local = published.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # the last hours of the year 9999 have no date in zones east of Greenwich
        return f"appears: {rfc3339(published)}"
    clock = local.isoformat(" ", "seconds" if local.second else "minutes")
    return f"appears: {clock} {zone} ({rfc3339(published)})"


def _position(problem: Problem) -> str:
    if problem.line is None:
        return ""
    column = "" if problem.column is None else f", column {problem.column}"
    return f"line {problem.line}{column}: "


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def status_lines(report: StatusReport) -> Iterator[str]:
    """Yield a line for each file: state, path and detail with tabs between."""
    for line in report.files:
        yield "\t".join((line.state, display_path(line.path), display_path(line.detail)))


def status_summary(report: StatusReport) -> str:
    """Return how many files are in which state, and what waits for a decision."""
    total = count(len(report.files), "file", "files")
    states = counts_in_words(report.counts)
    summary = f"{total}: {states}" if states else total
    if not report.held_removals:
        return summary
    held = count(len(report.held_removals), "file has vanished", "files have vanished")
    return f"{summary}\n{held} at once; nothing is withdrawn until you run: feedsvc confirm-removals"
