"""YAML front matter as texts: no types, no aliases, no tags, and hard limits (YAML 1.2.2 section 3.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import Notice
from feedsvc.parse.foreign import problem_in_row
from feedsvc.parse.item import Item

if TYPE_CHECKING:
    from yaml.events import Event

    from feedsvc.messages import Message
    from feedsvc.parse.item import Value

_MAX_DEPTH = 20
_MAX_KEYS = 200
_ESCAPED_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_HIDDEN_VALUE = re.compile(r"[^:#]+:[ \t]+(#\S.*)")
_LOST_TAIL = re.compile(r"[^#]*\S[ \t]+#\S")
_KEY_AND_VALUE = re.compile(r"([ \t]*[^\s:][^:]*):[ \t]+(\S.*)")


def load_yaml(text: str, first_line: int, notices: list[Notice]) -> tuple[Item, ...]:
    """Read *text*, the YAML between the ``---`` lines, as (key, value) items in the order of the file.

    Args:
        text: The block without the ``---`` lines.
        first_line: Line of the file where *text* begins.
        notices: Warnings are added here.

    Raises:
        EntryParseError: ``E_FRONTMATTER`` with line, column and a fix; ``E_LIMIT`` for too deep or too many.
    """
    if "\\u" in text:
        text = _mend_surrogates(text, first_line, notices)
    try:
        items = _Loader(text, first_line).items()
    except MarkedYAMLError as error:
        if "nesting depth" in (error.problem or ""):  # from 6.0.4 on PyYAML has a limit of its own, met while it scans
            cause = say("the front matter is nested deeper than {limit} levels", limit=_MAX_DEPTH)
            raise EntryParseError("E_LIMIT", cause, say("Shorten the front matter."), line=first_line) from error
        _refuse_yaml(text, first_line, error)
    except YAMLError as error:
        fix = say("Remove unusual characters from it.")
        raise EntryParseError("E_FRONTMATTER", say("the front matter is not YAML"), fix, line=first_line) from error
    return _with_hash_values(items, text, first_line, notices) if "#" in text else items


class _Loader:
    """Walks the events of libyaml; nothing is built before it is known to be harmless."""

    def __init__(self, text: str, first_line: int) -> None:
        self._parser = CParser(text)
        self._first_line = first_line
        self._keys = 0

    def _next(self) -> Event:
        event = self._parser.get_event()
        if event is None:
            raise YAMLError("the block ends too early")
        return event

    def items(self) -> tuple[Item, ...]:
        self._next()  # the start of the stream
        if not isinstance(self._next(), DocumentStartEvent):
            return ()
        root = self._next()
        if not isinstance(root, MappingStartEvent):
            self._refuse(root, say("the front matter has no keys"), say("Write it as lines of the form key: value."))
        self._check(root)
        items = self._top_level()
        self._next()  # the end of the document
        extra = self._next()
        if isinstance(extra, DocumentStartEvent):
            fix = say("Remove the line that begins with ---.")
            self._refuse(extra, say("the front matter holds a second document"), fix)
        return items

    def _top_level(self) -> tuple[Item, ...]:
        items: list[Item] = []
        while not isinstance(key := self._next(), MappingEndEvent):
            name = self._key(key)
            value = self._next()
            items.append(Item(name, self._value(value, 1), *self._place(key), self._place(value)))
        return tuple(items)

    def _key(self, event: Event) -> str:
        self._keys += 1
        if self._keys > _MAX_KEYS:
            self._limit(event, say("the front matter has more than {limit} keys", limit=_MAX_KEYS))
        self._check(event)
        if not isinstance(event, ScalarEvent):
            self._refuse(event, say("a key of the front matter is not a plain word"), say("Write it as key: value."))
        return str(event.value)

    def _value(self, event: Event, depth: int) -> Value:
        self._check(event)
        if isinstance(event, ScalarEvent):
            return str(event.value)
        if depth >= _MAX_DEPTH:
            self._limit(event, say("the front matter is nested deeper than {limit} levels", limit=_MAX_DEPTH))
        return self._mapping(depth + 1) if isinstance(event, MappingStartEvent) else self._sequence(depth + 1)

    def _sequence(self, depth: int) -> list[Value]:
        values: list[Value] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            values.append(self._value(event, depth))
        return values

    def _mapping(self, depth: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._key(event)
            values.setdefault(key, self._value(self._next(), depth))
        return values

    def _check(self, event: Event) -> None:
        """Refuse aliases before anything is expanded, and tags before anything is made of them."""
        fix = say("Put the value in quotes, or write it out.")
        if isinstance(event, AliasEvent):
            self._refuse(event, say("aliases (*name) are not allowed in the front matter"), fix)
        if isinstance(event, (ScalarEvent, CollectionStartEvent)):
            if event.anchor is not None:
                self._refuse(event, say("anchors and aliases (&name) are not allowed in the front matter"), fix)
            if event.tag is not None:
                self._refuse(event, say("tags ({tag}) are not allowed in the front matter", tag=event.tag[:60]), fix)

    def _place(self, event: Event) -> tuple[int, int]:
        mark = event.start_mark
        return (self._first_line, 1) if mark is None else (mark.line + self._first_line, mark.column + 1)

    def _refuse(self, event: Event, cause: Message, fix: Message) -> NoReturn:
        line, column = self._place(event)
        raise EntryParseError("E_FRONTMATTER", cause, fix, line=line, column=column)

    def _limit(self, event: Event, cause: Message) -> NoReturn:
        line, column = self._place(event)
        raise EntryParseError("E_LIMIT", cause, say("Shorten the front matter."), line=line, column=column)


def _mend_surrogates(text: str, first_line: int, notices: list[Notice]) -> str:
    r"""Join ``\uD83D\uDE00`` as JSON writes it, and let U+FFFD stand for the halves that are left alone."""
    text = _ESCAPED_PAIR.sub(lambda pair: f"\\U{_join(int(pair[1], 16), int(pair[2], 16)):08X}", text)
    half = _ESCAPED_SURROGATE.search(text)
    if half is None:
        return text
    line = text.count("\n", 0, half.start()) + first_line
    message = say("half a character ({half}) was replaced in line {line}", half=half[0], line=line)
    notices.append(Notice("W_CTRL", message, line))
    return _ESCAPED_SURROGATE.sub(r"\\uFFFD", text)


def _join(high: int, low: int) -> int:
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)


def _with_hash_values(items: tuple[Item, ...], text: str, first_line: int, notices: list[Notice]) -> tuple[Item, ...]:
    """Give ``title: #tag`` its value back, which YAML takes for a comment, and warn where the end of a line is lost."""
    lines = text.split("\n")
    return tuple([_with_hash_value(item, lines[item.line - first_line], notices) for item in items])


