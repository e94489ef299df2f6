"""The words and dates of mails, in the language of their readers, from the gettext catalogues beside this module."""

from __future__ import annotations

from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from feedsvc.render.words import direction_of

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo

    from feedsvc.model import DigestPeriod, Direction

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
"""The six official languages of the United Nations."""

_SOURCE = "en"
_CATALOGUES = Path(__file__).parent / "locale"
_ONE_DAY_S = 36 * 3600
"""A digest of a day may take longer than 24 hours, when clocks change."""


class Words:
    """What a mail says by itself in one language.

    Args:
        language: A BCP 47 tag; English stands in for what there is no catalogue for.
        catalogues: Folder of the catalogues.
    """

    def __init__(self, language: str, catalogues: Path = _CATALOGUES) -> None:
        base = _base(language)
        self.language = base if base in LANGUAGES else _SOURCE
        self._catalogue = _catalogue(self.language, catalogues)
        self._locale = _locale(language if base in LANGUAGES else _SOURCE)

    def text(self, template: str) -> str:
        """Return the translation of *template*."""
        return self._catalogue.form(template, 1)

    def counted(self, one: str, many: str, n: int) -> str:
        """Return the translation of *one* or *many*, in the form that this language has for *n* things."""
        return self._catalogue.form(one, n) or (one if n == 1 else many)

    def number(self, n: int) -> str:
        """Return *n* as readers write it."""
        return format_decimal(n, locale=self._locale)

    def day(self, moment: datetime, zone: tzinfo) -> str:
        """Return the day of *moment* in *zone*."""
        return _long_day(_day(moment, zone), self._locale)

    def period(self, period: DigestPeriod) -> str:
        """Return the day or the days that a digest tells about."""
        start, end = _day(period.start, period.zone), _day(period.end, period.zone)
        if (period.end - period.start).total_seconds() <= _ONE_DAY_S:
            return format_date(end, "full", locale=self._locale)
        return format_interval(start, end, "yMMMMd", locale=self._locale)


class _Catalogue:
    """The translations into one language, by their English templates."""

    def __init__(self, language: str, folder: Path) -> None:
        with (folder / f"{language}.po").open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        self._number_form = c2py(catalogue.plural_expr)
        self._forms: dict[str, tuple[str, ...]] = {}
        for entry in catalogue:
            template = entry.id if isinstance(entry.id, str) else entry.id[0]
            self._forms[template] = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())

    def form(self, template: str, n: int) -> str:
        forms = self._forms[template]
        return forms[self._number_form(n)] if len(forms) > 1 else forms[0]


def _base(language: str) -> str:
    return language.partition("-")[0].casefold()


@cache
def _catalogue(language: str, folder: Path) -> _Catalogue:
    return _Catalogue(language, folder)


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    """Return what Babel knows of *language*, a supported one, or of ever shorter forms of it (RFC 4647, 3.4)."""
    while "-" in language:
        try:
            return Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError):
            language = language.rpartition("-")[0]
    return Locale.parse(language.casefold())


@lru_cache(maxsize=1_024)
def _long_day(day: date, locale: Locale) -> str:
    """Return *day* in words; many entries are of the same one."""
    return format_date(day, "long", locale=locale)


def _day(moment: datetime, zone: tzinfo) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # the first and last hours that there are have no date in some zones
        return moment.date()


@lru_cache(maxsize=64)
def words_of(language: str) -> Words:
    """Return the words for *language*; they are read once."""
    return Words(language)


def mail_language(tag: str) -> tuple[str, Direction]:
    """Return the language of a mail for readers of *tag*, the nearest that there is, and its direction."""
    language = tag if words_of(tag).language == _base(tag) else _SOURCE
    return language, direction_of(language)
