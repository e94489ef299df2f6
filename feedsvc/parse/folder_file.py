"""``_inbox.toml``: what a folder says of the files in it."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import RESERVED_SLUGS
from feedsvc.parse.context import NO_CUSTOMS, Customs
from feedsvc.parse.dates import DATE_ORDERS
from feedsvc.parse.fields import FIRST_LINES, ITEM_KINDS, PROFILES
from feedsvc.parse.header_toml import toml_items
from feedsvc.parse.language import language_tag
from feedsvc.parse.name_lists import names_of
from feedsvc.parse.slug import slugify

if TYPE_CHECKING:
    from feedsvc.messages import Message
    from feedsvc.parse.item import Item

FOLDER_FILE = "_inbox.toml"
"""Name of the file that holds the settings of its folder and of those below."""

_CODE = "E_FOLDER"
KEYS = (
    "profile", "items", "first_line", "language", "encodings", "timezone", "author", "authors", "tags", "feed",
    "date_order",
)  # fmt: skip
"""Everything that a folder can say."""


class FolderRules(NamedTuple):
    """The content of one ``_inbox.toml``; what it does not say is empty or None.

    Attributes:
        customs: What counts where a file says nothing.
        encodings: Replaces the list of the folder above, None to keep that.
        zone: Replaces the zone of the folder above, None to keep that.
        feed: Slug of the folder's own feed, else empty: it is made of the folder's name.
    """

    customs: Customs = NO_CUSTOMS
    encodings: tuple[str, ...] | None = None
    zone: ZoneInfo | None = None
    feed: str = ""


def read_folder_file(data: bytes) -> FolderRules:
    """Read the bytes of an ``_inbox.toml``. Unlike a header it is strict: a slip would change a whole folder.

    Raises:
        EntryParseError: ``E_FOLDER``, with the line.
    """
    try:
        return _rules({item.key: item for item in toml_items(_text_of(data), first_line=1)})
    except EntryParseError as error:
        raise EntryParseError(_CODE, error.cause, error.fix, line=error.line, column=error.column) from error


def _rules(chosen: dict[str, Item]) -> FolderRules:
    for key, item in chosen.items():
        if key not in KEYS:
            cause = say("there is no setting {key} for a folder", key=key[:40])
            raise _fault(item, cause, say("Use one of: {known}.", known=", ".join(KEYS)))
    return FolderRules(
        Customs(
            profile=_choice(chosen.get("profile"), PROFILES),
            items=_choice(chosen.get("items"), ITEM_KINDS),
            first_line=_choice(chosen.get("first_line"), FIRST_LINES),
            language=_language(chosen.get("language")),
            authors=_names(chosen, "author") + _names(chosen, "authors"),
            tags=_names(chosen, "tags"),
            date_order=_choice(chosen.get("date_order"), DATE_ORDERS),
        ),
        _encodings(chosen.get("encodings")),
        _zone(chosen.get("timezone")),
        _feed(chosen.get("feed")),
    )


def is_text_encoding(name: str) -> bool:
    """Tell whether *name* is an encoding of text that Python knows; hex and rot13, for example, are none."""
    try:
        "a".encode(name)
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise EntryParseError(_CODE, say("this is not UTF-8"), say("Save the file as UTF-8."), line=line) from error


def _fault(item: Item, cause: Message, fix: Message) -> EntryParseError:
    return EntryParseError(_CODE, cause, fix, line=item.line)


def _text(item: Item | None) -> str:
    if item is None:
        return ""
    if isinstance(item.value, str):
        return item.value.strip()
    raise _fault(item, say("{key} must be one text", key=item.key), say('Write it as {key} = "value".', key=item.key))


def _choice(item: Item | None, words: tuple[str, ...]) -> str:
    word = _text(item).casefold()
    if item is None or word in words:
        return word
    cause = say("{key} is “{word}”, which is not known", key=item.key, word=word[:60])
    raise _fault(item, cause, say("Write one of: {known}.", known=", ".join(words)))


def _language(item: Item | None) -> str:
    text = _text(item)
    tag = language_tag(text) if text else ""
    if item is not None and not tag:
        cause = say("“{text}” is no language tag", text=text[:60])
        raise _fault(item, cause, say("Write one such as ar, en or pt-BR."))
    return tag or ""


def _names(chosen: dict[str, Item], key: str) -> tuple[str, ...]:
    return tuple(names_of(chosen[key], is_list=key != "author")) if key in chosen else ()


def _encodings(item: Item | None) -> tuple[str, ...] | None:
    if item is None:
        return None
    names = tuple(names_of(item, is_list=True))
    for name in names:
        if not is_text_encoding(name):
            cause = say("“{name}” is no text encoding", name=name[:60])
            raise _fault(item, cause, say("Write one such as windows-1256 or gb18030."))
    return names


def _zone(item: Item | None) -> ZoneInfo | None:
    if item is None:
        return None
    name = _text(item)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        fix = say("Write one such as Africa/Cairo or UTC.")
        raise _fault(item, say("“{name}” is no time zone", name=name[:60]), fix) from error


def _feed(item: Item | None) -> str:
    slug = _text(item)
    if item is not None and (not slug or slugify(slug) != slug or slug in RESERVED_SLUGS):
        cause = say("“{name}” is no name for a feed", name=slug[:60])
        raise _fault(item, cause, say("Use lower-case letters, digits and inner hyphens only."))
    return slug
