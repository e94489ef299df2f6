"""Profile ``bulletin``: one file, many entries. Where an item begins is declared, never guessed."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import Notice
from feedsvc.parse.article import make_entry
from feedsvc.parse.attachments import with_lines
from feedsvc.parse.clean import is_blank, one_line
from feedsvc.parse.fields import FIRST_LINES, ITEM_KINDS, Fields, read_fields
from feedsvc.parse.header import split_document
from feedsvc.parse.left_out import tell_left_out
from feedsvc.parse.plain import paragraphs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from feedsvc.model import ParsedEntry
    from feedsvc.parse.content import Content
    from feedsvc.parse.context import ParseContext

    ReadBody = Callable[[str, int, str, list[Notice]], Content | None]
    Split = Callable[[str, int, list[Notice]], "list[Item]"]

_MAX_BORDERS = 40_000
"""Between two borders there may be nothing, so that there may be more of them than items."""

_LONGEST_HEADING = 1_000
_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_FENCE = re.compile(r"[ \t]{0,3}(?:```|~~~)")
_SEPARATOR = re.compile(r"[ \t]*(?:-[ \t]*){3,}|[ \t]*(?:\*[ \t]*){3,}|[ \t]*(?:=[ \t]*){3,}|[ \t]*(?:_[ \t]*){3,}")
_TITLE_LINE = re.compile(r"title[ \t]*:", re.IGNORECASE)
_OWN_KEYS = ("title", "summary", "link", "id", "slug", "enclosure, audio or image")
"""Keys of a header that can be true of one entry only."""


class Item(NamedTuple):
    """The text of one item, the title that stands above it, if any, and the line of the file where it begins."""

    title: str
    text: str
    line: int


def read_bulletin(
    text: str, line: int, shared: Fields, context: ParseContext, read_body: ReadBody, notices: list[Notice]
) -> tuple[ParsedEntry, ...]:
    """Read *text* as a list of items; what the header says is true of each of them.

    An item that cannot be an entry is left out with the warning ``W_ITEM``.

    Args:
        text: Body of the file.
        line: Line of the file where *text* begins.
        shared: The typed header of the file.
        context: The place of the file.
        read_body: Reads the text of one item: (text, line, title, notices).
        notices: Warnings and hints are added here.

    Raises:
        EntryParseError: ``E_NO_BODY`` for a file without items, ``E_LIMIT`` for too many. If no item is good, the
            fault of the first.
    """
    _notice_own_keys(shared, notices)
    kind = shared.items or context.customs.items or ITEM_KINDS[0]
    role = shared.first_line or context.customs.first_line or FIRST_LINES[0]
    lead, text, line = _take_first_line(text, line, role, notices)
    items = [item for item in SPLITTERS[kind](text, line, notices) if not is_blank(item.title + item.text)]
    if len(items) > context.limits.items:
        raise _too_many(len(items), context.limits.items, items[context.limits.items].line)
    if lead:
        _put_lead(lead, items, line - 1, kind)
    if not items:
        raise EntryParseError("E_NO_BODY", say("the bulletin has no items"), say("Write one paragraph for each item."))
    common = shared._replace(title="", summary="", link=None, declared_id=None, slug="", media=())
    read = _read_block if kind == "blocks" else _read_item
    good: list[tuple[ParsedEntry, Item]] = []
    faults: list[tuple[int, EntryParseError]] = []
    for number, item in enumerate(items, start=1):
        try:
            good.append((read(item, common, context, read_body, notices), item))
        except EntryParseError as error:
            faults.append((number, error))
    if not good:
        raise faults[0][1]
    tell_left_out(faults, notices)
    return tuple(_with_keys(good))


def _too_many(count: int, limit: int, line: int) -> EntryParseError:
    cause = say("the bulletin has {count:,} items, the limit is {limit:,}", count=count, limit=limit)
    return EntryParseError("E_LIMIT", cause, say("Divide it into several files."), line=line)


def _notice_own_keys(shared: Fields, notices: list[Notice]) -> None:
    said = (shared.title, shared.summary, shared.link, shared.declared_id, shared.slug, shared.media)
    for key, value in zip(_OWN_KEYS, said, strict=True):
        if value:
            message = say("{key} is not used: it can be true of one item of a bulletin only", key=key)
            notices.append(Notice("W_KEY", message))


def _take_first_line(text: str, line: int, role: str, notices: list[Notice]) -> tuple[str, str, int]:
    """Return the title that the first line gives to the first item, the text below it, and where that begins."""
    if role == "item":
        return "", text, line
    stripped = text.lstrip("\n")
    line += len(text) - len(stripped)
    first, _, rest = stripped.partition("\n")
    if role == "collection":
        name = one_line(first)[:80]
        message = say("the first line, “{name}”, names the collection and is not published", name=name)
        notices.append(Notice("H_COLLECTION", message, line))
        return "", rest, line + 1
    return one_line(first), rest, line + 1


def _put_lead(lead: str, items: list[Item], line: int, kind: str) -> None:
    """Make *lead* the title of the first item; above one that has its own it is an item, so that no word is lost."""
    if not items or items[0].title or (kind == "blocks" and _TITLE_LINE.match(items[0].text.lstrip("\n"))):
        items.insert(0, Item("", lead, line))
    else:
        items[0] = items[0]._replace(title=lead)


# Where items begin


def _by_paragraph(text: str, line: int, notices: list[Notice]) -> list[Item]:
    return [Item("", paragraph.text, paragraph.line) for paragraph in paragraphs_of(text, line, notices)]


def _by_heading(text: str, line: int, _: list[Notice]) -> list[Item]:
    """Divide before each heading of the first heading's level or above; what stands before the first is an item."""
    lines = text.split("\n")
    headings = list(_headings(lines))
    level = len(headings[0][1][1]) if headings else 0
    starts = [(n, _without_closing(match[2])) for n, match in headings if len(match[1]) <= level]
    items = [Item("", "\n".join(lines[: starts[0][0] if starts else None]), line)]
    ends = (*(n for n, _ in starts[1:]), len(lines))
    for (start, title), end in zip(starts, ends[: len(starts)], strict=True):
        items.append(Item(one_line(title), "\n".join(lines[start + 1 : end]), line + start))
    return items


