"""Why a file of the inbox cannot be published with a text that names it, in words of its editor."""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

from feedsvc.messages import Message, say

_LINKS = frozenset({errno.ELOOP, errno.ENOTDIR})
_NO_FILES = frozenset({errno.EINVAL, errno.ENXIO, errno.EISDIR, errno.ENAMETOOLONG})
_KINDS = "jpeg, png, gif, webp, avif, mp3, m4a, aac, ogg, opus, flac, wav, mp4, webm, pdf and epub"


class Trouble(NamedTuple):
    """What is wrong, as the rest of a sentence that begins with the name of the file, and what to do.

    ``is_passing`` tells that it may end without a change of the file.
    """

    code: str
    cause: Message
    fix: Message
    is_passing: bool = False


MISSING = Trouble(
    "E_MEDIA",
    say("is not in the inbox"),
    say("Upload it, or correct its name; this text is tried again by itself."),
)
EMPTY = Trouble("E_MEDIA", say("is empty"), say("Upload it again; this text is tried again by itself."))
NOT_MEDIA = Trouble(
    "E_MEDIA",
    say("is of a kind that is not published, whatever its name says"),
    say("Save it as one of: {kinds}.", kinds=_KINDS),
)


def too_large(size: int, limit: int) -> Trouble:
    """Return the trouble of a file of *size* bytes."""
    cause = say("has {size:,} bytes, the limit is {limit:,}", size=size, limit=limit)
    return Trouble("E_SIZE", cause, say("Make it smaller, or raise inbox.max_media_bytes."))


def unopened(error: OSError) -> Trouble:
    """Return the trouble of a file that cannot be opened or is none."""
    if error.errno in _LINKS:
        cause = say("is a link or lies behind one, and links are not followed")
        return Trouble("E_PATH", cause, say("Put the file itself into the inbox."))
    if error.errno in _NO_FILES:
        return Trouble("E_MEDIA", say("is not a regular file"), say("Name a file."))
    cause = say(
        "cannot be read by feedsvc (user {user}): {reason}",
        user=os.geteuid(),
        reason=error.strerror or type(error).__name__,
    )
    return Trouble("E_PERM", cause, say("Make it readable; it is tried again by itself."), is_passing=True)


def too_many(limit: int) -> Trouble:
    """Return the trouble of one file too many."""
    return Trouble("E_LIMIT", say("is one of more than {limit:,} files", limit=limit), say("Name fewer files."))


def other_kind(wanted: Message, media_type: str) -> Trouble:
    """Return the trouble of a file that is published elsewhere, but is not *wanted* here."""
    cause = say("is not {wanted} but {type}", wanted=wanted, type=media_type)
    return Trouble("E_MEDIA", cause, say("Name {wanted} here.", wanted=wanted))


def uncopied(error: OSError) -> Trouble:
    """Return the trouble of a file of which no copy can be made."""
    reason = error.strerror or type(error).__name__
    cause = say("cannot be copied into the published folder: {reason}", reason=reason)
    fix = say("Make room there, or give feedsvc the right to write; it is tried again by itself.")
    return Trouble("E_MEDIA", cause, fix, is_passing=True)
