"""Sound, pictures and other files that accompany entries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model.source import FileSignature

MEDIA_FOLDER = "media"
"""Name of the published folder that holds them."""

MEDIA_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",  # Opus too (RFC 7845 section 9)
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
}
"""The media types that are published, and the suffix that a published file of each has."""

MEDIA_ADDRESS = f"/{MEDIA_FOLDER}/"
"""What stands before the name in the address of a published file."""

_NAME = re.compile(rf"{MEDIA_ADDRESS}([0-9a-f]{{64}}\.[0-9a-z]{{1,8}})")

Role = Literal["enclosure", "audio", "image", "inline"]


class MediaReference(NamedTuple):
    """What an author says about one accompanying file, before anything was looked at.

    Attributes:
        role: The key of the header that names it, or ``inline`` for an image within the text.
        path: Path below the inbox, empty if *url* is given.
        url: Absolute web address, empty if *path* is given.
        media_type: As declared, empty if it was not.
        length: In bytes as declared, None if it was not.
        title: As declared, may be empty.
    """

    role: Role
    path: str
    url: str
    media_type: str
    length: int | None
    title: str
    line: int | None
    column: int | None


class Enclosure(NamedTuple):
    """A file that accompanies an entry (RFC 4287 section 4.2.7.2, ``rel="enclosure"``).

    Attributes:
        url: Absolute address; that of a file of this site begins with ``Site.neutral_origin``.
        media_type: Lower-case media type without parameters.
        length: In bytes, None if it is not known.
        title: Plain text on one line, may be empty.
    """

    url: str
    media_type: str
    length: int | None
    title: str


class MediaUse(NamedTuple):
    """A file of the inbox that another one names, as it was when that one was read.

    Attributes:
        path: Path below the inbox.
        signature: All zeros if there was no file.
        name: Name of the published copy, empty if there is none.
    """

    path: str
    signature: FileSignature
    name: str


def media_names(body: str, enclosures: Sequence[Enclosure]) -> tuple[str, ...]:
    """Return the names of the published copies that an entry with *body* and *enclosures* shows, sorted."""
    return tuple(sorted({name for text in (body, *(one.url for one in enclosures)) for name in _NAME.findall(text)}))
