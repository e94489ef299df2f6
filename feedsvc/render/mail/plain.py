"""What may stand in a mail: text on one line that controls nothing, and the direction in which it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import bidirectional

from markupsafe import Markup, escape

from feedsvc.messages.message import tamed
from feedsvc.render import texts

if TYPE_CHECKING:
    from feedsvc.model import Direction

_FSI, _PDI = "\u2068", "\u2069"
_URL = r"(?:https?|ftp)://[!-~]*[/\w=]|www\.[!-~]*[/\w]"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_PHONE = r"[+(]?\d[\d ()./-]{4,}\d(?![\w./:-]*[A-Za-z])"
_NAME = r"(?:\d+[./:-])*[A-Za-z0-9_]*[A-Za-z][A-Za-z0-9_]*"
_CODE = rf"-{{0,2}}{_NAME}(?:(?:[ ./:#@+=-]|::|->)-{{0,2}}[A-Za-z0-9_]+)*(?:\+\+|#|\(\))?"
_VERSION = r"\d+(?:[./:-]\d+)+"
_SIGNED = r"(?<![\w.,/)])[+\u2212-]\d+(?:[.,]\d+)*%?"
_LEFT_TO_RIGHT = re.compile("|".join((_URL, _MAIL, _CODE, _PHONE, _VERSION, _SIGNED)), re.ASCII)

_SHORT = 20
"""Characters that the narrowest telephone shows beside each other."""


def plain(text: str) -> str:
    """Return *text* on one line, without controls and without what turns the direction of its neighbours."""
    return texts.clean(tamed(text))


def direction_of_text(text: str) -> Direction | None:
    """Return the direction of the first letter that has one (UAX #9, P2), None if there is none."""
    for char in text:
        match bidirectional(char):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return None


class HtmlForm:
    """How texts are put into HTML."""

    def insert(self, text: str, around: Direction) -> Markup:
        """Return *text* as a value in a sentence that runs *around*, so that neither disturbs the other."""
        own = direction_of_text(text)
        if own is None or own == around:
            return self.prose(text, around)
        return self._span(text, own)

    def prose(self, text: str, direction: Direction) -> Markup:
        """Return *text* that runs in *direction*, with each run from left to right in an isolate of its own."""
        if direction == "ltr":
            return escape(text)
        parts, last = [Markup()], 0
        for run in _LEFT_TO_RIGHT.finditer(text):
            parts += (escape(text[last : run.start()]), self._span(run[0], "ltr"))
            last = run.end()
        return Markup().join([*parts, escape(text[last:])])

    def address(self, text: str) -> Markup:
        """Return a mail address or a link to be read; they run from left to right everywhere."""
        return self._span(text, "ltr")

    def sentence(self, template: str, *items: str, **values: str) -> Markup:
        """Return *template*, which is ours, with *items* or *values* in it."""
        return escape(template).format(*items, **values)

    def _span(self, text: str, direction: Direction) -> Markup:
        """Isolate with a span: mail programs drop ``<bdi>``. What is short stays on one line."""
        style = "unicode-bidi:isolate;white-space:nowrap" if len(text) <= _SHORT else "unicode-bidi:isolate"
        return Markup('<span dir="{}" style="{}">{}</span>').format(direction, style, text)


class TextForm:
    """How texts are put into plain text (UAX #9, 2.4: isolates)."""

    def insert(self, text: str, around: Direction) -> str:
        """See `HtmlForm.insert`."""
        own = direction_of_text(text)
        return text if own is None or own == around else f"{_FSI}{text}{_PDI}"

    def prose(self, text: str, direction: Direction) -> str:
        """See `HtmlForm.prose`; links stay bare, because a control beside them would become part of what is opened."""
        if direction == "ltr":
            return text
        return _LEFT_TO_RIGHT.sub(
            lambda run: run[0] if "/" in run[0] or "@" in run[0] else f"{_FSI}{run[0]}{_PDI}", text
        )

    def address(self, text: str) -> str:
        """Return *text* bare; it stands where its direction harms nothing."""
        return text

    def sentence(self, template: str, *items: str, **values: str) -> str:
        """See `HtmlForm.sentence`."""
        return template.format(*items, **values)


Form = HtmlForm | TextForm

HTML_FORM, TEXT_FORM = HtmlForm(), TextForm()
