"""Runs and messages on their way out: as rows, as words, and as values for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.model import OutboxState
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feedsvc.app.outbox import RunReport
    from feedsvc.model import QueuedDigest

MESSAGE_HEADS = ("state", "recipient", "period", "message", "reason")
RUN_HEADS = ("run", "made", "messages", "states")
STATE_COLOURS: Mapping[str, str] = {
    OutboxState.QUEUED: "cyan",
    OutboxState.SENDING: "blue",
    OutboxState.RETRY: "yellow",
    OutboxState.SENT: "green",
    OutboxState.FAILED: "red",
    OutboxState.SUPPRESSED: "bright_black",
    OutboxState.HELD: "magenta",
}


def message_row(queued: QueuedDigest) -> tuple[str, ...]:
    """Return a message in the columns of `MESSAGE_HEADS`."""
    message = queued.message
    return (message.state, message.recipient, queued.period_key, message.id, message.reason)


def message_value(queued: QueuedDigest) -> dict[str, object]:
    """Return a message for programs."""
    message = queued.message
    return {
        "id": message.id,
        "state": message.state.value,
        "recipient": message.recipient,
        "run": queued.run_id,
        "period": queued.period_key,
        "attempts": message.attempts,
        "not_before": rfc3339(message.not_before) if message.not_before else None,
        "reason": message.reason,
    }


def state_words(counts: Mapping[OutboxState, int]) -> str:
    """Return how many messages are in which state, on one line; nothing if there are none."""
    return ", ".join(f"{state} {number}" for state, number in sorted(counts.items()))


def run_row(report: RunReport) -> tuple[str, ...]:
    """Return a run in the columns of `RUN_HEADS`."""
    run = report.run
    return (run.id, f"{run.created:%Y-%m-%d %H:%M} UTC", str(run.messages), state_words(report.counts))


def run_value(report: RunReport) -> dict[str, object]:
    """Return a run for programs."""
    run = report.run
    return {
        "run": run.id,
        "created": rfc3339(run.created),
        "until_seq": run.run_seq,
        "messages": run.messages,
        "states": report.counts,
    }


def run_lines(report: RunReport) -> Iterator[str]:
    """Yield what there is to say of one run."""
    run = report.run
    yield f"{run.id}: made on {run.created:%Y-%m-%d at %H:%M:%S} UTC"
    yield f"  tells of changes up to number {run.run_seq}"
    yield f"  messages: {run.messages}{', by now ' if report.counts else ''}{state_words(report.counts)}"
    forgotten = run.messages - sum(report.counts.values())
    if forgotten > 0:
        yield f"  no longer kept: {forgotten}, of readers who were removed or because it is long ago"
