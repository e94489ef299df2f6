"""A sentence that knows how it was made, so that it can be made again in another language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


_CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Message(str):
    """An English sentence, or a part of one, which remembers its template and the values that were put into it.

    Args:
        template: English text in which ``{name}`` or ``{name:,}`` stands for a value. It is always ours: what a file
            holds comes in as a value, and no value is ever looked at as a template.
        values: What the names stand for. A value may be a message itself; any other text is put on one line, and
            cannot change the direction of what follows, so that no file can forge lines of its receipt.
        plural: The template for any number but one; empty if nothing is counted.
        number: What is counted.
    """

    __slots__ = ("number", "plural", "template", "values")

    template: str
    values: dict[str, str | int]
    plural: str
    number: int

    def __new__(cls, template: str, values: Mapping[str, str | int], plural: str = "", number: int = 1) -> Message:
        """Write the sentence in English."""
        tame = {name: _tamed(value) for name, value in values.items()}
        made = super().__new__(cls, (template if number == 1 or not plural else plural).format_map(tame))
        made.template, made.values, made.plural, made.number = template, tame, plural, number
        return made

    def __reduce__(self) -> tuple[type[Message], tuple[str, dict[str, str | int], str, int]]:
        """Pickle what the sentence is made of, because helper processes hand messages back."""
        return Message, (self.template, self.values, self.plural, self.number)


def _tamed(value: str | int) -> str | int:
    return tamed(value) if type(value) is str else value


def tamed(text: str) -> str:
    """Return *text* on one line, without characters that control a terminal or the direction of what follows."""
    return text if text.isascii() and text.isprintable() else _BIDI.sub("", _CONTROLS.sub(" ", text))


def say(template: str, /, **values: str | int) -> Message:
    """Return the sentence of *template*, with *values* in it.

    *template* is written out where `say` is called: the translations are found by it, and a test looks them up.
    """
    return Message(template, values)


def say_n(one: str, many: str, n: int, /, **values: str | int) -> Message:
    """Return the sentence for *n* things, which stand in the templates as ``{n}``; otherwise as `say`."""
    return Message(one, {"n": n, **values}, many, n)
