"""Sentences that remember how they were made, in English and in Arabic."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.messages import excerpt_lines, insert, say, say_n, translate

LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"
HOSTILE = ["{x}", "{0.__class__}", "{value.__class__.__mro__}", "%s", "%(value)s", "{", "}", "{{}}", "{!r:>99}", "`x`"]


def test_message_is_its_english_text() -> None:
    """Whoever knows nothing of languages sees a text."""
    message = say("line {line}", line=3)
    assert message == "line 3"
    assert isinstance(message, str)
    assert translate(message, "en") == "line 3"
    assert type(translate(message, "en")) is str


def test_numbers_are_grouped_in_both_languages() -> None:
    """The format stands in the template, for translations as well."""
    message = say("the file has {size:,} bytes, the limit is {limit:,}", size=6_000_000, limit=5_242_880)
    assert message == "the file has 6,000,000 bytes, the limit is 5,242,880"
    assert "6,000,000" in translate(message, "ar")


@pytest.mark.parametrize(
    ("number", "english", "arabic"),
    [
        (0, "0 files", "لا ملفات"),
        (1, "1 file", "ملف واحد"),
        (2, "2 files", "ملفان"),
        (3, "3 files", "3 ملفات"),
        (11, "11 files", "11 ملفًا"),
        (100, "100 files", "100 ملف"),
        (103, "103 files", "103 ملفات"),
    ],
)
def test_counting_follows_the_grammar(number: int, english: str, arabic: str) -> None:
    """English has two forms, Arabic has six."""
    message = say_n("{n} file", "{n} files", number)
    assert message == english
    assert translate(message, "ar") == arabic


def test_messages_in_messages_are_told_as_well() -> None:
    """The cause within a sentence is in the same language."""
    inner = say("the text is not UTF-8: byte {byte} is {value}", byte=5, value="0x80")
    told = translate(say("{cause}; it looks like {name}", cause=inner, name="windows-1256"), "ar")
    assert told.startswith("ترميز النص ليس")
    assert told.endswith(f"{FSI}windows-1256{PDI}")


def test_runs_from_left_to_right_are_isolated() -> None:
    """Keys and values keep their order in a right-to-left line, and do not disturb it."""
    told = translate(say("Save the file again with the encoding UTF-8."), "ar")
    assert f"{LRI}UTF-8{PDI}" in told
    assert insert("news/a.txt", "ar") == f"{FSI}news/a.txt{PDI}"
    assert insert("news/a.txt", "en") == "news/a.txt"


def test_what_is_to_be_copied_holds_no_invisible_characters() -> None:
    """A line that the fix writes out can be pasted into the file as it is."""
    told = translate(say("Put the title in quotes: {key}: '{value}'", key="title", value="Late: bus"), "ar")
    assert f"{LRI}title: 'Late: bus'{PDI}" in told


def test_values_cannot_break_out_of_their_isolation() -> None:
    """Direction controls of a file are dropped where its text stands in a sentence."""
    told = translate(say("the link “{link}” is no web address", link=f"a{PDI}{PDI}\u202eb"), "ar")
    assert f"{FSI}ab{PDI}" in told
    assert told.count(PDI) == told.count(FSI) + told.count(LRI)


def test_text_that_is_no_message_stays_as_it_is() -> None:
    """Stored sentences were told once, and are not told again."""
    assert translate("the file has no text", "ar") == "the file has no text"


def test_sentence_without_translation_is_english_and_isolated() -> None:
    """Whoever meets one can read it at least."""
    from feedsvc.messages import Message

    assert translate(Message("not in the catalogue", {}), "ar") == f"{FSI}not in the catalogue{PDI}"


def test_messages_travel_between_processes() -> None:
    """Helpers that read files hand them back whole."""
    message = say_n("{n} file", "{n} files", 2)
    again = pickle.loads(pickle.dumps(message))
    assert again == message
    assert translate(again, "ar") == "ملفان"


@given(st.sampled_from(HOSTILE) | st.text(max_size=40))
def test_values_are_never_taken_for_templates(value: str) -> None:
    """What a file holds stands in the sentence as it is written there, whatever it looks like, and on one line."""
    message = say("the link “{link}” is no web address", link=value)
    kept = re.sub("[\0-\x1f\x7f-\x9f\u2028\u2029]+", " ", value)
    kept = re.sub("[\u202a-\u202e\u2066-\u2069]", "", kept)
    assert message == f"the link “{kept}” is no web address"
    assert f"“{FSI}{kept}{PDI}”" in translate(message, "ar") or not kept


def test_values_cannot_forge_lines() -> None:
    """A receipt has the lines that we write."""
    message = say("the link “{link}” is no web address", link="a\nwhat to do: nothing\x1b[2J\u202e")
    assert message == "the link “a what to do: nothing [2J” is no web address"


def test_column_that_no_caret_can_show_is_told_in_the_language() -> None:
    """Under right-to-left text the place is told in words."""
    shown = "تاريخ: ٢٠٢٦-١٣-٠١"
    assert excerpt_lines(shown, 2, 8)[1] == "  | (column 8, in reading order)"
    assert "العمود 8" in excerpt_lines(shown, 2, 8, "ar")[1]


def test_english_loads_no_catalogue() -> None:
    """A command in English starts as fast as if there were no other language."""
    code = "import sys\nfrom feedsvc.messages import *\ntranslate(say('none'), 'en')\nassert 'babel' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
