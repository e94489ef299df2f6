"""Commands about digests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedsvc.app.previews import Preview
    from feedsvc.cli.invocation import Invocation
    from feedsvc.settings import Settings


@click.group()
def digests() -> None:
    """Look at digests."""


@digests.command("list")
@click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def list_(invocation: Invocation, *, is_json: bool) -> None:
    """List the newest runs, and what became of their messages."""
    settings = invocation.settings()
    from feedsvc.app.outbox import digest_runs
    from feedsvc.cli.as_json import to_json
    from feedsvc.cli.outbox_words import RUN_HEADS, run_row, run_value
    from feedsvc.cli.terminal import print_rows
    from feedsvc.cli.words import count

    runs, readers = digest_runs(settings)
    if is_json:
        click.echo(to_json({"active_subscribers": readers, "runs": [run_value(report) for report in runs]}))
        return
    click.echo(f"{count(readers, 'active subscriber is', 'active subscribers are')} looked after.")
    print_rows(RUN_HEADS, map(run_row, runs), {})


@digests.command()
@click.argument("run_id", metavar="RUN")
@click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def show(invocation: Invocation, run_id: str, *, is_json: bool) -> None:
    """Show one run, and what became of its messages; "feedsvc outbox list --run RUN" lists them."""
    settings = invocation.settings()
    from feedsvc.app.outbox import digest_run
    from feedsvc.cli.as_json import to_json
    from feedsvc.cli.outbox_words import run_lines, run_value

    report = digest_run(settings, run_id)
    if is_json:
        click.echo(to_json(run_value(report)))
        return
    for line in run_lines(report):
        click.echo(line)


@digests.command("send-test")
@click.argument("address")
@click.pass_context
def send_test(ctx: click.Context, address: str) -> None:
    """Send the digest that ADDRESS would get now, marked as a test; it counts for nothing."""
    invocation: Invocation = ctx.obj
    settings = invocation.settings()
    from feedsvc.app.next_digest import send_test as send
    from feedsvc.cli.mail import tell_trial
    from feedsvc.cli.mail_words import next_lines, trial_lines
    from feedsvc.cli.words import count

    done = send(settings, address)
    click.echo(f"{done.subject} ({count(done.shown, 'entry', 'entries')})")
    tell_trial(ctx, done.trial, (*next_lines(done.made), *trial_lines(done.trial, done.made.reader.address)))


@digests.command()
@click.option("--subscriber", metavar="ADDRESS", help="What this person would get now, as they chose it.")
@click.option("--language", metavar="TAG", help="Language of the mail's own words. Default: that of the site.")
@click.option("--feed", "feeds", metavar="SLUG", multiple=True, help="Feed to show; may be given again. Default: main.")
@click.option("--days", type=click.IntRange(1, 3650), metavar="N", help="Only entries of the last N days.")
@click.option("--open", "is_open", is_flag=True, help="Open the mail in the browser.")
@click.option(
    "--output",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write. Default: preview/ in the state folder.",
)
@click.pass_obj
def preview(
    invocation: Invocation,
    subscriber: str | None,
    language: str | None,
    feeds: tuple[str, ...],
    days: int | None,
    is_open: bool,
    output: Path | None,
) -> None:
    """Write a digest of the newest entries, or of what is new to somebody, to look at."""
    settings = invocation.settings()
    from feedsvc.cli.words import count
    from feedsvc.model import display_path

    folder = output or settings.state_folder / "preview"
    if subscriber is not None and (language or feeds or days):
        raise click.UsageError("--subscriber stands alone: language, feeds and days are those of this person")
    words: list[str] = []
    if subscriber is None:
        from feedsvc.app.previews import preview_digest

        made = preview_digest(settings, folder, language=language, feeds=feeds, days=days)
    else:
        made, words = _personal_preview(settings, folder, subscriber)
    left_out = f", {made.left_out} only counted" if made.left_out else ""
    click.echo(f"{made.subject} ({count(made.shown, 'entry', 'entries')}{left_out})")
    for line in (*words, *(display_path(str(path)) for path in (made.html, made.text, made.message))):
        click.echo(line)
    if is_open:
        click.launch(str(made.html))


def _personal_preview(settings: Settings, folder: Path, address: str) -> tuple[Preview, list[str]]:
    from feedsvc.app.next_digest import next_digest
    from feedsvc.app.previews import write_preview
    from feedsvc.cli.mail_words import next_lines

    made = next_digest(settings, address)
    return write_preview(settings, folder, made.digest, made.recipient), list(next_lines(made))
