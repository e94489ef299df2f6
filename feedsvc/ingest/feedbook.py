"""Which feeds an entry belongs to: the main one, one for each folder above it, and declared ones."""

from __future__ import annotations

import json
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING

from feedsvc.model import RESERVED_SLUGS, feeds_of
from feedsvc.parse import slugify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from feedsvc.model import Feed, FeedRecord
    from feedsvc.protocols import ReadUnit, WriteUnit

_FOLDER_FEEDS = "folder_feeds"
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


class FeedBook:
    """The feeds of the site, as far as entries need to know them.

    Args:
        declared: Feeds of the configuration, ``main`` among them.
        stored: Feeds that the store has already; a folder keeps the slug it once got.
        named: Slugs that folders give to their feeds themselves; they may be those of declared feeds.
    """

    def __init__(
        self, declared: Sequence[Feed], stored: Iterable[FeedRecord], named: Mapping[str, str] = _NO_NAMES
    ) -> None:
        self.declared = tuple(declared)
        self.fresh: dict[str, str] = {}
        self.renew(stored, named)

    def renew(self, stored: Iterable[FeedRecord], named: Mapping[str, str]) -> None:
        """Forget what was known of folders, and go on with these."""
        self.named = dict(named)
        self._folders = {record.folder: record.slug for record in stored if record.folder is not None}
        self._slugs = {feed.slug for feed in self.declared} | set(self._folders.values())
        self.fresh.clear()

    def slugs_for(self, folder: str, tags: Sequence[str], language: str) -> tuple[str, ...]:
        """Return the feeds of an entry; folders met for the first time get one, noted in ``fresh``."""
        own = (self._folder_slug(above) for above in ancestors(folder))
        return tuple(dict.fromkeys((*feeds_of(self.declared, folder, tags, language), *own)))

    def settle(self) -> None:
        """Note that the store has all feeds of ``fresh`` now; before that, each transaction writes them."""
        self.fresh.clear()

    def _folder_slug(self, folder: str) -> str:
        slug = self.named.get(folder) or self._folders.get(folder)
        if slug is None:
            slug = self._new_slug(slugify(folder.replace("/", " ")) or "folder")
        if slug not in self._slugs:
            self._folders[folder] = self.fresh[folder] = slug
            self._slugs.add(slug)
        return slug

    def _new_slug(self, wished: str) -> str:
        numbered = (wished if n == 1 else f"{wished}-{n}" for n in count(1))
        taken = self._slugs | RESERVED_SLUGS | set(self.named.values())
        return next(slug for slug in numbered if slug not in taken)


def open_book(unit: ReadUnit, declared: Sequence[Feed]) -> FeedBook:
    """Return the feeds of the site as the store knows them, with the *declared* ones."""
    return FeedBook(declared, unit.feeds(), named_feeds(unit))


def named_feeds(unit: ReadUnit) -> dict[str, str]:
    """Return the slugs that folders gave to their feeds when the inbox was last looked at."""
    named: dict[str, str] = json.loads(unit.meta(_FOLDER_FEEDS) or "{}")
    return named


def note_named_feeds(unit: WriteUnit, named: Mapping[str, str]) -> None:
    """Keep the slugs that folders give to their feeds."""
    unit.set_meta(_FOLDER_FEEDS, json.dumps(named, sort_keys=True) if named else None)


def ancestors(folder: str) -> Iterator[str]:
    """Yield *folder* and the folders above it, topmost first; nothing for the inbox itself."""
    parts = folder.split("/") if folder else []
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])
