"""Which of the keys in a header count, and what an editor probably meant by the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.messages import say
from feedsvc.model import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.parse.item import Item

KNOWN_KEYS = frozenset((
    "title", "date", "updated", "tags", "author", "authors", "language", "summary", "link", "id", "slug",
    "draft", "expires", "notify", "profile", "items", "first_line",
    "enclosure", "audio", "image",
))  # fmt: skip
"""Every key of a file's header that has a meaning."""

_ELSEWHERE = {
    "lang": "language",
    "locale": "language",
    "published": "date",
    "pubdate": "date",
    "datetime": "date",
    "lastmod": "updated",
    "modified": "updated",
    "description": "summary",
    "subtitle": "summary",
    "excerpt": "summary",
    "url": "link",
    "permalink": "link",
    "categories": "tags",
    "category": "tags",
    "keywords": "tags",
    "guid": "id",
    "uuid": "id",
    "headline": "title",
    "by": "author",
    "expiry": "expires",
    "expirydate": "expires",
    "enclosures": "enclosure",
    "attachment": "enclosure",
    "attachments": "enclosure",
    "video": "enclosure",
    "podcast": "audio",
    "cover": "image",
    "thumbnail": "image",
    "picture": "image",
}
"""What other programs call our keys."""

_NOT_FOR_FILES = frozenset(("output", "template"))
"""Keys by which files of other programs choose where and how they are written, which no file may do here."""


def choose_items(items: Sequence[Item], notices: list[Notice]) -> dict[str, Item]:
    """Return the item that counts for each known key: the one in exact spelling, else the first."""
    chosen: dict[str, Item] = {}
    for item in items:
        name = item.key if item.key in KNOWN_KEYS else item.key.strip().casefold().replace("-", "_")
        if name not in KNOWN_KEYS:
            _notice_unknown(item, name, notices)
        elif name in chosen:
            chosen[name] = _prefer(chosen[name], item, name, notices)
        else:
            chosen[name] = item
    if not chosen:
        message = say("the header holds no key that has a meaning here; nothing of it is published")
        notices.append(Notice("W_KEY", message, items[0].line))
    return chosen


def _prefer(first: Item, second: Item, name: str, notices: list[Notice]) -> Item:
    kept, other = (second, first) if first.key != name and second.key == name else (first, second)
    message = say("{key} is given more than once; the value of line {line} is used", key=name, line=kept.line)
    notices.append(Notice("W_DUP_KEY", message, other.line))
    return kept


def _notice_unknown(item: Item, name: str, notices: list[Notice]) -> None:
    meant = _ELSEWHERE.get(name.replace("_", "").replace("-", "")) or _nearest(name)
    if meant:
        message = say("the key {key} has no meaning here; did you mean {meant}?", key=item.key[:40], meant=meant)
        notices.append(Notice("W_KEY", message, item.line))
    elif name in _NOT_FOR_FILES:
        message = say("the key {key} has no meaning here: a file chooses neither its place nor its look", key=name)
        notices.append(Notice("W_KEY", message, item.line))


def _nearest(name: str) -> str | None:
    from difflib import get_close_matches  # only a misspelt header needs it

    return next(iter(get_close_matches(name[:40], sorted(KNOWN_KEYS), n=1, cutoff=0.75)), None)
