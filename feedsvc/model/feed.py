"""Feeds: named selections of entries, and the documents that carry them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from glob import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Format(StrEnum):
    """The three feed formats."""

    ATOM = "atom"
    RSS = "rss"
    JSON = "json"


class FormatFacts(NamedTuple):
    """Where a format lives and how it is labelled."""

    file_name: str
    media_type: str


FORMATS = {
    Format.ATOM: FormatFacts("atom.xml", "application/atom+xml"),  # RFC 4287 section 7
    Format.RSS: FormatFacts("rss.xml", "application/rss+xml"),
    Format.JSON: FormatFacts("feed.json", "application/feed+json"),  # JSON Feed 1.1
}


@dataclass(frozen=True, slots=True)
class Feed:
    """A named selection of entries.

    An entry belongs to the feed if its folder matches *folder* (a glob; ``**`` and an empty text match all, a plain
    name matches the folder and everything below it) and, where they are given, it has one of *tags* and one of
    *languages*.
    """

    slug: str
    title: str
    description: str = ""
    language: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def selects(self, folder: str, tags: Sequence[str], language: str) -> bool:
        """Tell whether an entry in *folder* with *tags* and *language* belongs to this feed."""
        return (
            self._matches_folder(folder)
            and (not self.tags or not {t.casefold() for t in self.tags}.isdisjoint(t.casefold() for t in tags))
            and (not self.languages or any(_covers(wanted, language) for wanted in self.languages))
        )

    def _matches_folder(self, folder: str) -> bool:
        if self.folder in ("", "**"):
            return True
        pattern = self.folder.removesuffix("/**").strip("/")
        parts = folder.split("/")
        return any(fnmatchcase("/".join(parts[: n + 1]), pattern) for n in range(len(parts)))


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed at the moment of rendering.

    Attributes:
        updated: Newest ``updated`` of the entries shown, or the site's first day for an empty feed.
        links: Further Atom links as (rel, href) pairs, for example a WebSub hub.
    """

    feed: Feed
    updated: datetime
    links: tuple[tuple[str, str], ...] = ()


def _covers(wanted: str, language: str) -> bool:
    """Basic filtering of RFC 4647 section 3.3.1: ``ar`` covers ``ar`` and ``ar-EG``."""
    wanted, language = wanted.casefold(), language.casefold()
    return language == wanted or language.startswith(f"{wanted}-")


def folder_feed(folder: str, slug: str) -> Feed:
    """Return the feed that a sub-folder of the inbox has by itself; its title is the folder's path."""
    return Feed(slug=slug, title=folder.replace("/", " / "), folder=escape(folder))


def feeds_of(feeds: Sequence[Feed], folder: str, tags: Sequence[str], language: str) -> tuple[str, ...]:
    """Return the slugs of the *feeds* that an entry belongs to, in their order."""
    return tuple(feed.slug for feed in feeds if feed.selects(folder, tags, language))
