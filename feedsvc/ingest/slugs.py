"""Page addresses: one slug for each entry, settled before anything is written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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
