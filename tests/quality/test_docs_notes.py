"""The notes that the page for editors shows are those that the program writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from newsroom import Newsroom

PAGE = Path(__file__).resolve().parents[2] / "docs" / "inbox.md"
_NOTE = re.compile(r"^```\n\[feedsvc note [0-9a-f]{16}\]\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ISOLATES = re.compile("[\u2066\u2068\u2069]")


@pytest.mark.parametrize(("number", "language"), [(0, "en"), (1, "ar")], ids=["en", "ar"])
def test_note_is_as_the_page_shows_it(number: int, language: str, tmp_path: Path) -> None:
    """Word for word, but for the first line and the invisible characters."""
    shown = _NOTE.findall(PAGE.read_text(encoding="utf-8"))[number]
    room = Newsroom(tmp_path, notes=True, messages=language)
    room.write("market.md", "---\ntitle: Market: it moves\n---\nFrom Saturday on.\n")
    room.scan()
    _, _, note = (room.inbox / "market.md.problem.txt").read_text(encoding="utf-8").partition("\n")
    assert _ISOLATES.sub("", note) == shown
