"""Plain words about settings: what was found, what was expected, which known name is near."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr

from feedsvc.settings.kinds import Expects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.fields import FieldInfo

HIDDEN = "********"
_LONGEST_FOUND = 60
_LARGEST_NUMBER = 10**20


def plain(text: str) -> str:
    r"""Return *text* on one line, with characters that no terminal shows written as ``\xNN``."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def quoted(text: str) -> str:
    """Return *text* as a TOML basic string, readable in any script."""
    return "".join(c if c.isprintable() else _unicode_escape(c) for c in json.dumps(text, ensure_ascii=False))


def _unicode_escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def found(value: object) -> str:
    """Return *value* as its writer would recognise it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value if len(value) <= _LONGEST_FOUND else value[:_LONGEST_FOUND] + "...")
        case int() if abs(value) > _LARGEST_NUMBER:
            return "a very large number"
        case list() | tuple():
            return "a list"
        case dict():
            return "a table"
        case _:
            return str(value)


def is_secret(field: FieldInfo) -> bool:
    """Tell whether the value of *field* must never be shown."""
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def expected(field: FieldInfo) -> str:
    """Return what *field* accepts, as the end of the sentence "expected ..."."""
    return _expected(field.annotation, field.metadata)


def _expected(annotation: object, metadata: Iterable[object]) -> str:
    for item in metadata:
        if isinstance(item, Expects):
            return item.words
    if annotation is bool:
        return "true or false"
    if annotation is int:
        return f"a whole number{_limits(metadata)}"
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _expected(inner, more)
    return _expected_composite(annotation)


def _expected_composite(annotation: object) -> str:
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(quoted(choice) for choice in get_args(annotation))}"
    if get_origin(annotation) is tuple:
        return f"a list in [ ], each item {_expected(get_args(annotation)[0], ())}"
    return "text in quotes"


def _limits(metadata: Iterable[object]) -> str:
    lowest = [item.ge for item in metadata if isinstance(item, Ge)]
    highest = [item.le for item in metadata if isinstance(item, Le)]
    return "".join([f" from {n}" for n in lowest] + [f" to {n}" for n in highest])


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the one of *known* that *name* was probably meant to be."""
    by_folded = {other.casefold().replace("-", "_"): other for other in known}
    near = get_close_matches(name.casefold().replace("-", "_"), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest of *known*, or the list of them all where none is near."""
    names = sorted(known)
    near = nearest(name, names)
    return f"did you mean {near}?" if near else f"known here: {', '.join(names)}"
