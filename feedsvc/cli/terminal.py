"""What only a terminal gets: a table in colours, and a progress bar."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from feedsvc.cli.words import state_name
from feedsvc.messages import say, translate
from feedsvc.model import FileState, display_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from feedsvc.app.queries import StatusReport

    Progress = Callable[[int, int], None]

STATE_COLOURS = {
    FileState.PUBLISHED: "green",
    FileState.SCHEDULED: "cyan",
    FileState.DRAFT: "blue",
    FileState.DUPLICATE: "yellow",
    FileState.IGNORED: "bright_black",
    FileState.QUARANTINED: "red",
    FileState.WAITING: "magenta",
}


def bare_table(*heads: str) -> Table:
    """Return an empty table with bold *heads* and no lines."""
    from rich.table import Table

    return Table(*heads, box=None, pad_edge=False, header_style="bold")


def print_rows(heads: Sequence[str], rows: Iterable[Sequence[str]], colours: Mapping[str, str]) -> None:
    """Print *rows*: as a table on a terminal, where the first cell has its colour, else as lines with tabs."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.text import Text

    table = bare_table(*heads)
    for first, *cells in rows:
        table.add_row(Text(first, style=colours.get(first, "")), *map(Text, cells))
    Console().print(table)


def status_table(report: StatusReport, language: str = "en") -> Table:
    """Return the files of the inbox and their states as a table."""
    from rich.text import Text

    table = bare_table(*(translate(head, language) for head in (say("state"), say("file"), say("detail"))))
    for line in report.files:
        state = Text(state_name(line.state, language), style=STATE_COLOURS[line.state])
        table.add_row(state, Text(display_path(line.path)), Text(line.detail))
    return table


def print_table(report: StatusReport, console: Console | None = None, language: str = "en") -> None:
    """Print the table of files on the terminal."""
    from rich.console import Console

    (console or Console()).print(status_table(report, language))


@contextmanager
def progress_bar(*, is_wanted: bool, title: str = "Reading the inbox") -> Iterator[Progress]:
    """Yield a function to report progress to as (done, total); it draws a bar on a terminal, on standard error."""
    if not (is_wanted and sys.stderr.isatty()):
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=None)

    def report(done: int, total: int) -> None:
        bar.start()  # not before: its thread must not run while helper processes are forked
        bar.update(task, completed=done, total=total or None)

    try:
        yield report
    finally:
        bar.stop()
