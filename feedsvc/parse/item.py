"""One key of a header, whatever its syntax: what every dialect yields and `fields` reads."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Value: TypeAlias = "str | list[Value] | dict[str, Value]"


class Item(NamedTuple):
    """One key of the header, spelt as in the file, with its place in the file, and that of its value if it is known."""

    key: str
    value: Value
    line: int
    column: int
    value_place: tuple[int, int] | None = None