def _with_hash_value(item: Item, line: str, notices: list[Notice]) -> Item:
    if item.value == "" and (hidden := _HIDDEN_VALUE.fullmatch(line)):
        return item._replace(value=hidden[1].rstrip())
    if isinstance(item.value, str) and "#" not in item.value and _LOST_TAIL.match(line) is not None:
        message = say(
            "in {key} the text after “ #” is a comment; put the value in quotes to keep it", key=item.key[:40]
        )
        notices.append(Notice("W_COMMENT", message, item.line))
    return item


def _refuse_yaml(text: str, first_line: int, error: MarkedYAMLError) -> NoReturn:
    mark = error.context_mark if _is_about_opening(error) else error.problem_mark
    index, column = (mark.line, mark.column) if mark is not None else (0, 0)
    lines = text.split("\n")
    line = lines[index] if index < len(lines) else ""
    problem = problem_in_row(error.problem or "", line.strip()[:80])
    cause = say("the front matter is not valid YAML: {problem}", problem=problem)
    fix = _fix_for(line, error.problem or "")
    raise EntryParseError("E_FRONTMATTER", cause, fix, line=index + first_line, column=column + 1) from error


def _is_about_opening(error: MarkedYAMLError) -> bool:
    """Tell whether a quote or bracket was not closed: where it opens says more than where YAML gave up."""
    return error.context_mark is not None and (
        "end of stream" in (error.problem or "") or "parsing a flow" in (error.context or "")
    )


def _fix_for(line: str, problem: str) -> Message:
    """Return the one thing to do about *line*, as concrete as can be said."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return say("Use spaces instead of tabs at the start of the line.")
    if "escape" in problem:
        return say("Use single quotes, or write the backslash twice.")
    if "end of stream" in problem or "did not find expected ','" in problem:
        return say("Close the quotation mark or bracket.")
    parts = _KEY_AND_VALUE.fullmatch(line)
    if parts is None:
        return say("Write it as lines of the form key: value.")
    key, value = parts[1].strip()[:40], parts[2].strip()[:100].replace("'", "''")
    if key.casefold() == "title":
        return say("Put the title in quotes: {key}: '{value}'", key=key, value=value)
    return say("Put the value of {key} in quotes: {key}: '{value}'", key=key, value=value)
