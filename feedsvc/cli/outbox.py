"""Commands about messages on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedsvc.cli.invocation import Invocation

_STATES = ("queued", "sending", "retry", "sent", "failed", "suppressed", "held")


@click.group()
def outbox() -> None:
    """Look at messages on their way out; a running daemon is not disturbed."""


@outbox.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only messages in this state.")
@click.option("--run", "run_id", metavar="RUN", help="Only messages of this run.")
@click.option("--counts", "is_counted", is_flag=True, help="Only how many there are in each state.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def list_(invocation: Invocation, *, state: str | None, run_id: str | None, is_counted: bool, is_json: bool) -> None:
    """List messages, oldest first."""
    settings = invocation.settings()
    from feedsvc.app.outbox import outbox_counts, outbox_messages
    from feedsvc.cli.as_json import to_json
    from feedsvc.cli.outbox_words import MESSAGE_HEADS, STATE_COLOURS, message_row, message_value, state_words
    from feedsvc.cli.terminal import print_rows
    from feedsvc.model import OutboxState

    if is_counted:
        if state or run_id:
            raise click.UsageError("--counts stands alone; feedsvc digests show RUN counts the messages of a run")
        counts = outbox_counts(settings)
        click.echo(to_json(dict(sorted(counts.items()))) if is_json else state_words(counts) or "The outbox is empty.")
        return
    messages = outbox_messages(settings, OutboxState(state) if state else None, run_id)
    if is_json:
        click.echo(to_json([message_value(queued) for queued in messages]))
    else:
        print_rows(MESSAGE_HEADS, map(message_row, messages), STATE_COLOURS)


@outbox.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.pass_obj
def release(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """Send held messages at once: all, or those with the IDs given, which may also have failed."""
    settings = invocation.settings()
    from feedsvc.app.outbox import release_messages

    _tell("Released", release_messages(settings, ids))


@outbox.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--failed", "with_failed", is_flag=True, help="And all that failed for good.")
@click.pass_obj
def retry(invocation: Invocation, ids: tuple[str, ...], *, with_failed: bool) -> None:
    """Try at once what waits for its next attempt: all, or those with the IDs given, which may also have failed."""
    settings = invocation.settings()
    from feedsvc.app.outbox import retry_messages

    if ids and with_failed:
        raise click.UsageError("--failed means all that failed; leave it out, or the IDs")
    _tell("To be tried at once", retry_messages(settings, ids, with_failed=with_failed))


@outbox.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.pass_obj
def hold(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """Keep messages from being sent until they are released: all that wait, or those with the IDs given."""
    settings = invocation.settings()
    from feedsvc.app.outbox import hold_messages

    _tell("Held", hold_messages(settings, ids))


def _tell(done: str, number: int) -> None:
    from feedsvc.cli.words import count

    click.echo(f"{done}: {count(number, 'message', 'messages')}")
