"""TOML front matter between ``+++`` lines (TOML 1.0), every scalar as text."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.parse.clean import drop_forbidden
from feedsvc.parse.foreign import problem_in_row
from feedsvc.parse.header_limits import (
    MAX_HEADER_BYTES,
    Header,
    is_known,
    limit,
    require_depth,
    require_keys,
    require_numbers,
    require_size,
)
from feedsvc.parse.item import Item

if TYPE_CHECKING:
    from feedsvc.messages import Message
    from feedsvc.parse.item import Value

_OPENING = re.compile(r"\+\+\+[ \t]*\n")
_CLOSING = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)
_KEY = re.compile(r"""^[ \t]*(?:\[+[ \t]*)?["']?([\w-]+)["']?[ \t]*[=.\]][ \t]*""", re.MULTILINE)
_QUOTED = re.compile(
    r"""
    \"{3}[\s\S]*?(?:\"{3}|\Z) | '{3}[\s\S]*?(?:'{3}|\Z)   # texts of several lines
    | "(?:\\.|[^"\\\n])*"? | '[^'\n]*'?               # texts of one line
    | (\#)[^\n]*                                      # a comment
    """,
    re.VERBOSE,
)
_DOTTED = re.compile(r"[\w. \t-]+")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(text: str) -> Header | None:
    """Take the TOML front matter off *text*; a ``+++`` without keys below it is plain text.

    Raises:
        EntryParseError: ``E_FRONTMATTER`` for a header that is broken or never ends, ``E_LIMIT`` for one too large.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return None
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        _refuse_unclosed(text, opening.end())
        return None
    block = text[opening.end() : closing.start()]
    if block.strip() and _KEY.search(block) is None:
        return None
    return Header(toml_items(block, first_line=2), closing.end() + 1)


def _refuse_unclosed(text: str, start: int) -> None:
    paragraph = text[start : start + MAX_HEADER_BYTES].lstrip("\n").partition("\n\n")[0]
    if any(is_known(key) for key in _KEY.findall(paragraph)):
        fix = say("Add a line of three plus signs (+++) after the last key.")
        cause = say("the front matter that begins here never ends")
        raise EntryParseError("E_FRONTMATTER", cause, fix, line=1, column=1)


def _require_harmless(block: str) -> None:
    """Check the limits on the plain characters: tomllib recurses, and is slow for long keys and numbers."""
    require_size(block)
    bare = _QUOTED.sub(lambda found: "" if found[1] else "s", block)
    require_depth(_depth(bare))
    require_depth(max((part.count(".") for part in _DOTTED.findall(bare)), default=0))
    require_keys(bare.count("=") + bare.count("\n["))
    require_numbers(bare)


def _depth(bare: str) -> int:
    depth = deepest = 0
    for character in re.findall(r"[\[\]{}]", bare):
        depth += 1 if character in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def toml_items(block: str, first_line: int) -> tuple[Item, ...]:
    """Return the keys of a TOML document that begins at *first_line* of its file, every scalar as text.

    Raises:
        EntryParseError: ``E_FRONTMATTER`` where it is not TOML, ``E_LIMIT`` where it is too large.
    """
    _require_harmless(block)
    try:
        table = tomllib.loads(block, parse_float=str)
    except ValueError as error:
        raise _fault(block, first_line, str(error)) from error
    except RecursionError as error:
        raise limit(say("the front matter is nested too deeply")) from error
    places: dict[str, tuple[int, int]] = {}
    for found in _KEY.finditer(block):
        column = found.end() - block.rfind("\n", 0, found.start(1))
        places.setdefault(found[1], (block.count("\n", 0, found.start(1)) + first_line, column))
    items = ((key, value, places.get(key, (first_line, 1))) for key, value in table.items())
    return tuple([Item(key, _value(value), place[0], 1, place) for key, value, place in items])


def _value(value: Any) -> Value:  # noqa: ANN401 - whatever TOML holds
    if isinstance(value, dict):
        return {key: _value(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_value(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, (date, datetime, time)) else drop_forbidden(str(value))


def _fault(block: str, first_line: int, message: str) -> EntryParseError:
    place = _PLACE.search(message)
    line, column = block.rstrip("\n").count("\n") + 1, 1
    if place is not None and place[1]:
        line, column = int(place[1]), int(place[2])
    problem = _PLACE.sub("", message)
    row = block.split("\n")[line - 1].strip()[:80]
    cause = say("this is not valid TOML: {problem}", problem=problem_in_row(problem[:200], row))
    return EntryParseError("E_FRONTMATTER", cause, _fix(row, problem), line=line + first_line - 1, column=column)


def _fix(row: str, problem: str) -> Message:
    if "overwrite" in problem:
        return say("Remove one of the lines that give the same key.")
    if "escape" in problem.casefold():
        return say("Write the backslash twice, or use single quotes.")
    key, equals, _ = row.partition("=")
    if not equals:
        return say('Write it as lines of the form key = "value".')
    return say('Write it as {key} = "value", in quotes.', key=key.strip()[:40] or "key")
