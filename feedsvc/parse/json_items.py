"""JSON: an array of objects (``.json``) or one object a line (``.jsonl``), each of which is an entry (RFC 8259)."""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import Notice
from feedsvc.parse.article import content_of_link, make_entry
from feedsvc.parse.clean import mend_json_text
from feedsvc.parse.fields import read_fields
from feedsvc.parse.foreign import problem_in_row
from feedsvc.parse.item import Item
from feedsvc.parse.left_out import tell_left_out
from feedsvc.parse.plain import read_plain
from feedsvc.parse.text_limits import limit_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.model import ParsedEntry
    from feedsvc.parse.context import ParseContext
    from feedsvc.parse.item import Value

_MAX_KEYS = 200
_BODY_KEYS = ("body", "paragraphs", "text", "content")
_SUMMARY_KEY = "abstract"
_SPACE = re.compile(r"[ \t\n]*")
_MAX_DEPTH = 20
_MAX_DIGITS = 200


class _LongNumberError(ValueError):
    """A number of thousands of digits is no number that anybody meant."""


def _number(text: str) -> str:
    """Return a number as it is written."""
    if len(text) > _MAX_DIGITS:
        raise _LongNumberError
    return text


_DECODER = json.JSONDecoder(
    parse_int=_number, parse_float=_number, parse_constant=str, object_pairs_hook=list, strict=False
)  # an object is a list of pairs, so that no key is lost


class _Record(NamedTuple):
    """One element of the file: its place, and its value or what is wrong with it."""

    number: int
    line: int
    value: Any
    fault: EntryParseError | None = None


def read_json_items(text: str, context: ParseContext, notices: list[Notice]) -> tuple[ParsedEntry, ...]:
    """Read *text* as entries; an element that cannot be one is left out with the warning ``W_ITEM``.

    Raises:
        EntryParseError: ``E_JSON`` if the file as a whole is no JSON, ``E_NO_BODY`` if it holds no entry,
            ``E_LIMIT`` for too many or too deep ones. If no element is good, the fault of the first.
    """
    limit_json(text)
    is_lines = context.name.casefold().endswith(".jsonl")
    keys = _Keys()
    entries: list[ParsedEntry] = []
    faults: list[tuple[int, EntryParseError]] = []
    for record in _lines(text) if is_lines else _elements(text):
        if record.number > context.limits.items:
            cause = say("the file has more than {limit:,} items", limit=context.limits.items)
            raise EntryParseError("E_LIMIT", cause, say("Divide it into several files."), line=record.line)
        try:
            entry = _entry(record, context, notices)
            entries.append(entry._replace(key=keys.take(entry, record.line)))
        except EntryParseError as error:
            faults.append((record.number, error))
    if not entries:
        raise faults[0][1] if faults else _empty()
    tell_left_out(faults, notices)
    return tuple(entries)


def _empty() -> EntryParseError:
    return EntryParseError("E_NO_BODY", say("the file holds no items"), say("Add some to it."))


