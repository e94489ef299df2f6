"""What the name of a file says about it, before anything is read."""

from __future__ import annotations

import re

from feedsvc.messages import say
from feedsvc.model import FileState, Problem
from feedsvc.parse import ACCEPTED_SUFFIXES

_IGNORED = re.compile(
    r"""
    [._].* | .*~ | \#.*\# | 4913               # hidden, private, editors' backups, vim's write test
    | .*\.(?:sw[a-z]|tmp|part|filepart|crdownload|partial|download)
    | ~syncthing~.* | \.syncthing\..* | ~\$.*  # tools that write beside the target
    | thumbs\.db | desktop\.ini
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_NOT_MEANT = frozenset({"E_DEPTH", "E_TYPE", "I_MEDIA", "W_CONFLICT"})
_CONFLICT = re.compile(r".*(?:conflicted copy|\.sync-conflict-\d{8}-).*", re.IGNORECASE | re.DOTALL)

TOO_DEEP = Problem(
    "E_DEPTH",
    say("this lies in more folders inside each other than are read"),
    say("Move it up, or raise inbox.max_depth."),
)
"""Why a folder is not entered, and a file in it not read."""


def is_ignored(name: str) -> bool:
    """Tell whether *name* belongs to a program and not to an editor: not worth a word in ``status``."""
    return _IGNORED.fullmatch(name) is not None


def troubled_state(problem: Problem, *, had_entries: bool) -> FileState:
    """Return the state of a file with *problem*: what was never meant for us is ignored, the rest wants mending."""
    return FileState.IGNORED if problem.code in _NOT_MEANT and not had_entries else FileState.QUARANTINED


def name_problem(name: str) -> Problem | None:
    """Return why a file of this *name* is not read, None if it is."""
    if _CONFLICT.fullmatch(name):
        return Problem(
            "W_CONFLICT",
            say("this is a conflict copy made by a sync program, so somebody's edit may be missing"),
            say("Compare it with the original, merge what is missing, and delete the copy."),
        )
    dot = name.rfind(".")
    if dot < 0 or name[dot:].casefold() not in ACCEPTED_SUFFIXES:
        accepted = ", ".join(sorted(ACCEPTED_SUFFIXES))
        return Problem(
            "E_TYPE", say("this kind of file is not read"), say("Save it as one of: {kinds}.", kinds=accepted)
        )
    return None


def is_too_deep(path: str, max_depth: int) -> bool:
    """Tell whether a scan down to *max_depth* folders does not get to *path*."""
    return path.count("/") > max_depth


def is_noise(path: str, max_depth: int) -> bool:
    """Tell whether a hint about *path* is not worth a look: a scan notes what is to be noted about such files."""
    *folders, name = path.split("/")
    is_known_by_name = any(map(is_ignored, folders)) or is_ignored(name) or name_problem(name) is not None
    return is_known_by_name or is_too_deep(path, max_depth)
