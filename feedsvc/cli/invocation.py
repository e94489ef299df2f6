"""What all commands share: the project they work on, and how errors reach people."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

from feedsvc.errors import FeedsvcError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.settings import Settings


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options in front of the command."""

    root: Path | None
    is_debug: bool

    def settings(self) -> Settings:
        """Read the settings of the project.

        Raises:
            SettingsError: There is no project, or its configuration has faults.
        """
        from feedsvc.settings import load_settings

        return load_settings(self.root)


class Commands(click.Group):
    """All commands; errors are told in a sentence and exit with 1, ``--debug`` shows the traceback.

    Groups of commands are loaded when they are named: a small command starts fast.
    """

    GROUPS = frozenset(("bounce", "digests", "mail", "outbox", "subscribers"))
    """Names of groups and commands, and of the modules and objects that hold them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted((*super().list_commands(ctx), *self.GROUPS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loaded if need be."""
        if cmd_name not in self.GROUPS:
            return super().get_command(ctx, cmd_name)
        group: click.Command = getattr(import_module(f"feedsvc.cli.{cmd_name}"), cmd_name)
        return group

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that *ctx* asks for."""
        try:
            return super().invoke(ctx)
        except (FeedsvcError, OSError) as error:
            is_pipe_closed = isinstance(error, OSError) and error.errno == errno.EPIPE  # click ends quietly for these
            if is_pipe_closed or ctx.obj.is_debug:
                raise
            for line in error_lines(error):
                click.echo(f"feedsvc: {line}", err=True)
            ctx.exit(1)


def error_lines(error: FeedsvcError | OSError) -> tuple[str, ...]:
    """Return what a person is told about *error*, one line for each fault."""
    if isinstance(error, SettingsError):
        return error.faults
    if isinstance(error, OSError) and error.strerror:
        from feedsvc.model import display_path

        where = f"{display_path(str(error.filename))}: " if error.filename else ""
        return (f"{where}{error.strerror.lower()}",)
    return (" ".join(str(error).split()) or type(error).__name__,)
