"""Files named on the command line, found in the inbox."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from feedsvc.model import display_path

if TYPE_CHECKING:
    from pathlib import Path


def inbox_path(inbox: Path, argument: str) -> str:
    """Return the path below *inbox* of the file that *argument* names.

    *argument* may be a real path, or already a path below the inbox. The last part is never followed if it is a link.
    A file outside the inbox is returned as an absolute path; one that is nowhere, as a path below the inbox, because
    something may be known of a file that is gone.
    """
    real = _with_real_folder(argument)
    below = os.path.relpath(real, os.path.realpath(inbox))
    if below == ".." or below.startswith(f"..{os.sep}"):
        is_elsewhere = os.path.lexists(real) and not os.path.lexists(inbox / argument)
        return real if is_elsewhere else os.path.normpath(argument)
    return below


def existing_file(inbox: Path, argument: str) -> str:
    """Return the full path of the file that *argument* names, which may be in *inbox* or elsewhere; see `inbox_path`.

    Raises:
        click.BadParameter: There is no such file, or it is a folder.
    """
    path = inbox_path(inbox, argument)
    full = inbox / path
    if not os.path.lexists(full):
        raise click.BadParameter(f"{display_path(argument)}: there is no such file, neither here nor in the inbox")
    if full.is_dir():
        raise click.BadParameter(f"{display_path(argument)}: this is a folder; name the files in it")
    return str(full)


def _with_real_folder(argument: str) -> str:
    folder, name = os.path.split(os.path.abspath(argument))
    return os.path.join(os.path.realpath(folder), name)
