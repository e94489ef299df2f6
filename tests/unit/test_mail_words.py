"""The words of mails in six languages: complete, in every plural form, with dates as their readers write them."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po
from mail_samples import ARABIC, ENGLISH, content, mailed

from feedsvc.model import DigestPeriod, Frequency
from feedsvc.render import mail
from feedsvc.render.mail.words import LANGUAGES, mail_language, words_of

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER = Path(mail.__file__).parent
FORMS = {"ar": 6, "en": 2, "es": 2, "fr": 2, "ru": 3, "zh": 1}
ASKED = {"text": 1, "counted": 2, "_counted": 2}


def catalogue(language: str) -> Catalog:
    with (FOLDER / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def asked_for() -> set[tuple[str, ...]]:
    """Return the templates that the source asks for."""
    found = set()
    for node in ast.walk(ast.parse((FOLDER / "view.py").read_text(encoding="utf-8"))):
        name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in ASKED and isinstance(node.args[0], ast.Constant):
            found.add(tuple(ast.literal_eval(part) for part in node.args[: ASKED[name]]))
    return found


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete(language: str) -> None:
    """Each sentence is there, none is left over, and each has its values; one and two may be in words."""
    found = catalogue(language)
    entries = [entry for entry in found if entry.id]
    assert {(e.id,) if isinstance(e.id, str) else tuple(e.id) for e in entries} == asked_for()
    assert found.num_plurals == FORMS[language]
    for entry in entries:
        forms = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
        assert len(forms) == (1 if isinstance(entry.id, str) else FORMS[language])
        wanted = names(entry.id if isinstance(entry.id, str) else entry.id[0])
        for form in forms:
            assert form
            assert wanted - {"n"} <= names(form) <= wanted
        assert names(forms[-1]) == wanted


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "ar",
            {1: "مادة جديدة واحدة", 2: "مادتان جديدتان", 7: "7 مواد جديدة", 11: "11 مادة جديدة", 102: "102 مادة جديدة"},
        ),
        ("ru", {1: "1 новая запись", 3: "3 новые записи", 5: "5 новых записей", 21: "21 новая запись"}),
        ("fr", {1: "1 nouvel article", 2: "2 nouveaux articles", 1500: "1\u202f500 nouveaux articles"}),
        ("es", {1: "1 artículo nuevo", 2: "2 artículos nuevos"}),
        ("zh", {1: "1 篇新文章", 2: "2 篇新文章"}),
        ("en", {1: "1 new entry", 1500: "1,500 new entries"}),
    ],
)
def test_plural_forms(language: str, told: dict[int, str]) -> None:
    """Each number has the form that its language has for it."""
    words = words_of(language)
    for n, text in told.items():
        assert words.counted("{n} new entry", "{n} new entries", n).format(n=words.number(n)) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_a_whole_mail(language: str) -> None:
    """Nothing of a mail stays English but what is English."""
    digest = ARABIC if language == "ar" else ENGLISH
    text = content(mailed(digest, language=language), "plain")
    english = [template for templates in asked_for() for template in templates if "{" not in template]
    assert (language == "en") == any(template in text for template in english)


END = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "days", "told"),
    [
        ("ar", 1, "الأربعاء، 25 نوفمبر 2026"),
        ("zh", 1, "2026年11月25日星期三"),
        ("en-GB", 1, "Wednesday, 25 November 2026"),
        ("en", 7, "Nov 18 – 25, 2026"),
        ("ru", 30, "26 окт. – 25 нояб. 2026\u202fг."),
        ("fr", 7, "18–25 nov. 2026"),
    ],
)
def test_periods_are_told_on_the_clock_of_the_readers(language: str, days: int, told: str) -> None:
    """Half past ten in the evening in London is the next day in Cairo."""
    period = DigestPeriod(Frequency.DAILY, END - timedelta(days=days), END, ZoneInfo("Africa/Cairo"))
    assert words_of(language).period(period).replace("\u2009", " ") == told


def test_a_day_of_25_hours_is_one_day() -> None:
    """When clocks change, a daily digest still tells of a day."""
    period = DigestPeriod(Frequency.DAILY, END - timedelta(hours=25), END, UTC)
    assert words_of("en").period(period) == "Tuesday, November 24, 2026"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("ar-EG", ("ar-EG", "rtl")),
        ("fr", ("fr", "ltr")),
        ("zh-Hant-TW", ("zh-Hant-TW", "ltr")),
        ("he", ("en", "ltr")),
        ("AR", ("AR", "rtl")),
    ],
)
def test_the_nearest_language_is_found(asked: str, given: tuple[str, str]) -> None:
    """A region keeps its dates; a language without words gets English, from left to right."""
    assert mail_language(asked) == given


def test_the_last_hours_of_the_calendar() -> None:
    """A date beyond the year 9999 is told in UTC."""
    late = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert words_of("en").day(late, ZoneInfo("Pacific/Auckland")) == "December 31, 9999"
