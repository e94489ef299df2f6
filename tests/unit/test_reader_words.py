"""The words of the pages of subscribers in six languages: complete, none left over, and chosen as browsers ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from feedsvc.render import reader
from feedsvc.render.mail import LANGUAGES
from feedsvc.render.reader import page_language
from feedsvc.render.reader.words import day_names, language_names

FOLDER = Path(reader.__file__).parent
SOURCE = "".join(
    path.read_text(encoding="utf-8")
    for path in (*FOLDER.glob("*.py"), *(FOLDER.parent / "templates" / "reader").glob("*.html"))
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete(language: str) -> None:
    """Each sentence is translated, names the site where the template does, and is said somewhere."""
    with (FOLDER / "locale" / f"{language}.po").open("rb") as file:
        found = {str(entry.id): str(entry.string) for entry in read_po(file, locale=language) if entry.id}
    with (FOLDER / "locale" / "en.po").open("rb") as file:
        english = {str(entry.id): str(entry.string) for entry in read_po(file, locale="en") if entry.id}
    assert found.keys() == english.keys()
    assert all(template == text for template, text in english.items())
    for template, text in found.items():
        assert text
        assert re.findall(r"\{.*?\}", template) == re.findall(r"\{.*?\}", text)
        assert f'"{template}"' in SOURCE
        assert language in {"en", "fr"} or template != text


@pytest.mark.parametrize(
    ("named", "accepted", "language"),
    [
        ("ar", "fr", "ar"),
        ("AR-EG", "", "ar"),
        ("de", "fr-CA", "fr"),
        ("", "de, es;q=0.5, zh-Hant;q=0.9", "zh"),
        ("", "en;q=0, ru;q=0.1", "ru"),
        ("", "*", "es"),
        ("", ";;,q=,=;q=x", "es"),
        ("../x", "", "es"),
        ("", "fr;q=nan, ru;q=inf", "ru"),
    ],
)
def test_pages_speak_what_was_asked_for(named: str, accepted: str, language: str) -> None:
    """The address of the page goes before the browser, the browser before the site."""
    assert page_language(named, accepted, "es-MX") == language


def test_languages_and_days_have_their_names() -> None:
    """Each language is called as its speakers call it, and weeks begin with Monday."""
    assert dict(language_names())["ar"] == "العربية"
    assert dict(language_names())["ru"] == "Русский"
    assert day_names("fr")[0] == ("1", "lundi")
    assert {len(day_names(language)) for language in LANGUAGES} == {7}