class _Keys:
    """Gives each item a key of its own: drawn from its id, else from what is seen of it."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._met: dict[str, int] = {}

    def take(self, entry: ParsedEntry, line: int) -> str:
        """Return the key of *entry*; an id that an item above has is its fault."""
        if entry.declared_id:
            if entry.declared_id in self._ids:
                cause = say("the id {id} belongs to an item above", id=entry.declared_id[:80])
                raise EntryParseError("E_DUP_ID", cause, say("Give it another id, or none."), line=line)
            self._ids.add(entry.declared_id)
        words = entry.declared_id or f"{entry.title} {entry.body_html}"
        key = blake2b(words.encode(), digest_size=8).hexdigest()
        self._met[key] = number = self._met.get(key, 0) + 1
        return key if number == 1 else f"{key}-{number}"


# Elements


def _lines(text: str) -> Iterator[_Record]:
    number = 0
    for line, part in enumerate(text.split("\n"), start=1):
        if part and not part.isspace():
            number += 1
            try:
                value, end = _decode(part, _skip(part, 0), line)
                yield _Record(number, line, value, _after(part, end, line))
            except EntryParseError as error:
                yield _Record(number, line, None, error)


def _after(part: str, end: int, line: int) -> EntryParseError | None:
    if not part[end:].strip():
        return None
    return _fault(say("more than one value stands in the line"), line, end + 1)


def _elements(text: str) -> Iterator[_Record]:
    """Yield the elements of an array one by one; a single object counts as an array of one."""
    if text.lstrip()[:1] != "[":
        yield from _single(text)
        return
    at, line, number, counted = _skip(text, text.index("[") + 1), 1, 0, 0
    while text[at : at + 1] != "]":
        line, counted = line + text.count("\n", counted, at), at
        number += 1
        value, end = _decode(text, at, line)
        yield _Record(number, line, value)
        at = _next(text, _skip(text, end))
    _require_end(text, at + 1)


def _single(text: str) -> Iterator[_Record]:
    start = _skip(text, 0)
    value, end = _decode(text, start, 1)
    _require_end(text, end)
    yield _Record(1, text.count("\n", 0, start) + 1, value)


def _next(text: str, at: int) -> int:
    """Return the place of the next element, or of the bracket that ends the array."""
    if text[at : at + 1] == ",":
        following = _skip(text, at + 1)
        if text[following : following + 1] == "]":
            raise _fault_at(say("a comma stands before the end of the list"), text, at)
        return following
    if text[at : at + 1] != "]":
        raise _fault_at(say("a comma is missing between two items"), text, at)
    return at


def _require_end(text: str, at: int) -> None:
    if text[at:].strip():
        raise _fault_at(say("text follows after the end of the list"), text, _skip(text, at))


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _decode(text: str, at: int, line: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        row = line + text.count("\n", at, error.pos)
        column = error.pos - text.rfind("\n", 0, error.pos)
        raise _fault(problem_in_row(error.msg, ""), row, column) from error
    except RecursionError as error:
        raise _too_deep(line) from error
    except _LongNumberError as error:
        cause, fix = say("the JSON holds a number of more than 200 digits"), say("Put it in quotes, or remove it.")
        raise EntryParseError("E_LIMIT", cause, fix, line=line) from error
    if _is_deep(value, _MAX_DEPTH):
        raise _too_deep(line)
    return value, end


def _too_deep(line: int) -> EntryParseError:
    return EntryParseError("E_LIMIT", say("the JSON is nested too deeply"), say("Make it simpler."), line=line)


def _is_deep(value: object, depth: int) -> bool:
    return isinstance(value, (list, tuple)) and (depth == 0 or any(_is_deep(part, depth - 1) for part in value))


def _fault_at(cause: str, text: str, at: int) -> EntryParseError:
    return _fault(cause, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _fault(cause: str, line: int, column: int) -> EntryParseError:
    fix = say("Correct this place; a JSON checker in an editor shows it.")
    return EntryParseError("E_JSON", say("this is not valid JSON: {cause}", cause=cause), fix, line=line, column=column)


# An element as an entry


def _entry(record: _Record, context: ParseContext, notices: list[Notice]) -> ParsedEntry:
    if record.fault is not None:
        raise record.fault
    if not _is_object(record.value):
        fix = say('Write it as {{"title": "...", "body": "..."}}.')
        raise EntryParseError("E_JSON", say("an item is no object with keys"), fix, line=record.line)
    if len(record.value) > _MAX_KEYS:
        cause = say("an item has more than {limit} keys", limit=_MAX_KEYS)
        raise EntryParseError("E_LIMIT", cause, say("Use fewer."), line=record.line)
    pairs = _mended(record.value)
    found: list[Notice] = []
    if pairs != record.value:
        message = say(
            "control characters or half characters were replaced in the item of line {line}", line=record.line
        )
        found.append(Notice("W_CTRL", message, record.line))
    texts = {key.casefold(): value for key, value in reversed(pairs)}
    items = [_item(key, value, record.line) for key, value in pairs if key.casefold() not in _BODY_KEYS]
    fields = read_fields([item for item in items if item is not None], context, found)
    body = next((_body(texts[key]) for key in _BODY_KEYS if key in texts), "")
    content = read_plain(body, record.line, fields.title, found)
    entry = make_entry(fields, content or content_of_link(fields), context)
    notices += [notice for notice in found if notice.code not in ("H_BULLETIN", "H_ZONE")]
    return entry


def _mended(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return *value* with U+FFFD for halves of characters, and without controls that no feed may carry."""
    if isinstance(value, str):
        return mend_json_text(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_mended(part) for part in value)
    return value


def _is_object(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(pair, tuple) for pair in value)


def _item(key: str, value: object, line: int) -> Item | None:
    name = "summary" if key.casefold() == _SUMMARY_KEY else key
    return None if value is None else Item(name, _value(value), line, 1)


def _value(value: object) -> Value:
    if _is_object(value):
        return {str(key): _value(part) for key, part in value}  # type: ignore[attr-defined]
    if isinstance(value, list):
        return [_value(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _body(value: object) -> str:
    """Return the text of a body: one text, or a list of paragraphs."""
    parts = value if isinstance(value, list) else [value]
    return "\n\n".join(str(part).strip() for part in parts if isinstance(part, str))
