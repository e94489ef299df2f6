"""``_inbox.toml``: what it may say, and how slips are told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from feedsvc.errors import EntryParseError
from feedsvc.parse import Customs, FolderRules, read_folder_file

ALL = """
# the sports desk
profile = "bulletin"
items = "heading"
first_line = "collection"
language = "ar"
encodings = ["windows-1256", "iso-8859-6"]
timezone = "Africa/Cairo"
author = "Doe, Jane"
tags = ["sport", "رياضة"]
feed = "رياضة"
date_order = "dmy"
"""


def test_every_setting_is_read() -> None:
    """The whole of what a folder can say."""
    assert read_folder_file(ALL.encode()) == FolderRules(
        Customs("bulletin", "heading", "collection", "ar", ("Doe, Jane",), ("sport", "رياضة"), "dmy"),
        ("windows-1256", "iso-8859-6"),
        ZoneInfo("Africa/Cairo"),
        "رياضة",
    )


@pytest.mark.parametrize("data", [b"", b"\n# nothing yet\n", b"\xef\xbb\xbf# saved by Notepad\r\n"])
def test_an_empty_file_says_nothing(data: bytes) -> None:
    """A file that is begun but says nothing changes nothing."""
    assert read_folder_file(data) == FolderRules()


def test_several_authors_and_windows_line_ends() -> None:
    """What editors on other systems save is read the same way."""
    rules = read_folder_file(b'\xef\xbb\xbfauthors = ["A", "B"]\r\ntags = "one, two"\r\nencodings = []\r\n')
    assert rules == FolderRules(Customs(authors=("A", "B"), tags=("one", "two")), ())


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('\nprofil = "bulletin"', 2, "there is no setting profil"),
        ('profile = "list"', 1, "not known"),
        ('items = ["heading"]', 1, "must be one text"),
        ('first_line = ""', 1, "not known"),
        ('\n\nlanguage = "arabic language"', 3, "no language tag"),
        ('encodings = ["utf-9"]', 1, "utf-9"),
        ('encodings = ["rot13"]', 1, "rot13"),
        ('timezone = "Cairo"', 1, "no time zone"),
        ('timezone = "../../etc/passwd"', 1, "no time zone"),
        ("timezone = 3", 1, "no time zone"),
        ('feed = "a/b"', 1, "no name for a feed"),
        ('feed = ""', 1, "no name for a feed"),
        ('feed = "media"', 1, "no name for a feed"),
        ('date_order = "ymd"', 1, "not known"),
        ("tags = {a = {}}", 1, "must be a text or a list"),
        ('# fine\nprofile = "bulletin', 2, "not valid TOML"),
        ('profile = "article"\nprofile = "bulletin"', 2, "not valid TOML"),
        ("[inbox]\nprofile = 1", 1, "there is no setting inbox"),
        ("a" + " = [" * 2_000, 1, ""),
    ],
)
def test_a_slip_is_told_with_its_line(text: str, line: int, word: str) -> None:
    """Nothing of a faulty file is used: half of it could divide a folder in the wrong way."""
    with pytest.raises(EntryParseError) as caught:
        read_folder_file(text.encode())
    assert caught.value.code == "E_FOLDER"
    assert caught.value.line == line
    assert word in caught.value.cause
    assert caught.value.fix


def test_bytes_that_are_not_utf_8_are_told_with_their_line() -> None:
    """The one file that cannot declare its own encoding must be UTF-8."""
    with pytest.raises(EntryParseError) as caught:
        read_folder_file('language = "ar"\nauthor = "محمد"\n'.encode("windows-1256"))
    assert (caught.value.code, caught.value.line) == ("E_FOLDER", 2)
