"""Every sentence of the program is in the catalogues, with the same values in it, and no sentence goes round them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from feedsvc.settings.sections import InboxSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

PACKAGE = Path(__file__).resolve().parents[2] / "feedsvc"
SPEAKERS = {"say": 1, "say_n": 2}
"""The functions that make sentences, and how many templates each takes."""

TOLD = {"Notice", "Problem", "Trouble", "EntryParseError", "DateError"}
TELLING_NAMES = {"cause", "fix", "message"}
LANGUAGES = ["ar"]
_LATIN = re.compile("[A-Za-z]")
_RUN = re.compile("`[^`]*`|\\{\\w+[^}]*\\}")


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax trees of the package by path."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of functions and classes with these *names*, with their places."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path}:{node.lineno}", node


def templates() -> dict[str, tuple[str, ...]]:
    """Return all templates that the source holds: the singular, and singular and plural where things are counted."""
    found: dict[str, tuple[str, ...]] = {}
    for _, call in calls(set(SPEAKERS)):
        assert isinstance(call.func, ast.Name)
        texts = tuple(ast.literal_eval(part) for part in call.args[: SPEAKERS[call.func.id]])
        found[texts[0]] = texts
    return found


def catalogue(language: str) -> Catalog:
    """Return the catalogue of *language* as it is shipped."""
    with (PACKAGE / "messages" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def fields(template: str) -> set[str]:
    """Return the names that stand for values in *template*, each with its format."""
    return {f"{name}:{spec}" for _, name, spec, _ in Formatter().parse(template) if name is not None}


def forms(entry: Message) -> tuple[str, ...]:
    """Return the translations of one sentence."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


def test_all_sentences_are_written_out_where_they_are_said() -> None:
    """A template is a literal, so that it can be found, and never holds what a file says."""
    for place, call in calls(set(SPEAKERS)):
        assert isinstance(call.func, ast.Name)
        for part in call.args[: SPEAKERS[call.func.id]]:
            assert isinstance(part, ast.Constant), place
            assert isinstance(part.value, str), place


def test_each_value_of_a_sentence_is_given_and_used() -> None:
    """Names in templates are plain, and are those that the call gives."""
    for place, call in calls(set(SPEAKERS)):
        assert isinstance(call.func, ast.Name)
        texts = [ast.literal_eval(part) for part in call.args[: SPEAKERS[call.func.id]]]
        given = {word.arg for word in call.keywords} | ({"n"} if call.func.id == "say_n" else set())
        used = {field.partition(":")[0] for text in texts for field in fields(text)}
        assert used <= given, place
        assert given - used <= {"n"}, place
        assert all(name.isidentifier() for name in used), place


def test_nothing_is_told_to_editors_but_sentences() -> None:
    """Problems and notices are made of messages: a plain text would stay English for ever."""
    plain = (ast.Constant, ast.JoinedStr)
    for place, call in calls(TOLD):
        first = 0 if isinstance(call.func, ast.Name) and call.func.id == "DateError" else 1
        told = [*call.args[first:], *(word.value for word in call.keywords if word.arg in TELLING_NAMES)]
        texts = [part for part in told if isinstance(part, plain) and not isinstance(getattr(part, "value", ""), int)]
        assert texts == [], place
    for path, tree in trees().items():
        if path.partition("/")[0] in ("parse", "ingest", "publish"):
            for node in ast.walk(tree):
                names = {target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)}
                if isinstance(node, ast.Assign) and names & TELLING_NAMES:
                    assert not isinstance(node.value, plain), f"{path}:{node.lineno}"


def test_the_setting_offers_the_languages_that_there_are() -> None:
    """English needs no catalogue; every other language of the setting has one."""
    offered = re.findall(r"'(\w+)'", str(InboxSettings.model_fields["messages"].annotation))
    assert offered == ["en", *LANGUAGES]
    assert {path.stem for path in (PACKAGE / "messages").glob("*.po")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    """Nothing is missing, doubtful or left over."""
    found = catalogue(language)
    translated = {(entry.id,) if isinstance(entry.id, str) else tuple(entry.id) for entry in found if entry.id}
    assert translated == set(templates().values())
    assert not found.fuzzy
    assert not found.obsolete
    assert [entry.id for entry in found if entry.id and entry.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_carry_the_same_values(language: str) -> None:
    """What is counted may be in words (one file, two files); everything else is in each form, with its format."""
    for entry in catalogue(language):
        if not entry.id:
            continue
        for number, form in enumerate(forms(entry)):
            wanted = fields(entry.id if isinstance(entry.id, str) else entry.id[1])
            is_in_words = isinstance(entry.id, tuple) and number <= 2
            missing = wanted - fields(form)
            assert fields(form) <= wanted, form
            assert missing <= (wanted if is_in_words else set()), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_a_form_for_each_kind_of_number(language: str) -> None:
    """Arabic tells none, one, two, few, many and others apart."""
    found = catalogue(language)
    assert found.num_plurals == 6
    for entry in found:
        if isinstance(entry.id, tuple):
            assert len(forms(entry)) == 6, entry.id
        assert all(form.strip() or not form.strip(",;،؛ ") for form in forms(entry)), entry.id
        assert all(forms(entry)) or not entry.id, entry.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_runs_in_the_other_direction_are_marked(language: str) -> None:
    """Latin words of right-to-left sentences stand between backticks, which come in pairs."""
    for entry in catalogue(language):
        for form in forms(entry) if entry.id else ():
            assert form.count("`") % 2 == 0, form
            assert _LATIN.search(_RUN.sub("", form)) is None, form
