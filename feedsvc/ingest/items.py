"""Items of one file over time: which item of today is which entry of yesterday."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from feedsvc.model import EntryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from feedsvc.model import EntryRecord, ParsedEntry

    Texts = Callable[[Sequence[str]], Mapping[str, str]]

_TAG = re.compile("<[^>]*>")
_MAX_COMPARED = 200
"""So many changed items on either side are compared word by word; a file that changed more is another file."""
_ALIKE = 0.5
"""Share of words in common from which two texts are one item that was edited."""
_PLACES = 9_999


def match_items(parsed: Sequence[ParsedEntry], records: Iterable[EntryRecord], texts: Texts) -> list[ParsedEntry]:
    """Return *parsed* with the keys of the stored entries that they are.

    Args:
        parsed: The items of the file as it is now.
        records: The stored entries of the file, one for each key.
        texts: Returns the visible text of entries by id; asked only where items changed.

    Returns:
        The same items in the same order. An unchanged item keeps its key, an edited one gets that of the stored
        entry it has most words in common with, a new one gets a key that no other has.
    """
    matched: dict[int, str] = {}
    left = {record.item_key: record for record in records}
    _take_unchanged(parsed, left, matched)
    lost = {key: record for key, record in left.items() if record.state is not EntryState.WITHDRAWN}
    new = [n for n in range(len(parsed)) if n not in matched]
    if lost and new and max(len(lost), len(new)) <= _MAX_COMPARED:
        _take_edited(parsed, new, lost, texts, matched)
    taken = {record.item_key for record in records} | set(matched.values())
    return [
        entry._replace(key=matched[n] if n in matched else _free_key(entry.key, taken))
        for n, entry in enumerate(parsed)
    ]


def _take_unchanged(parsed: Sequence[ParsedEntry], left: dict[str, EntryRecord], matched: dict[int, str]) -> None:
    """Match by what is seen, then by key: the text of an item that was only retagged, or comes back."""
    by_look = {record.fingerprint: key for key, record in left.items()}
    for n, entry in enumerate(parsed):
        key = by_look.get(entry.fingerprint)
        if key in left:
            matched[n] = left.pop(key).item_key
    for n, entry in enumerate(parsed):
        if n not in matched and entry.key in left:
            matched[n] = left.pop(entry.key).item_key


def _take_edited(
    parsed: Sequence[ParsedEntry],
    new: Sequence[int],
    lost: Mapping[str, EntryRecord],
    texts: Texts,
    matched: dict[int, str],
) -> None:
    stored = texts([record.id for record in lost.values()])
    before = {key: _words(stored.get(record.id, "")) for key, record in lost.items()}
    now = {n: _words(f"{parsed[n].title} {parsed[n].body_html}") for n in new}
    pairs = sorted(((-_likeness(now[n], words), n, key) for n in new for key, words in before.items()))
    for unlikeness, n, key in pairs:
        if -unlikeness >= _ALIKE and n not in matched and key not in matched.values():
            matched[n] = key


def _words(text: str) -> frozenset[str]:
    return frozenset(_TAG.sub(" ", text).casefold().split())


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of words that two texts have in common (Dice's coefficient)."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def _free_key(wished: str, taken: set[str]) -> str:
    numbered = (wished if n == 1 else f"{wished}-{n}" for n in count(1))
    key = next(key for key in numbered if key not in taken)
    taken.add(key)
    return key


def placed(moment: datetime, place: int) -> datetime:
    """Return *moment* with a few microseconds that keep the items of a file in its order, the first one newest.

    Nobody is shown them: everywhere outside the store, publication times have whole seconds.
    """
    return moment.replace(microsecond=max(_PLACES - place, 0))
