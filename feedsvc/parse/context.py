"""What a parser must know besides the bytes of the file."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Customs(NamedTuple):
    """What an inbox or a folder says of its files, where they do not say it themselves.

    Attributes:
        profile: ``article`` or ``bulletin``; empty means article.
        items: Where the items of a bulletin begin; empty means by paragraph.
        first_line: What the first line of a bulletin is; empty means an item.
        language: BCP 47 tag of files that declare none, else empty: the text decides.
        authors: Authors of entries that name none.
        tags: Tags of all entries, besides their own.
        date_order: ``dmy`` or ``mdy``: how dates such as 03/04/2026 are read; empty refuses them.
    """

    profile: str = ""
    items: str = ""
    first_line: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    date_order: str = ""


NO_CUSTOMS = Customs()
"""Nothing is said: the rules of `ParseContext` and of the program count."""


class ParseLimits(NamedTuple):
    """How much of something one file may hold: items, and tags of an entry."""

    items: int = 5_000
    tags: int = 50


USUAL_LIMITS = ParseLimits()


class ParseContext(NamedTuple):
    """The place of a file and the customs of its inbox. One is made for each file, hence a named tuple.

    Attributes:
        path: Path below the inbox with ``/``; bytes that are not UTF-8 are kept as surrogate escapes.
        language: BCP 47 tag used where the file declares and shows none.
        zone: Time zone of dates that name none.
        origin: Absolute address without a trailing slash against which relative links are resolved.
        encodings: Names of the encodings to try on files that are not UTF-8.
        customs: What counts where the file says nothing.
        limits: How much the file may hold.
    """

    path: str
    language: str
    zone: ZoneInfo
    origin: str
    encodings: tuple[str, ...] = ()
    customs: Customs = NO_CUSTOMS
    limits: ParseLimits = USUAL_LIMITS

    @property
    def folder(self) -> str:
        """Folder of the file below the inbox; empty at the top."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """Name of the file without its folder."""
        return self.path.rpartition("/")[2]

    @property
    def base(self) -> str:
        """Address against which the relative links of the file are resolved (RFC 3986 section 5.1)."""
        return base_of(self.origin, self.folder)


@lru_cache(maxsize=512)
def base_of(origin: str, folder: str) -> str:
    """Return the address of *folder* below *origin*, with a trailing slash."""
    return f"{origin}/{quote(os.fsencode(folder))}/" if folder else f"{origin}/"
