"""The words of the pages and letters of subscribers, in the languages of mails, from the catalogues beside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import get_day_names

from feedsvc.render.mail.words import LANGUAGES, Words, mail_language

_CATALOGUES = Path(__file__).parent / "locale"


@lru_cache(maxsize=64)
def words_of(language: str) -> Words:
    """Return the words for the tag *language*; they are read once."""
    return Words(mail_language(language)[0], _CATALOGUES)


def page_language(named: str, accepted: str, otherwise: str) -> str:
    """Return the language of a page.

    Args:
        named: The one that the address of the page names, if any.
        accepted: What the browser would like, as in ``Accept-Language`` (RFC 9110 section 12.5.4).
        otherwise: A tag; the nearest language to it is taken where the others name none that there is.
    """
    bases = (tag.partition("-")[0].strip().lower() for tag in (named, *_wanted(accepted)))
    return next((base for base in bases if base in LANGUAGES), words_of(otherwise).language)


def _wanted(accepted: str) -> list[str]:
    """Return the tags of ``Accept-Language``, the most wanted first; those with a weight of zero are left out."""
    weighted: list[tuple[float, int, str]] = []
    for part in accepted[:500].split(","):
        tag, _, weight = part.partition(";")
        quality = _quality(weight.strip())
        if quality > 0:
            weighted.append((-quality, len(weighted), tag))
    return [tag for _, _, tag in sorted(weighted)]


def _quality(weight: str) -> float:
    try:
        return float(weight.removeprefix("q=")) if weight else 1.0
    except ValueError:
        return 0.0


def language_names() -> list[tuple[str, str]]:
    """Return the languages that there are, each with its own name for itself."""
    return [(language, str(Locale(language).get_language_name(language)).capitalize()) for language in LANGUAGES]


def day_names(language: str) -> list[tuple[str, str]]:
    """Return the days of the week, 1 for Monday, with their names."""
    names = get_day_names("wide", "stand-alone", locale=Locale(words_of(language).language))
    return [(str(number + 1), names[number]) for number in range(7)]
