"""Commands about messages on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedsvc.cli.invocation import Invocation
    from feedsvc.model import OutboxState, QueuedDigest

_STATES = ("queued", "sending", "retry", "sent", "failed", "suppressed", "held")


@click.group()
def outbox() -> None:
    """Look at messages on their way out; a running daemon is not disturbed."""


@outbox.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only messages in this state.")
@click.option("--counts", "is_counted", is_flag=True, help="Only how many there are in each state.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def list_(invocation: Invocation, *, state: str | None, is_counted: bool, is_json: bool) -> None:
    """List messages, oldest first."""
    settings = invocation.settings()
    from feedsvc.app.outbox import outbox_counts, outbox_messages
    from feedsvc.cli.as_json import to_json
    from feedsvc.model import OutboxState

    if is_counted:
        counts = {known.value: number for known, number in sorted(outbox_counts(settings).items())}
        click.echo(to_json(counts) if is_json else _count_line(counts))
        return
    wanted: OutboxState | None = OutboxState(state) if state else None
    if is_json:
        click.echo(to_json([_value(queued) for queued in outbox_messages(settings, wanted)]))
        return
    for queued in outbox_messages(settings, wanted):
        click.echo(_line(queued))


@outbox.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.pass_obj
def release(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """Send held or failed messages at once: those with the IDs given, or all that are held."""
    settings = invocation.settings()
    from feedsvc.app.outbox import release_messages
    from feedsvc.cli.words import count

    click.echo(f"Released: {count(release_messages(settings, ids), 'message', 'messages')}")


def _count_line(counts: dict[str, int]) -> str:
    return ", ".join(f"{state} {number}" for state, number in counts.items()) or "The outbox is empty."


def _line(queued: QueuedDigest) -> str:
    message = queued.message
    return "\t".join((message.state.value, message.recipient, queued.period_key, message.id, message.reason))


def _value(queued: QueuedDigest) -> dict[str, object]:
    message = queued.message
    return {
        "id": message.id,
        "state": message.state.value,
        "recipient": message.recipient,
        "run": queued.run_id,
        "period": queued.period_key,
        "attempts": message.attempts,
        "not_before": message.not_before.isoformat() if message.not_before else None,
        "reason": message.reason,
    }
