"""YAML front matter as texts: no types, no aliases, no tags, and hard limits (YAML 1.2.2 section 3.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

from yaml.cyaml import CParser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from feedsvc.errors import EntryParseError

if TYPE_CHECKING:
    from yaml.error import Mark

KNOWN_KEYS = frozenset(
    "title date updated tags author authors language summary link id slug draft expires notify profile".split()
)
"""Every key of a file's header that has a meaning."""

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_MAX_DEPTH = 20
_MAX_KEYS = 200
_ESCAPED_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_HIDDEN_VALUE = re.compile(r"[^:#]+:[ \t]+(#\S.*)")
_LOST_TAIL = re.compile(r"[^#]*\S[ \t]+#\S")
_KEY_AND_VALUE = re.compile(r"([ \t]*[^\s:][^:]*):[ \t]+(\S.*)")


class Item(NamedTuple):
    """One key of the header, spelt as in the file, with its place in the file.

    ``has_lost_tail`` tells that YAML took the end of the line for a comment though it looks like text (``#1``).
    """

    key: str
    value: Value
    line: int
    column: int
    has_lost_tail: bool = False


def load_block(text: str, first_line: int) -> tuple[Item, ...]:
    """Read *text*, the YAML between the ``---`` lines, as (key, value) items in the order of the file.

    Args:
        text: The block without the ``---`` lines.
        first_line: Line of the file where *text* begins.

    Raises:
        EntryParseError: ``E_FRONTMATTER`` with line, column and a fix; ``E_LIMIT`` for too deep or too many.
    """
    if "\\u" in text:
        text = _mend_surrogates(text)
    loader = _Loader(text, first_line)
    try:
        items = loader.items()
    except MarkedYAMLError as error:
        _refuse_yaml(text, first_line, error)
    except YAMLError as error:
        fix = "Remove unusual characters from it."
        raise EntryParseError("E_FRONTMATTER", "the front matter is not YAML", fix, line=first_line) from error
    return _with_hash_values(items, text, first_line) if "#" in text else items


class _Loader:
    """Walks the events of libyaml; nothing is built before it is known to be harmless."""

    def __init__(self, text: str, first_line: int) -> None:
        self._parser = CParser(text)
        self._first_line = first_line
        self._keys = 0

    def items(self) -> tuple[Item, ...]:
        next_event: Any = self._parser.get_event
        next_event()  # the start of the stream
        if type(next_event()) is not DocumentStartEvent:
            return ()
        root = next_event()
        if type(root) is not MappingStartEvent:
            self._refuse(root.start_mark, "the front matter has no keys", "Write it as lines of the form key: value.")
        self._check(root)
        items = self._top_level(next_event)
        next_event()  # the end of the document
        if type(extra := next_event()) is DocumentStartEvent:
            self._refuse(
                extra.start_mark, "the front matter holds a second document", "Remove the line that begins with ---."
            )
        return items

    def _top_level(self, next_event: Any) -> tuple[Item, ...]:
        items: list[Item] = []
        while type(key := next_event()) is not MappingEndEvent:
            name, mark = self._key(key), key.start_mark
            value = self._value(next_event(), 1)
            items.append(Item(name, value, mark.line + self._first_line, mark.column + 1))
        return tuple(items)

    def _key(self, event: Any) -> str:
        self._keys += 1
        if self._keys > _MAX_KEYS:
            self._limit(event.start_mark, f"the front matter has more than {_MAX_KEYS} keys")
        self._check(event)
        if type(event) is not ScalarEvent:
            self._refuse(event.start_mark, "a key of the front matter is not a plain word", "Write it as key: value.")
        return str(event.value)

    def _value(self, event: Any, depth: int) -> Value:
        self._check(event)
        if type(event) is ScalarEvent:
            return str(event.value)
        if depth >= _MAX_DEPTH:
            self._limit(event.start_mark, f"the front matter is nested deeper than {_MAX_DEPTH} levels")
        return self._mapping(depth + 1) if type(event) is MappingStartEvent else self._sequence(depth + 1)

    def _sequence(self, depth: int) -> list[Value]:
        values: list[Value] = []
        while type(event := self._parser.get_event()) is not SequenceEndEvent:
            values.append(self._value(event, depth))
        return values

    def _mapping(self, depth: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        while type(event := self._parser.get_event()) is not MappingEndEvent:
            key = self._key(event)
            values.setdefault(key, self._value(self._parser.get_event(), depth))
        return values

    def _check(self, event: Any) -> None:
        """Refuse aliases before anything is expanded, and tags before anything is made of them."""
        if type(event) is AliasEvent:
            self._refuse(event.start_mark, "aliases (*name) are not allowed in the front matter", _QUOTE)
        if event.anchor is not None:
            self._refuse(event.start_mark, "anchors and aliases (&name) are not allowed in the front matter", _QUOTE)
        if event.tag is not None:
            self._refuse(event.start_mark, f"tags ({event.tag[:60]}) are not allowed in the front matter", _QUOTE)

    def _refuse(self, mark: Mark, cause: str, fix: str) -> NoReturn:
        raise EntryParseError("E_FRONTMATTER", cause, fix, line=mark.line + self._first_line, column=mark.column + 1)

    def _limit(self, mark: Mark, cause: str) -> NoReturn:
        fix = "Shorten the front matter."
        raise EntryParseError("E_LIMIT", cause, fix, line=mark.line + self._first_line, column=mark.column + 1)


_QUOTE = "Put the value in quotes, or write it out."


def _mend_surrogates(text: str) -> str:
    r"""Join ``\uD83D\uDE00`` as JSON writes it, and let U+FFFD stand for the halves that are left alone."""
    text = _ESCAPED_PAIR.sub(lambda pair: f"\\U{_join(int(pair[1], 16), int(pair[2], 16)):08X}", text)
    return _ESCAPED_SURROGATE.sub(r"\\uFFFD", text)


def _join(high: int, low: int) -> int:
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)


