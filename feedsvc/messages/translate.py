"""Messages in other languages, from the gettext catalogues beside this module."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from feedsvc.messages.message import Message, tamed

ENGLISH = "en"
_LRI, _FSI, _PDI = "\u2066", "\u2068", "\u2069"
_FOREIGN = re.compile("`([^`]*)`")
"""What a catalogue puts between backticks is read from left to right: keys, dates, lines to be copied."""

_FIELD = re.compile(r"(?<!\{)\{(\w+)")
_BARE = "bare_"
"""Values within such a run are part of it, and must not carry invisible characters into what is copied."""


def translate(message: str, language: str) -> str:
    """Return the text of *message* in *language*, a tag such as ``ar``.

    Values are isolated in right-to-left sentences, so that neither disturbs the order of the other (UAX #9 section
    2.4). Text that is no message, or has no translation, stays as it is.
    """
    if language == ENGLISH or not isinstance(message, Message):
        return str(message)
    return _catalogue(language).tell(message)


class _Catalogue:
    """The translations of one language, by their English templates."""

    def __init__(self, language: str) -> None:
        from gettext import c2py  # English needs neither rules of plural nor a catalogue

        from babel.messages.pofile import read_po

        with (Path(__file__).parent / f"{language}.po").open("rb") as file:
            catalogue = read_po(file, locale=language)
        self._form = c2py(catalogue.plural_expr)
        self._forms: dict[str, tuple[str, ...]] = {}
        for entry in catalogue:
            template = entry.id if isinstance(entry.id, str) else entry.id[0]
            forms = (entry.string,) if isinstance(entry.string, str) else entry.string or ()
            self._forms[template] = tuple(_FOREIGN.sub(_isolated_run, form) for form in forms)

    def tell(self, message: Message) -> str:
        forms = self._forms.get(message.template, ())
        template = forms[self._form(message.number) if message.plural else 0] if forms else ""
        if not template:
            return isolated(message)
        values = {name: self._value(value) for name, value in message.values.items()}
        bare = {f"{_BARE}{name}": value for name, value in message.values.items()}
        return template.format_map(values | bare)

    def _value(self, value: str | int) -> str | int:
        if isinstance(value, Message):
            return self.tell(value)
        return isolated(value) if isinstance(value, str) else value


def _isolated_run(run: re.Match[str]) -> str:
    inner = _FIELD.sub(rf"{{{_BARE}\1", run[1])
    return f"{_LRI}{inner}{_PDI}"


@cache
def _catalogue(language: str) -> _Catalogue:
    return _Catalogue(language)


def insert(text: str, language: str) -> str:
    """Return *text*, which is not ours, so that it can stand in a sentence in *language*."""
    return text if language == ENGLISH else isolated(text)


def isolated(text: str) -> str:
    """Return *text* so that it can stand in a sentence of the other direction (U+2068, first strong isolate)."""
    return f"{_FSI}{tamed(text)}{_PDI}" if text else ""
