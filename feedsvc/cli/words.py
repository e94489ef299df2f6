"""What became of files, in plain words."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from feedsvc.ingest import problem_lines, problem_sentence
from feedsvc.messages import Message, excerpt_lines, insert, say, say_n, translate
from feedsvc.model import EntryState, FileState, Notice, Receipt, ReceiptEntry, display_path
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo

    from feedsvc.app.build import BuildReport
    from feedsvc.app.queries import StatusReport

_ENGLISH = "en"
_STATES = {
    FileState.PUBLISHED: say("published"),
    FileState.SCHEDULED: say("scheduled, it will appear at its date"),
    FileState.DRAFT: say("draft, not published"),
    FileState.DUPLICATE: say("duplicate, not published again"),
    FileState.IGNORED: say("ignored"),
    FileState.QUARANTINED: say("quarantined, not published"),
    FileState.WAITING: say("waiting, it may still be written"),
}
_STATE_NAMES = {
    FileState.PUBLISHED: say("published"),
    FileState.SCHEDULED: say("scheduled"),
    FileState.DRAFT: say("draft"),
    FileState.DUPLICATE: say("duplicate"),
    FileState.IGNORED: say("ignored"),
    FileState.QUARANTINED: say("quarantined"),
    FileState.WAITING: say("waiting"),
}
_ENTRY_STATES = {
    EntryState.LIVE: say("live"),
    EntryState.SCHEDULED: say("scheduled"),
    EntryState.DRAFT: say("draft"),
    EntryState.WITHDRAWN: say("withdrawn"),
}
_NOTICE_KINDS = {"W": say("warning"), "H": say("hint")}
_OTHER_NOTICE = say("note")
_ISOLATES = "\u2066\u2068\u2069"
"""Right-to-left sentences need them."""


def count(number: int, one: str, many: str) -> str:
    """Return *number* with the fitting noun."""
    return f"{number} {one if number == 1 else many}"


def state_name(state: FileState, language: str = _ENGLISH) -> str:
    """Return the name of a state in *language*."""
    return translate(_STATE_NAMES[state], language)


def counts_in_words(counts: Mapping[FileState, int], language: str = _ENGLISH) -> str:
    """Return how many files are in each state, leaving out states without files."""
    told = (say("{n} {state}", n=counts[s], state=_STATE_NAMES[s]) for s in FileState if counts.get(s))
    return _joined(say(", "), told, language)


def _joined(comma: Message, messages: Iterable[Message], language: str) -> str:
    return translate(comma, language).join([translate(message, language) for message in messages])


def build_summary(report: BuildReport, language: str = _ENGLISH) -> str:
    """Return one line about a build."""
    numbers = (
        say_n("{n} entry", "{n} entries", report.entries),
        say_n("{n} feed written", "{n} feeds written", report.feeds_written),
    )
    files = _files_by_state(report.files, report.counts, " ({})", language)
    return translate(say("; "), language).join([files, *(translate(number, language) for number in numbers)])


def _files_by_state(number: int, counts: Mapping[FileState, int], form: str, language: str) -> str:
    files, states = translate(say_n("{n} file", "{n} files", number), language), counts_in_words(counts, language)
    return files + (form.format(states) if states else "")


def problem_line(receipt: Receipt, language: str = _ENGLISH) -> str:
    """Return one line about a file with a problem."""
    problem = receipt.problem
    if problem is None:
        return _state_line(receipt, language)
    return f"{_path(receipt.path, language)}: {problem_sentence(problem, language)} {problem.fix}"


def receipt_text(receipt: Receipt, zone: tzinfo = UTC, language: str = _ENGLISH) -> str:
    """Return the receipt of a file as an indented block of lines; dates to come are told in *zone*."""
    return "\n  ".join(_receipt_lines(receipt, zone, language))


def _receipt_lines(receipt: Receipt, zone: tzinfo, language: str) -> Iterator[str]:
    yield _state_line(receipt, language)
    if receipt.problem:
        yield from problem_lines(receipt.problem, receipt.excerpt, language)
    if receipt.duplicate_of is not None:
        yield translate(say("same content as: {path}", path=display_path(receipt.duplicate_of)), language)
    for number, notice in enumerate(receipt.notices):
        yield _notice_line(notice, language)
        if notice.line is not None and (shown := receipt.notice_excerpts[number : number + 1]) and shown[0]:
            yield from (f"  {line}" for line in excerpt_lines(shown[0], notice.line, None))
    for entry in receipt.entries:
        yield from _entry_lines(entry, zone, language)


def _state_line(receipt: Receipt, language: str) -> str:
    return f"{_path(receipt.path, language)}: {translate(_STATES[receipt.state], language)}"


def _path(path: str, language: str) -> str:
    return insert(display_path(path), language)


def _notice_line(notice: Notice, language: str) -> str:
    kind = _NOTICE_KINDS.get(notice.code[:1], _OTHER_NOTICE)
    if notice.line is not None:
        kind = say("{kind} in line {line}", kind=kind, line=notice.line)
    return f"{translate(kind, language)}: {notice.message} [{notice.code}]"


def _entry_lines(entry: ReceiptEntry, zone: tzinfo, language: str) -> Iterator[str]:
    yield translate(say("entry: {title}", title=entry.title), language)
    for message in _about_entry(entry, zone):
        yield f"  {translate(message, language)}"


def _about_entry(entry: ReceiptEntry, zone: tzinfo) -> Iterator[Message]:
    yield say("state: {state}", state=_ENTRY_STATES[EntryState(entry.state)])
    yield say("id: {id}", id=entry.id)
    yield say("page: {url}", url=entry.url)
    if entry.published:
        yield _date(entry.published, entry.state, zone)
    yield say("feeds: {feeds}", feeds=", ".join(entry.feeds) or say("none"))


def _date(published: datetime, state: str, zone: tzinfo) -> Message:
    """Return the date of an entry; whoever waits for it reads it off the clock on the wall."""
    moment = rfc3339(published)
    if state != EntryState.SCHEDULED:
        return say("published: {moment}", moment=moment)
    try:
        local = published.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # the last hours of the year 9999 have no date in zones east of Greenwich
        return say("appears: {moment}", moment=moment)
    clock = local.isoformat(" ", "seconds" if local.second else "minutes")
    return say("appears: {clock} {zone} ({moment})", clock=clock, zone=str(zone), moment=moment)


def status_lines(report: StatusReport, language: str = _ENGLISH) -> Iterator[str]:
    """Yield a line for each file: state, path and detail with tabs between."""
    for line in report.files:
        yield "\t".join((state_name(line.state, language), display_path(line.path), _on_one_line(line.detail)))


def _on_one_line(detail: str) -> str:
    return "".join(char if char in _ISOLATES else display_path(char) for char in detail)


def status_summary(report: StatusReport, language: str = _ENGLISH) -> str:
    """Return how many files are in which state, and what waits for a decision."""
    summary = _files_by_state(len(report.files), report.counts, ": {}", language)
    if not report.held_removals:
        return summary
    held = say_n(
        "{n} file has vanished at once; nothing is withdrawn until you run: feedsvc confirm-removals",
        "{n} files have vanished at once; nothing is withdrawn until you run: feedsvc confirm-removals",
        len(report.held_removals),
    )
    return f"{summary}\n{translate(held, language)}"
