"""One schema for every header: texts become dates, names, tags and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import SILENT, Notice
from feedsvc.parse.attachments import MEDIA_KEYS, read_references
from feedsvc.parse.clean import is_blank, one_line
from feedsvc.parse.dates import DateError, folder_date, local_day, name_date, read_date
from feedsvc.parse.keys import choose_items
from feedsvc.parse.language import language_tag
from feedsvc.parse.name_lists import names_of, unique
from feedsvc.parse.urls import absolute_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from feedsvc.messages import Message
    from feedsvc.model import MediaReference
    from feedsvc.parse.context import ParseContext
    from feedsvc.parse.item import Item

_MAX_AUTHORS = 50
PROFILES = ("article", "bulletin")
ITEM_KINDS = ("paragraph", "heading", "separator", "blocks")
FIRST_LINES = ("item", "lead", "collection")
_TRUE, _FALSE = frozenset(("true", "yes", "1", "on", "y")), frozenset(("false", "no", "0", "off", "n", ""))
_NO_ID = frozenset(("todo", "tbd", "none", "null", "nil", "id", "xxx", "~", "-", "?"))
_UNSAFE_SLUG = re.compile(r"[/\\%\0]")


class Fields(NamedTuple):
    """The typed header of a file; what it does not say is empty or None."""

    title: str = ""
    summary: str = ""
    language: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    link: str | None = None
    declared_id: str | None = None
    slug: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    expires: datetime | None = None
    is_draft: bool = False
    profile: str = ""
    items: str = ""
    first_line: str = ""
    media: tuple[MediaReference, ...] = ()
    notify: str = ""


def read_fields(items: Sequence[Item], context: ParseContext, notices: list[Notice]) -> Fields:
    """Type the header *items*; notices tell of everything that was not taken as it stands.

    Raises:
        EntryParseError: ``E_DATE``, ``E_PATH``, ``E_LINK_URL``, or ``E_FRONTMATTER`` for a value of the wrong shape.
    """
    if not items:
        return Fields(published=published(None, context, notices))
    return _Reader(choose_items(items, notices), context, notices).fields()


@dataclass(slots=True)
class _Reader:
    chosen: Mapping[str, Item]
    context: ParseContext
    notices: list[Notice]

    def fields(self) -> Fields:
        return Fields(
            title=self._line("title"),
            summary=self._line("summary"),
            language=self._language(),
            authors=self._authors(),
            tags=self._tags(),
            link=self._link(),
            declared_id=self._id(),
            slug=self._slug(),
            published=published(self._date("date"), self.context, self.notices),
            updated=self._date("updated"),
            expires=self._date("expires"),
            is_draft=self._is_draft(),
            profile=self._choice("profile", PROFILES),
            items=self._choice("items", ITEM_KINDS),
            first_line=self._choice("first_line", FIRST_LINES),
            media=self._media(),
            notify=self._notify(),
        )

    def _media(self) -> tuple[MediaReference, ...]:
        if MEDIA_KEYS.isdisjoint(self.chosen):
            return ()
        return read_references(self.chosen, self.context, self.notices)

    def _text(self, key: str) -> str:
        item = self.chosen.get(key)
        return "" if item is None else _scalar(item)

    def _line(self, key: str) -> str:
        if key not in self.chosen:
            return ""
        line = one_line(self._text(key))
        return "" if is_blank(line) else line

    def _warn(self, code: str, message: Message, key: str) -> None:
        self.notices.append(Notice(code, message, self.chosen[key].line))

    def _language(self) -> str | None:
        text = self._line("language")
        if not text:
            return None
        tag = language_tag(text)
        if tag is None:
            message = say("“{text}” is no language tag such as ar or en-GB; the text decides", text=text[:60])
            self._warn("W_LANGUAGE", message, "language")
        return tag

    def _authors(self) -> tuple[str, ...]:
        one = names_of(self.chosen["author"], is_list=False) if "author" in self.chosen else []
        many = names_of(self.chosen["authors"], is_list=True) if "authors" in self.chosen else []
        return unique(one + many)[:_MAX_AUTHORS]

    def _tags(self) -> tuple[str, ...]:
        item = self.chosen.get("tags")
        if item is None:
            return ()
        tags = unique([tag.lstrip("#") for tag in names_of(item, is_list=True)])
        limit = self.context.limits.tags
        if len(tags) > limit:
            message = say("only the first {limit} of {n} tags are used", limit=limit, n=len(tags))
            self._warn("W_TAGS", message, "tags")
        return tags[:limit]

    def _link(self) -> str | None:
        text = self._line("link")
        if not text:
            return None
        try:
            return absolute_link(text, self.context.base)
        except ValueError as error:
            item = self.chosen["link"]
            fix = say("Write an address that begins with https:// or a path.")
            cause = say("the link “{link}” is no web address", link=text[:80])
            raise _at_value("E_LINK_URL", cause, fix, item) from error

    def _id(self) -> str | None:
        if "id" not in self.chosen:
            return None
        text = self._line("id")
        if text.casefold() in _NO_ID or not text or _is_nil(text):
            self._warn("W_ID", say("“{text}” is no id of its own; the entry gets one", text=text[:60]), "id")
            return None
        return text

    def _slug(self) -> str:
        text = self._text("slug")
        if _UNSAFE_SLUG.search(text) or text.strip() in (".", ".."):
            item = self.chosen["slug"]
            cause = say("the slug holds a path")
            fix = say("Write one word or several words joined by hyphens, without / \\ and %.")
            raise _at_value("E_PATH", cause, fix, item)
        return one_line(text)

    def _date(self, key: str) -> datetime | None:
        text = self._text(key).strip()
        if not text:
            return None
        item = self.chosen[key]
        try:
            moment, has_zone = read_date(text, self.context.zone, self.context.customs.date_order)
        except DateError as error:
            raise _at_value("E_DATE", error.cause, error.fix, item) from error
        if not has_zone:
            message = say("{key} names no time zone and is read as {zone} time", key=key, zone=self.context.zone.key)
            self._warn("H_ZONE", message, key)
        return moment

    def _choice(self, key: str, words: tuple[str, ...]) -> str:
        """Return the one of *words* that is given, empty where none is."""
        word = self._line(key).casefold()
        if not word or word in words:
            return word
        message = say(
            "{key} is “{word}”, which is none of {known}; it is not used",
            key=key,
            word=word[:60],
            known=", ".join(words),
        )
        self._warn("W_PROFILE", message, key)
        return ""

    def _is_draft(self) -> bool:
        if "draft" not in self.chosen:
            return False
        word = self._line("draft").casefold()
        if word in _FALSE:
            return False
        if word not in _TRUE:
            message = say("draft is neither true nor false but “{word}”; taken as true", word=word[:60])
            self._warn("W_DRAFT", message, "draft")
        return True

    def _notify(self) -> str:
        """Return ``true``, ``false``, a date, or nothing; a slip counts as false, because mail cannot be recalled."""
        word = self._line("notify").casefold()
        if not word:
            return ""
        if word in _TRUE or word in _FALSE:
            return "true" if word in _TRUE else SILENT
        try:
            return f"{read_date(word, self.context.zone, self.context.customs.date_order)[0]:%Y-%m-%dT%H:%MZ}"
        except DateError:
            message = say("notify is neither true nor false nor a date but “{word}”; taken as false", word=word[:60])
            self._warn("W_NOTIFY", message, "notify")
            return SILENT


def _at_value(code: str, cause: Message, fix: Message, item: Item) -> EntryParseError:
    line, column = item.value_place or (item.line, item.column)
    return EntryParseError(code, cause, fix, line=line, column=column)


def _scalar(item: Item) -> str:
    if isinstance(item.value, str):
        return item.value
    fix = say("Put the {key} in quotes.", key=item.key[:40].casefold())
    cause = say("{key} must be one text, not a list or a block", key=item.key[:40])
    raise EntryParseError("E_FRONTMATTER", cause, fix, line=item.line, column=item.column)


def _is_nil(text: str) -> bool:
    try:
        return UUID(text).int == 0
    except ValueError:
        return False


def published(declared: datetime | None, context: ParseContext, notices: list[Notice]) -> datetime | None:
    """Return the date of the header, else that of the file's name, else that of its folder."""
    named = _name_date(context, notices) if context.name[:1].isdigit() else None
    if declared is None:
        return named or folder_date(context.folder, context.zone)
    if named is not None and local_day(declared, context.zone) != local_day(named, context.zone):
        message = say("the date in the file name differs from the one in the header, which is used")
        notices.append(Notice("H_NAME_DATE", message))
    return declared


def _name_date(context: ParseContext, notices: list[Notice]) -> datetime | None:
    try:
        return name_date(context.name, context.zone)
    except DateError as error:
        message = say("the file name begins with a date that is not used: {cause}", cause=error.cause)
        notices.append(Notice("W_NAME_DATE", message))
        return None
