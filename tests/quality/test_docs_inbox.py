"""The page for editors tells the truth: its examples come out as it says, and it lists every code there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from media_samples import medium
from newsroom import Newsroom

from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedsvc.model import Entry

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "inbox.md").read_text(encoding="utf-8")
_KINDS = "(?:text|markdown|html|json)"
_EXAMPLE = re.compile(rf"<!-- example (\{{.*?\}}) -->\n```{_KINDS}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(rf"^```{_KINDS}$", re.MULTILINE)
_FOLDER_FILE = re.search(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"\b[EWHI]_[A-Z]+(?:_[A-Z]+)*\b")
_CARRYING = {"published", "scheduled", "draft"}


class Example(NamedTuple):
    """One file of the page, and what the page says will become of it."""

    promised: dict[str, Any]
    text: str


EXAMPLES = [Example(json.loads(marker), text) for marker, text in _EXAMPLE.findall(PAGE)]
_SHOWN: dict[str, Callable[[Entry], object]] = {
    "title": lambda entry: entry.title,
    "summary": lambda entry: entry.summary,
    "language": lambda entry: entry.language,
    "direction": lambda entry: entry.direction,
    "tags": lambda entry: list(entry.tags),
    "authors": lambda entry: list(entry.authors),
    "published": lambda entry: entry.published.replace(microsecond=0).isoformat(),
    "paragraphs": lambda entry: entry.body_html.count("<p>"),
    "media": lambda entry: [enclosure.media_type for enclosure in entry.enclosures],
    "images": lambda entry: entry.body_html.count("<img "),
}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.promised["file"] for example in EXAMPLES])
def test_example_becomes_what_the_page_says(example: Example, tmp_path: Path) -> None:
    """Saved in an inbox, the example has the state, the codes and the readable parts that stand above it."""
    promised = dict(example.promised)
    room = Newsroom(tmp_path)
    path = room.write(promised.pop("file"), example.text)
    for name, kind in promised.pop("beside", {}).items():
        room.write(name, medium(kind))
    receipt = room.check(path)
    room.scan()
    assert receipt == room.receipt(path), "checked and published alike"
    assert receipt.state == promised.pop("state")
    assert sorted(notice.code for notice in receipt.notices) == promised.pop("codes", [])
    assert (receipt.problem.code if receipt.problem else "") == promised.pop("problem", "")
    if "titles" in promised:
        assert [entry.title for entry in receipt.entries] == promised.pop("titles")
        entries = [room.by_id(entry.id) for entry in receipt.entries]
        assert [{name: _SHOWN[name](entry) for name in promised} for entry in entries] == [promised] * len(entries)
    elif receipt.state in _CARRYING:
        entry = room.entry(path)
        assert {name: _SHOWN[name](entry) for name in promised} == promised
    else:
        assert not promised, "nothing of this file is shown"


def test_the_settings_of_a_folder_do_what_the_page_says(tmp_path: Path) -> None:
    """The example holds every setting there is, and an old file dropped beside it comes out as described."""
    from feedsvc.parse.folder_file import KEYS

    assert _FOLDER_FILE is not None
    room = Newsroom(tmp_path)
    room.write("brief/_inbox.toml", _FOLDER_FILE[1])
    assert {key for key in KEYS if re.search(rf"^{key} = |# {key} = ", _FOLDER_FILE[1], re.MULTILINE)} == set(KEYS)
    problem = room.check("brief/_inbox.toml").problem
    assert problem is not None
    assert problem.code == "I_FOLDER"
    text = "Date: 03/04/2025 10:00\n\nموجز\n\nعاد الترام إلى العمل.\n\nتغلق المكتبة أبوابها.\n"
    path = room.write("brief/day.txt", text.encode("windows-1256"))
    room.scan()
    entries = [room.by_id(entry.id) for entry in room.receipt(path).entries]
    assert [entry.title for entry in entries] == ["موجز", "تغلق المكتبة أبوابها"]
    assert {(entry.language, entry.authors, entry.tags) for entry in entries} == {("ar", ("City desk",), ("brief",))}
    assert entries[0].published.replace(microsecond=0).isoformat() == "2025-04-03T08:00:00+00:00"


def test_every_example_is_marked_and_both_scripts_are_among_them() -> None:
    """No fenced file escapes the test above."""
    assert len(EXAMPLES) == len(_FENCE.findall(PAGE))
    assert {example.promised.get("direction") for example in EXAMPLES} > {"rtl"}
    assert {example.promised["state"] for example in EXAMPLES} >= _CARRYING | {"quarantined", "ignored"}


def test_page_lists_every_code_of_the_program_and_no_other() -> None:
    """Whatever code an editor meets, there is a row with its meaning and the way out; rows are sorted."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "feedsvc").rglob("*.py"))
    used = {code for source in sources for code in _CODE.findall(source)}
    rows = re.findall(r"^\| `([EWHI]_[A-Z_]+)` \| \S.* \| \S.* \|$", PAGE, re.MULTILINE)
    assert rows == sorted(used)
    assert set(_CODE.findall(PAGE)) == used


def test_page_lists_every_state() -> None:
    """The table of states is that of the program."""
    part = PAGE.split("\n## States\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) == {state.value for state in FileState}


def test_page_lists_every_key_of_the_front_matter() -> None:
    """The table of keys is that of the program."""
    from feedsvc.parse.keys import KNOWN_KEYS

    part = PAGE.split("\n## Front matter\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", part, re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"\w+", row)} == set(KNOWN_KEYS)