def _with_hash_values(items: tuple[Item, ...], text: str, first_line: int) -> tuple[Item, ...]:
    """Give ``title: #tag`` its value back, which YAML takes for a comment, and mark tails that were lost so."""
    lines = text.split("\n")
    return tuple(_with_hash_value(item, lines[item.line - first_line]) for item in items)


def _with_hash_value(item: Item, line: str) -> Item:
    if item.value == "" and (hidden := _HIDDEN_VALUE.fullmatch(line)):
        return item._replace(value=hidden[1].rstrip())
    is_cut = isinstance(item.value, str) and "#" not in item.value and _LOST_TAIL.match(line) is not None
    return item._replace(has_lost_tail=True) if is_cut else item


def _refuse_yaml(text: str, first_line: int, error: MarkedYAMLError) -> NoReturn:
    mark = error.problem_mark or error.context_mark
    index, column = (mark.line, mark.column) if mark is not None else (0, 0)
    lines = text.split("\n")
    line = lines[index] if index < len(lines) else ""
    shown = f" in “{line.strip()[:80]}”" if line.strip() else ""
    cause = f"the front matter is not valid YAML: {error.problem}{shown}"
    raise EntryParseError(
        "E_FRONTMATTER", cause, _fix_for(line, error.problem or ""), line=index + first_line, column=column + 1
    ) from error


def _fix_for(line: str, problem: str) -> str:
    """Return the one thing to do about *line*, as concrete as can be said."""
    if line[: len(line) - len(line.lstrip())].count("\t"):
        return "Use spaces instead of tabs at the start of the line."
    if "escape" in problem:
        return "Use single quotes, or write the backslash twice."
    if "end of stream" in problem:
        return "Close the quotation mark or bracket."
    parts = _KEY_AND_VALUE.fullmatch(line)
    if parts is None:
        return "Write it as lines of the form key: value."
    key, value = parts[1].strip(), parts[2].strip()
    quoted = value.replace("'", "''")
    name = "title" if key.casefold() == "title" else f"value of {key[:40]}"
    return f"Put the {name} in quotes: {key[:40]}: '{quoted[:100]}'"
