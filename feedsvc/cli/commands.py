"""The commands of ``feedsvc``; whatever is heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedsvc import __version__
from feedsvc.cli.invocation import Commands, Invocation

if TYPE_CHECKING:
    from feedsvc.app.queries import StatusReport

_as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Project folder, the one that holds config/. Default: found from the working directory upwards.",
)
@click.option("--debug", "is_debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, message="feedsvc %(version)s")
@click.pass_context
def main(ctx: click.Context, root: Path | None, is_debug: bool) -> None:
    """Drop a text file into a folder; read it in every feed reader."""
    ctx.obj = Invocation(root, is_debug)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a title may be in a script that the terminal cannot show


@main.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def init(invocation: Invocation, folder: Path | None) -> None:
    """Start a project in DIR: configuration, folders, two examples."""
    from feedsvc.cli.scaffold import make_project

    for line in make_project(folder or invocation.root or Path()):
        click.echo(line)


@main.command()
@click.pass_obj
def run(invocation: Invocation) -> None:
    """Watch the inbox, publish and serve, until told to stop."""
    settings = invocation.settings()
    from feedsvc.app.daemon import run_service

    run_service(settings)


@main.command()
@_as_json
@click.pass_context
def build(ctx: click.Context, is_json: bool) -> None:
    """Read the inbox once and write all feeds."""
    settings = ctx.obj.settings()
    from feedsvc.app.build import build_site
    from feedsvc.cli.as_json import build_value, to_json
    from feedsvc.cli.terminal import progress_bar
    from feedsvc.cli.words import build_summary, problem_line
    from feedsvc.model import FileState

    with progress_bar(is_wanted=not is_json) as progress:
        report = build_site(settings, progress)
    click.echo(to_json(build_value(report)) if is_json else build_summary(report, settings.inbox.messages))
    for receipt in () if is_json else report.problems:
        click.echo(problem_line(receipt, settings.inbox.messages), err=True)
    ctx.exit(1 if report.counts.get(FileState.QUARANTINED) else 0)


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@_as_json
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...], is_json: bool) -> None:
    """Tell what would become of files, without publishing."""
    settings = ctx.obj.settings()
    from feedsvc.app.queries import check_files
    from feedsvc.cli.arguments import existing_file
    from feedsvc.cli.as_json import receipt_value, to_json
    from feedsvc.cli.words import receipt_text
    from feedsvc.model import FileState

    receipts = check_files(settings, [existing_file(settings.inbox_folder, name) for name in files])
    if is_json:
        click.echo(to_json([receipt_value(receipt) for receipt in receipts]))
    for receipt in () if is_json else receipts:
        click.echo(receipt_text(receipt, settings.site.zone, settings.inbox.messages))
    ctx.exit(1 if any(receipt.state is FileState.QUARANTINED for receipt in receipts) else 0)


@main.command()
@click.argument("file", metavar="[FILE]", required=False)
@_as_json
@click.pass_obj
def status(invocation: Invocation, file: str | None, is_json: bool) -> None:
    """Show all files and their states, or the receipt of FILE."""
    settings = invocation.settings()
    if file is None:
        from feedsvc.app.queries import site_status

        _show_status(site_status(settings), settings.inbox.messages, is_json=is_json)
        return
    from feedsvc.app.queries import file_receipt
    from feedsvc.cli.arguments import inbox_path
    from feedsvc.cli.as_json import receipt_value, to_json
    from feedsvc.cli.words import receipt_text
    from feedsvc.errors import FeedsvcError
    from feedsvc.model import display_path

    path = inbox_path(settings.inbox_folder, file)
    receipt = file_receipt(settings, path)
    if receipt is None:
        raise FeedsvcError(
            f"{display_path(path)}: nothing is known of this file; is it in the inbox, and was the inbox read since?"
        )
    words = receipt_text(receipt, settings.site.zone, settings.inbox.messages)
    click.echo(to_json(receipt_value(receipt)) if is_json else words)


def _show_status(report: StatusReport, language: str, *, is_json: bool) -> None:
    from feedsvc.cli.as_json import status_value, to_json
    from feedsvc.cli.terminal import print_table
    from feedsvc.cli.words import status_lines, status_summary

    if is_json:
        click.echo(to_json(status_value(report)))
    elif sys.stdout.isatty():
        print_table(report, language=language)
    else:
        for line in status_lines(report, language):
            click.echo(line)
    if not is_json:
        click.echo(status_summary(report, language), err=True)


@main.command()
@click.pass_obj
def config(invocation: Invocation) -> None:
    """Print the settings in effect, and where they come from."""
    settings = invocation.settings()
    from feedsvc.settings import describe

    click.echo(describe(settings), nl=False)


@main.command("confirm-removals")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def confirm_removals(invocation: Invocation, yes: bool) -> None:
    """Withdraw the entries of many files that vanished at once."""
    settings = invocation.settings()
    from feedsvc.app import queries
    from feedsvc.cli.words import count
    from feedsvc.model import display_path

    held = queries.held_removals(settings)
    if not held:
        click.echo("No removals are held.")
        return
    if not yes:
        for path in held:
            click.echo(display_path(path))
        if not _is_confirmed(f"Withdraw the entries of {count(len(held), 'vanished file', 'vanished files')}?"):
            click.echo("Nothing was confirmed.")
            return
    click.echo(f"Confirmed the removal of {count(len(queries.confirm_removals(settings)), 'file', 'files')}.")


def _is_confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on; add --yes to confirm these removals")
    return click.confirm(question)


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(f"feedsvc {__version__}")
