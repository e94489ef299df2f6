"""JSON front matter: an object at the very top of a file (RFC 8259), every scalar as text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import Notice
from feedsvc.parse.clean import mend_json_text
from feedsvc.parse.foreign import problem_in_row
from feedsvc.parse.header_limits import (
    MAX_HEADER_BYTES,
    Header,
    is_known,
    require_depth,
    require_keys,
    require_numbers,
    require_size,
)
from feedsvc.parse.item import Item

if TYPE_CHECKING:
    from feedsvc.messages import Message
    from feedsvc.parse.item import Value

_OPENING = re.compile(r'\{\s*"([^"\n]{0,200})"\s*:')
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"?|[\[\]{}]', re.DOTALL)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?', re.DOTALL)
_COLON = re.compile(r"\s*:\s*")
_AFTER = re.compile(r"[ \t]*(?:\n|\Z)")
_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=str)
"""Objects become tuples of pairs, so that a key given twice is seen twice."""


class _Outline(NamedTuple):
    end: int
    keys: list[int]


def read_json(text: str, notices: list[Notice]) -> Header | None:
    """Take the JSON object off the top of *text*; one without a known key, or with text beside it, is plain text.

    Raises:
        EntryParseError: ``E_FRONTMATTER`` for a broken one that begins with a known key, ``E_LIMIT`` for one too large.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return None
    outline = _outline(text[: MAX_HEADER_BYTES + 1])
    require_size(text[: outline.end])
    require_numbers(_QUOTED.sub("s", text[: outline.end]))
    try:
        pairs, end = _DECODER.raw_decode(text[: outline.end])
    except json.JSONDecodeError as error:
        if is_known(opening[1]):
            raise _fault(error) from error
        return None
    after = _AFTER.match(text, end)
    if after is None or not any(is_known(key) for key, _ in pairs):
        return None
    return Header(_items(text, pairs, outline.keys, notices), after.end())


def _outline(head: str) -> _Outline:
    """Find the end of the object and its keys by brackets alone: the decoder recurses, this does not."""
    depth = count = 0
    keys: list[int] = []
    for token in _TOKEN.finditer(head):
        if token[0] in ("{", "["):
            depth += 1
            require_depth(depth)
        elif token[0] in ("}", "]"):
            depth -= 1
            if depth == 0:
                return _Outline(token.end(), keys)
        elif _COLON.match(head, token.end()) is not None:
            count += 1
            require_keys(count)
            keys += [token.start()] if depth == 1 else []
    return _Outline(len(head), keys)


def _items(text: str, pairs: Any, starts: list[int], notices: list[Notice]) -> tuple[Item, ...]:  # noqa: ANN401
    items: list[Item] = []
    for (key, value), start in zip(pairs, starts, strict=True):
        line, column = _place(text, start)
        if value is not None:
            place = _place(text, _value_after(text, start))
            items.append(Item(_mended(key, line, notices), _value(value, line, notices), line, column, place))
    return tuple(items)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _value_after(text: str, start: int) -> int:
    """Return where the value begins of the key that begins at *start*."""
    key = _QUOTED.match(text, start)
    colon = _COLON.match(text, key.end() if key else start)
    return colon.end() if colon else start


def _value(value: Any, line: int, notices: list[Notice]) -> Value:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, tuple):
        return {_mended(key, line, notices): _value(part, line, notices) for key, part in value}
    if isinstance(value, list):
        return [_value(part, line, notices) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _mended(value, line, notices)


def _mended(text: str, line: int, notices: list[Notice]) -> str:
    """Let U+FFFD stand for halves of characters, and drop controls that no feed may carry."""
    mended = mend_json_text(text)
    if mended != text:
        message = say("half a character or a control was replaced in line {line}", line=line)
        notices.append(Notice("W_CTRL", message, line))
    return mended


def _fault(error: json.JSONDecodeError) -> EntryParseError:
    row = error.doc.split("\n")[error.lineno - 1].strip()[:80]
    cause = say("the front matter is not valid JSON: {problem}", problem=problem_in_row(error.msg, row))
    return EntryParseError("E_FRONTMATTER", cause, _fix(error.msg), line=error.lineno, column=error.colno)


def _fix(message: str) -> Message:
    if "escape" in message:
        return say("Write the backslash twice.")
    if "control character" in message or "Unterminated" in message:
        return say('Close the quotation mark on the same line; write line breaks as "\\n".')
    if "delimiter" in message:
        return say('Write "key": "value" with a comma after each but the last, and a }} at the end.')
    return say('Put each key and each value in double quotes: "key": "value".')
