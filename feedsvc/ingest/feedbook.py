"""Which feeds an entry belongs to: the main one, one for each folder above it, and declared ones."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from feedsvc.model import RESERVED_SLUGS, feeds_of
from feedsvc.parse import slugify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from feedsvc.model import Feed, FeedRecord


class FeedBook:
    """The feeds of the site, as far as entries need to know them.

    Args:
        declared: Feeds of the configuration, ``main`` among them.
        stored: Feeds that the store has already; a folder keeps the slug it once got.
    """

    def __init__(self, declared: Sequence[Feed], stored: Iterable[FeedRecord]) -> None:
        self._declared = tuple(declared)
        self._folders = {record.folder: record.slug for record in stored if record.folder is not None}
        self._taken = {feed.slug for feed in declared} | set(self._folders.values()) | RESERVED_SLUGS
        self.fresh: dict[str, str] = {}

    def slugs_for(self, folder: str, tags: Sequence[str], language: str) -> tuple[str, ...]:
        """Return the feeds of an entry; folders met for the first time get one, noted in ``fresh``."""
        own = (self._folder_slug(above) for above in ancestors(folder))
        return tuple(dict.fromkeys((*feeds_of(self._declared, folder, tags, language), *own)))

    def settle(self) -> None:
        """Note that the store has all feeds of ``fresh`` now; before that, each transaction writes them."""
        self.fresh.clear()

    def _folder_slug(self, folder: str) -> str:
        slug = self._folders.get(folder)
        if slug is None:
            slug = self._new_slug(slugify(folder.replace("/", " ")) or "folder")
            self._folders[folder] = self.fresh[folder] = slug
        return slug

    def _new_slug(self, wished: str) -> str:
        numbered = (wished if n == 1 else f"{wished}-{n}" for n in count(1))
        slug = next(slug for slug in numbered if slug not in self._taken)
        self._taken.add(slug)
        return slug


def ancestors(folder: str) -> Iterator[str]:
    """Yield *folder* and the folders above it, topmost first; nothing for the inbox itself."""
    parts = folder.split("/") if folder else []
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])