def _without_closing(heading: str) -> str:
    """Return *heading* without closing ``#`` signs, which a space sets apart: “C#” is a title."""
    heading = heading.rstrip(" \t")
    bare = heading.rstrip("#")
    return bare.rstrip(" \t") if bare.endswith((" ", "\t")) else heading


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, re.Match[str]]]:
    is_code = False
    for n, text in enumerate(lines):
        if _FENCE.match(text):
            is_code = not is_code
        elif not is_code and len(text) <= _LONGEST_HEADING and (match := _HEADING.fullmatch(text)) is not None:
            yield n, match


def _by_separator(text: str, line: int, _: list[Notice]) -> list[Item]:
    return _divide(text, line, lambda this, _: _SEPARATOR.fullmatch(this[:200]) is not None, is_kept=False)


def _by_block(text: str, line: int, notices: list[Notice]) -> list[Item]:
    """Divide at separators, and before each ``title:`` that follows a blank line."""
    return [
        block
        for part in _by_separator(text, line, notices)
        for block in _divide(part.text, part.line, _begins_block, is_kept=True)
    ]


def _begins_block(this: str, before: str) -> bool:
    return (not before or before.isspace()) and _TITLE_LINE.match(this) is not None


def _divide(text: str, line: int, is_border: Callable[[str, str], bool], *, is_kept: bool) -> list[Item]:
    """Divide *text* at border lines, which begin the next item or belong to none."""
    lines = text.split("\n")
    borders = [n for n, this in enumerate(lines) if is_border(this, lines[n - 1] if n else "")]
    if len(borders) > _MAX_BORDERS:
        raise _too_many(len(borders), _MAX_BORDERS, line + borders[_MAX_BORDERS])
    starts = [0, *(n if is_kept else n + 1 for n in borders)]
    return [
        Item("", "\n".join(lines[start:end]), line + start)
        for start, end in zip(starts, [*borders, len(lines)], strict=True)
    ]


SPLITTERS: dict[str, Split] = {
    "paragraph": _by_paragraph,
    "heading": _by_heading,
    "separator": _by_separator,
    "blocks": _by_block,
}
"""How a bulletin may be divided, by the value of ``items``."""


# What an item becomes


def _read_item(
    item: Item, fields: Fields, context: ParseContext, read_body: ReadBody, notices: list[Notice]
) -> ParsedEntry:
    found: list[Notice] = []
    title = fields.title or item.title
    content = read_body(item.text, item.line + bool(item.title), title, found)
    if content is None:  # a title alone is a whole item: a headline
        content = read_body(title, item.line, "", found)
    if content is None:
        fix = say("Write something into it, or remove it.")
        raise EntryParseError("E_NO_BODY", say("an item of the bulletin has no text"), fix, line=item.line)
    notices += [notice for notice in found if notice.code != "H_BULLETIN"]
    return with_lines(make_entry(fields, content, context), item.text, item.line + bool(item.title))


def _read_block(
    item: Item, common: Fields, context: ParseContext, read_body: ReadBody, notices: list[Notice]
) -> ParsedEntry:
    """Read an item with ``Key: value`` lines of its own, which go before those of the file."""
    text = item.text.lstrip("\n")
    offset = item.line + len(item.text) - len(text) - 1
    found: list[Notice] = []
    try:
        document = split_document(text, found)
        own = read_fields(document.items, context, found)
    except EntryParseError as error:
        place = None if error.line is None else error.line + offset
        raise EntryParseError(error.code, error.cause, error.fix, line=place, column=error.column) from error
    notices += [replace(n, line=None if n.line is None else n.line + offset) for n in found]
    said = {item.key.strip().casefold() for item in document.items}
    if "date" not in said:
        own = own._replace(published=None)  # what the name of the file says goes after what its header says
    inherited = {name: value for name, value in common._asdict().items() if name not in said and not _is_set(own, name)}
    own = own._replace(media=tuple([r._replace(line=r.line and r.line + offset) for r in own.media]))
    body = Item(item.title, document.body, offset + document.body_line)
    return _read_item(body, own._replace(**inherited), context, read_body, notices)


def _is_set(fields: Fields, name: str) -> bool:
    return bool(getattr(fields, name))


def _with_keys(good: Sequence[tuple[ParsedEntry, Item]]) -> Iterator[ParsedEntry]:
    """Yield the entries with keys drawn from their texts: an item keeps its key wherever it stands."""
    met: dict[str, int] = {}
    for entry, item in good:
        words = " ".join(f"{item.title} {item.text}".split())
        key = blake2b(words.encode(), digest_size=8).hexdigest()
        met[key] = met.get(key, 0) + 1
        yield entry._replace(key=key if met[key] == 1 else f"{key}-{met[key]}")
