"""Page addresses: one slug for each entry, settled before anything is written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from feedsvc.model import EntryRecord
    from feedsvc.protocols import ReadUnit

_NUMBERED = range(2, 10)
_SHORT = 8


def variants(slug: str, entry_id: str) -> list[str]:
    """Return the slugs to try for an entry, best first; the last ones are drawn from its id.

    An empty *slug*, from a title of which nothing readable is left, starts with those.
    """
    code = hashlib.blake2b(entry_id.encode(), digest_size=16).hexdigest()
    if not slug:
        return [code[:_SHORT], code]
    return [slug, *(f"{slug}-{n}" for n in _NUMBERED), f"{slug}-{code[:_SHORT]}", f"{slug}-{code}"]


def choose_slug(candidates: Iterable[str], taken: Collection[str]) -> str:
    """Return the first of *candidates* that is not taken.

    Raises:
        StopIteration: All are taken, which the entry's id in the last candidate rules out.
    """
    return next(slug for slug in candidates if slug not in taken)


class SlugBook:
    """Slugs of one batch: asks the store once for all that its entries wish for.

    Args:
        unit: The store.
        wished: The slugs that titles and headers ask for.
    """

    def __init__(self, unit: ReadUnit, wished: Iterable[str]) -> None:
        self._unit, self._taken = unit, unit.taken_slugs(wished)

    def choose(self, wished: str, entry_id: str, record: EntryRecord | None) -> str:
        """Return the wished slug or a free variant of it, from now on taken; an entry keeps a variant it has."""
        if wished and wished not in self._taken:
            self._taken.add(wished)
            return wished
        candidates = variants(wished, entry_id)
        if record is not None and record.slug in candidates:
            return record.slug
        self._taken |= self._unit.taken_slugs(candidates)
        slug = choose_slug(candidates, self._taken)
        self._taken.add(slug)
        return slug
