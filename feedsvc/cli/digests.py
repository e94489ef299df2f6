"""Commands about digests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedsvc.cli.invocation import Invocation


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

    runs, readers = digest_runs(settings)
    if is_json:
        values = [
            {
                "run": r.run.id,
                "created": r.run.created.isoformat(),
                "messages": r.run.messages,
                "states": r.counts,
            }
            for r in runs
        ]
        click.echo(to_json({"active_subscribers": readers, "runs": values}))
        return
    click.echo(f"{readers} active subscribers are looked after.")
    for report in runs:
        states = ", ".join(f"{state} {number}" for state, number in sorted(report.counts.items()))
        click.echo(f"{report.run.id}\t{report.run.created:%Y-%m-%d %H:%M} UTC\t{report.run.messages}\t{states}")


@digests.command()
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
    language: str | None,
    feeds: tuple[str, ...],
    days: int | None,
    is_open: bool,
    output: Path | None,
) -> None:
    """Write a digest of the newest entries, to look at."""
    settings = invocation.settings()
    from feedsvc.app.previews import preview_digest
    from feedsvc.cli.words import count
    from feedsvc.model import display_path

    folder = output or settings.state_folder / "preview"
    made = preview_digest(settings, folder, language=language, feeds=feeds, days=days)
    left_out = f", {made.left_out} only counted" if made.left_out else ""
    click.echo(f"{made.subject} ({count(made.shown, 'entry', 'entries')}{left_out})")
    for path in (made.html, made.text, made.message):
        click.echo(display_path(str(path)))
    if is_open:
        click.launch(str(made.html))
