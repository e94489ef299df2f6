"""Entries: what a parser makes of a file, and what the store keeps of it.

What helper processes send is a named tuple: it travels in half the time of a dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.model.media import Enclosure, MediaReference
    from feedsvc.model.source import Notice

Direction = Literal["ltr", "rtl"]
SILENT = "false"
"""What ``notify`` says of an entry that goes to feeds, and into no mail."""


class EntryState(StrEnum):
    """Where an entry is in its life."""

    LIVE = "live"
    SCHEDULED = "scheduled"
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"


class ChangeKind(StrEnum):
    """What a row of the change log reports about an entry."""

    PUBLISHED = "published"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    """Same text, other folder: the feeds it belongs to changed, its readers have nothing new."""
    ANNOUNCED = "announced"
    """Same text and place: its editor wants it in the next mails."""


class Telling(IntEnum):
    """To whom a change is news that is mailed; feeds show every change."""

    NOBODY = 0
    NEW = 1
    """To everybody: the entry was never published before."""
    BACK = 2
    """To whoever was not told before: the entry was withdrawn, and is published again."""
    ANEW = 3
    """To everybody, also to those who were told: its editor announced it."""


class ParsedEntry(NamedTuple):
    """One entry as its file describes it, before it has an identity.

    Attributes:
        key: Names the item inside its file; empty where a file is one entry.
        title: Plain text on one line.
        summary: Plain text, may be empty.
        body_html: Sanitised HTML. Relative links are resolved against ``Site.neutral_origin``, so that the
            store does not change with the public address of the site.
        language: BCP 47 tag.
        direction: Base direction of title, summary and body.
        link: Absolute URL named by the author, else None: the entry's own page.
        declared_id: ``id:`` of the front matter, else None.
        slug: Wished last part of the page address; empty if nothing readable is left of it.
        published: Declared by front matter or file name, whole seconds, else None: the time of first sight.
        fingerprint: Hash over everything a reader can see; equal fingerprints are no change.
        references: Files that accompany it, as its author names them; nobody has looked at them yet.
        enclosures: What became of the references, in their order.
        image: Address of its main image, empty if it has none; it is among the enclosures too.
        notify: ``false`` keeps it out of mails, ``true`` or a date announces it in them; empty if nothing is said.
    """

    key: str
    title: str
    summary: str
    body_html: str
    language: str
    direction: Direction
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    link: str | None
    declared_id: str | None
    slug: str
    published: datetime | None
    updated: datetime | None
    expires: datetime | None
    is_draft: bool
    fingerprint: str
    references: tuple[MediaReference, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ""
    notify: str = ""


class ParsedFile(NamedTuple):
    """Everything that a parser has to say about one file."""

    entries: tuple[ParsedEntry, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with its stored identity, at one revision.

    ``id`` is a URI (RFC 4151 or ``urn:uuid:``) that never changes. Times are aware UTC. ``published`` is shown in whole
    seconds, its microseconds keep the items of a file in order; those of ``updated`` keep the entries of a site apart.
    ``is_silent`` keeps it out of mails.
    """

    id: str
    revision: int
    state: EntryState
    source_path: str
    folder: str
    slug: str
    title: str
    summary: str
    body_html: str
    language: str
    direction: Direction
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    link: str | None
    published: datetime
    updated: datetime
    expires: datetime | None
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ""
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A committed change of an entry; ``seq`` grows in the order of commits and is never reused."""

    seq: int
    entry_id: str
    revision: int
    kind: ChangeKind
    at: datetime
    telling: Telling = Telling.NOBODY
