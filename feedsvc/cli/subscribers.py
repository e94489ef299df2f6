"""The commands about those who get digests."""

from __future__ import annotations

import os
import stat
import sys
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from feedsvc.cli.invocation import Invocation
    from feedsvc.digests import RowFault
    from feedsvc.model import Subscriber

_LINES_AT_ONCE = 1_000

_as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")


@click.group()
def subscribers() -> None:
    """Manage those who get digests; a running daemon is not disturbed."""


@subscribers.command()
@click.argument("address")
@click.option("--language", metavar="TAG", help="Language of mails, such as ar. Default: that of the site.")
@click.option("--zone", metavar="ZONE", help="Time zone, such as Africa/Cairo. Default: that of the site.")
@click.option("--frequency", metavar="WORD", help="immediate, daily, weekly or monthly.")
@click.option("--hour", metavar="NUMBER", help="Hour of their day, 0 to 23.")
@click.option("--day", metavar="NUMBER", help="Day of the week (1: Monday) or of the month.")
@click.option("--feeds", metavar="SLUGS", help="Feeds to follow, with commas between. Default: main.")
@click.option("--consent", metavar="TEXT", required=True, help="Who agreed, when, and where that can be seen.")
@click.option("--again", is_flag=True, help="Also bring back who had left or was erased, because they agreed anew.")
@click.pass_obj
def add(invocation: Invocation, /, address: str, zone: str | None, again: bool, **given: str | None) -> None:
    """Add ADDRESS, on your word that this person agreed."""
    settings = invocation.settings()
    from feedsvc.app.subscribers import add_subscriber
    from feedsvc.cli.subscriber_words import list_row

    values = {"address": address, "timezone": zone, **given}
    added = add_subscriber(settings, {name: text for name, text in values.items() if text is not None}, again=again)
    click.echo("\t".join(("Added: " + added.state, *list_row(added)[1:])))


@subscribers.command("import")
@click.argument("table", metavar="CSV", type=click.File("rb"))
@click.option("--consent", metavar="TEXT", default="", help="What proves the consent of rows that do not tell it.")
@click.option("--dry-run", is_flag=True, help="Check all rows, change nothing.")
@_as_json
@click.pass_context
def import_(ctx: click.Context, table: BinaryIO, consent: str, dry_run: bool, is_json: bool) -> None:
    """Add the people in a table; - reads it from standard input."""
    settings = ctx.obj.settings()
    from feedsvc import digests
    from feedsvc.app.subscribers import import_subscribers
    from feedsvc.cli.as_json import to_json
    from feedsvc.cli.subscriber_words import import_value, import_words
    from feedsvc.cli.terminal import progress_bar
    from feedsvc.model import display_path

    rows, size = digests.Table(table), _size(table)
    faults: list[RowFault] = []
    name = display_path(table.name)
    tell = faults.append if is_json else _teller(name)
    for warning in () if is_json else rows.warnings:
        click.secho(f"{name}: {warning}", fg="yellow", err=True)
    with progress_bar(is_wanted=not is_json, title="Reading the table") as progress:
        report = import_subscribers(
            settings,
            rows,
            on_fault=tell,
            on_batch=lambda done: progress(done, size),
            dry_run=dry_run,
            consent=consent,
        )
    value = import_value(report, faults, rows.warnings)
    click.echo(to_json(value) if is_json else import_words(report, dry_run=dry_run))
    ctx.exit(1 if report.faults else 0)


def _teller(name: str) -> Callable[[RowFault], None]:
    return lambda fault: click.secho(f"{name}: {fault}", fg="red", err=True)


def _size(file: BinaryIO) -> int:
    """Return the bytes of a regular file, 0 for a pipe."""
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


@subscribers.command()
@click.pass_obj
def export(invocation: Invocation) -> None:
    """Print all active subscribers as a table that can be imported."""
    settings = invocation.settings()
    from feedsvc.app.subscribers import export_subscribers

    lines = export_subscribers(settings)
    while part := "".join(islice(lines, _LINES_AT_ONCE)):
        click.echo(part.encode(), nl=False)  # whatever the locale is, the table is UTF-8


@subscribers.command("list")
@click.option("--state", type=click.Choice(["pending", "active", "gone"]), help="Only those in this state.")
@_as_json
@click.pass_obj
def list_(invocation: Invocation, state: str | None, is_json: bool) -> None:
    """Show all subscribers, in the order of their addresses."""
    settings = invocation.settings()
    from feedsvc.app.subscribers import all_subscribers
    from feedsvc.cli.subscriber_words import LIST_HEADS, STATE_COLOURS, list_row
    from feedsvc.cli.terminal import print_rows
    from feedsvc.model import SubscriberState

    people = all_subscribers(settings, SubscriberState(state) if state else None)
    if is_json:
        _print_json(people)
    else:
        print_rows(LIST_HEADS, map(list_row, people), STATE_COLOURS)


def _print_json(people: Iterable[Subscriber]) -> None:
    """Print a list as it is read, however long it is."""
    from feedsvc.cli.as_json import to_json
    from feedsvc.cli.subscriber_words import subscriber_value

    before = "["
    for one in people:
        click.echo(f"{before}{to_json(subscriber_value(one))}", nl=False)
        before = ",\n"
    click.echo("[]" if before == "[" else "]")


@subscribers.command()
@click.argument("address")
@_as_json
@click.pass_context
def show(ctx: click.Context, address: str, is_json: bool) -> None:
    """Show all that is known of ADDRESS, with the record of consent."""
    settings = ctx.obj.settings()
    from feedsvc.app.subscribers import subscriber_details
    from feedsvc.cli.as_json import to_json
    from feedsvc.cli.subscriber_words import details_lines, details_value

    details = subscriber_details(settings, address)
    click.echo(to_json(details_value(details)) if is_json else "\n".join(details_lines(details)))
    ctx.exit(0 if details.subscriber or details.suppression else 1)


@subscribers.command()
@click.argument("address")
@click.pass_obj
def remove(invocation: Invocation, address: str) -> None:
    """Unsubscribe ADDRESS; no later import brings it back."""
    settings = invocation.settings()
    from feedsvc.app.subscribers import remove_subscriber
    from feedsvc.model import SubscriberState

    before = remove_subscriber(settings, address)
    was_gone = before.state is SubscriberState.GONE
    click.echo(f"{before.address} was gone already." if was_gone else f"Removed {before.address}.")


@subscribers.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(invocation: Invocation, address: str, yes: bool) -> None:
    """Forget all about ADDRESS, but keep it out for ever."""
    settings = invocation.settings()
    from feedsvc.app.subscribers import erase_subscriber, subscriber_details

    found = subscriber_details(settings, address).address
    if not yes and not _is_confirmed(f"Forget all about {found}? This cannot be undone."):
        click.echo("Nothing was erased.")
        return
    before = erase_subscriber(settings, found)
    known = "Erased" if before.subscriber else "Nothing was known of"
    click.echo(f"{known} {before.address}; no import brings it back.")


def _is_confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on; add --yes to erase this person")
    return click.confirm(question)
