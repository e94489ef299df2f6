"""Why a file of the inbox cannot be published with a text that names it, in words of its editor."""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

_LINKS = frozenset({errno.ELOOP, errno.ENOTDIR})
_NO_FILES = frozenset({errno.EINVAL, errno.ENXIO, errno.EISDIR, errno.ENAMETOOLONG})
_KINDS = "jpeg, png, gif, webp, avif, mp3, m4a, aac, ogg, opus, flac, wav, mp4, webm, pdf and epub"


class Trouble(NamedTuple):
    """What is wrong, as the rest of a sentence that begins with the name of the file, and what to do.

    ``is_passing`` tells that it may end without a change of the file.
    """

    code: str
    cause: str
    fix: str
    is_passing: bool = False


_WAIT = "Upload it, or correct its name; this text is tried again by itself."
MISSING = Trouble("E_MEDIA", "is not in the inbox", _WAIT)
EMPTY = Trouble("E_MEDIA", "is empty", "Upload it again; this text is tried again by itself.")
NOT_MEDIA = Trouble(
    "E_MEDIA", "is of a kind that is not published, whatever its name says", f"Save it as one of: {_KINDS}."
)


def too_large(size: int, limit: int) -> Trouble:
    """Return the trouble of a file of *size* bytes."""
    return Trouble(
        "E_SIZE", f"has {size:,} bytes, the limit is {limit:,}", "Make it smaller, or raise inbox.max_media_bytes."
    )


def unopened(error: OSError) -> Trouble:
    """Return the trouble of a file that cannot be opened or is none."""
    if error.errno in _LINKS:
        return Trouble(
            "E_PATH", "is a link or lies behind one, and links are not followed", "Put the file itself into the inbox."
        )
    if error.errno in _NO_FILES:
        return Trouble("E_MEDIA", "is not a regular file", "Name a file.")
    cause = f"cannot be read by feedsvc (user {os.geteuid()}): {error.strerror}"
    return Trouble("E_PERM", cause, "Make it readable; it is tried again by itself.", is_passing=True)


def too_many(limit: int) -> Trouble:
    """Return the trouble of one file too many."""
    return Trouble("E_LIMIT", f"is one of more than {limit} files", "Name fewer files.")


def other_kind(wanted: str, media_type: str) -> Trouble:
    """Return the trouble of a file that is published elsewhere, but is not *wanted* here."""
    return Trouble("E_MEDIA", f"is not {wanted} but {media_type}", f"Name {wanted} here.")


def uncopied(error: OSError) -> Trouble:
    """Return the trouble of a file of which no copy can be made."""
    cause = f"cannot be copied into the published folder: {error.strerror}"
    fix = "Make room there, or give feedsvc the right to write; it is tried again by itself."
    return Trouble("E_MEDIA", cause, fix, is_passing=True)
