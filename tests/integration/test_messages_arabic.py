"""A newsroom that works in Arabic: receipts, status and check speak its language, codes and keys stay."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from newsroom import Newsroom, article

from feedsvc.cli.words import receipt_text
from feedsvc.model import FileState

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.model import Receipt

_ISOLATED = re.compile("\u2066[^\u2069]*\u2069|\u2068[^\u2069]*\u2069")
_LATIN = re.compile("[A-Za-z]{2,}")
BROKEN = {
    "header.md": (b"---\ntitle: Late: the last bus\n---\nIt leaves at midnight.\n", "E_FRONTMATTER"),
    "open.md": (b"---\ntitle: Never closed\n\nText.\n", "E_FRONTMATTER"),
    "toml.md": (b'+++\ntitle = "a\n+++\nText.\n', "E_FRONTMATTER"),
    "encoding.txt": ("عنوان الخبر\nنص الخبر الأول في هذه النشرة المسائية\n".encode("cp1256"), "E_ENCODING"),
    "date.md": (article("Which day?", date="03/04/2026").encode(), "E_DATE"),
    "slug.md": (article("Path", slug="../../etc/passwd").encode(), "E_PATH"),
    "link.md": (article("Link", link='"ftp://x.example"').encode(), "E_LINK_URL"),
    "wire.json": (b'[{"title": "a" "body": "b"}]', "E_JSON"),
    "image.txt": (b"GIF89a\0\0\0", "E_BINARY"),
    "no-body.md": (b"---\ntitle: Only a header\n---\n", "E_NO_BODY"),
    "photo.jpg": (b"\xff\xd8", "E_TYPE"),
}


def told(receipt: Receipt) -> list[str]:
    """Return all sentences of a receipt."""
    problem = [receipt.problem.cause, receipt.problem.fix] if receipt.problem else []
    return [*problem, *(notice.message for notice in receipt.notices)]


def assert_arabic(sentence: str) -> None:
    """Check that a sentence is Arabic, and that what is not stands in an isolate."""
    assert re.search("[\u0621-\u064a]{2,}", sentence), sentence
    assert _LATIN.search(_ISOLATED.sub("", sentence)) is None, sentence


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Open a newsroom with one broken file of each kind."""
    room = Newsroom(tmp_path, messages="ar")
    for path, (data, _) in BROKEN.items():
        room.write(path, data)
    return room


@pytest.mark.parametrize("path", BROKEN)
def test_broken_file_gets_an_arabic_receipt(path: str, room: Newsroom) -> None:
    """Cause and fix are Arabic, the code is the same as ever, and check says what the daemon says."""
    checked = room.check(path)
    room.scan()
    receipt = room.receipt(path)
    assert receipt == checked
    assert receipt.problem is not None
    assert receipt.problem.code == BROKEN[path][1]
    for sentence in told(receipt):
        assert_arabic(sentence)


def test_empty_file_is_told_of_in_arabic(tmp_path: Path) -> None:
    """An empty file waits first, then its receipt says why it is not published."""
    room = Newsroom(tmp_path, messages="ar")
    room.write("empty.txt", "  \n")
    room.scan()
    assert room.state("empty.txt") is FileState.WAITING
    room.clock.advance(61)
    room.scan()
    assert told(room.receipt("empty.txt")) == ["الملف خالٍ من النص", "اكتب فيه نصًا، أو احذفه."]


def test_warnings_and_clashes_are_arabic_too(tmp_path: Path) -> None:
    """Notices of the reader and problems of planning are told in the same language."""
    room = Newsroom(tmp_path, messages="ar")
    room.write("a.md", article("One", id="urn:x:1", date="2026-02-24", categories="[a]"))
    room.write("b.md", article("Two", id="urn:x:1"))
    room.scan()
    assert sorted(notice.code for notice in room.receipt("a.md").notices) == ["H_ZONE", "W_KEY"]
    assert room.code("b.md") == "E_DUP_ID"
    for sentence in (*told(room.receipt("a.md")), *told(room.receipt("b.md"))):
        assert_arabic(sentence)


def test_settings_of_folders_and_items_are_told_of_in_arabic(tmp_path: Path) -> None:
    """Broken settings, the files below them, and items that are left out."""
    room = Newsroom(tmp_path, messages="ar")
    room.write("town/_inbox.toml", 'profile = "bulletin"\nlanguage = 7\n')
    room.write("town/a.md", article("A"))
    room.write("wire.jsonl", '{"title": "a", "body": "b"}\n{"title": "c", "date": "soon", "body": "d"}\n')
    checked = {path: room.check(path) for path in ("town/_inbox.toml", "town/a.md", "wire.jsonl")}
    room.scan()
    for path, receipt in checked.items():
        assert told(receipt) == told(room.receipt(path))
        assert told(receipt)
        for sentence in told(receipt):
            assert_arabic(re.sub(r"\[[A-Z_]+\]", "", sentence))


def test_media_and_names_are_told_of_in_arabic(tmp_path: Path) -> None:
    """A missing sound, an image that is left out, a private address, names that differ in case, a folder too deep."""
    room = Newsroom(tmp_path, messages="ar", max_depth=1)
    room.write("show.md", article("Show", audio="episode.mp3"))
    room.write("lan.md", article("Lan", enclosure='"http://192.168.0.1/a.mp3"'))
    room.write("walk.md", article("Walk", "Text.\n\n![The old bridge](bridge.jpg)"))
    room.write("Walk.md", article("Another walk"))
    room.write("a/b/c.md", article("Deep"))
    paths = ("show.md", "lan.md", "walk.md", "Walk.md", "a/b/c.md")
    checked = {path: told(room.check(path)) for path in paths}
    room.scan()
    codes = [room.code("show.md"), room.code("lan.md"), *(n.code for n in room.receipt("walk.md").notices)]
    assert codes == ["E_MEDIA", "E_PATH", "W_MEDIA", "W_TWIN"]
    for path in paths[:3]:
        assert told(room.receipt(path))[: len(checked[path])] == checked[path], "the twin came later"
    for sentence in [*(sentence for path in paths[:4] for sentence in told(room.receipt(path))), *checked["a/b/c.md"]]:
        assert_arabic(sentence)


def test_changed_language_is_used_for_files_that_were_read(tmp_path: Path) -> None:
    """Reading all files again, as a changed setting makes the daemon do, tells everything anew."""
    room = Newsroom(tmp_path)
    room.write("when.md", article("Which day?", date="soon"))
    room.write("photo.jpg", "x")
    room.scan()
    before = [told(room.receipt("when.md")), told(room.receipt("photo.jpg"))]
    room.set_policy(messages="ar")
    room.scan()
    after = [told(room.receipt("when.md")), told(room.receipt("photo.jpg"))]
    for sentence in (sentence for sentences in after for sentence in sentences):
        assert_arabic(sentence)
    room.set_policy(messages="en")
    room.scan()
    assert [told(room.receipt("when.md")), told(room.receipt("photo.jpg"))] == before


def test_receipt_is_arabic_down_to_its_labels(room: Newsroom) -> None:
    """Of a whole receipt only isolated runs and codes are Latin; the caret stays under its place."""
    room.scan()
    lines = receipt_text(room.receipt("header.md"), language="ar").splitlines()
    assert lines[0] == "\u2068header.md\u2069: محجوز وغير منشور"
    assert lines[1].startswith("  المشكلة: السطر 2، العمود 12: ")
    assert lines[-1].startswith("  الحل: ضع العنوان بين علامتي اقتباس: ")


# The commands


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a project whose messages are Arabic."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text('[inbox]\nmessages = "ar"\n[web]\nport = 0\n')
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "bus.md").write_text("---\ntitle: Late: the last bus\n---\nText.\n")
    (tmp_path / "inbox" / "good.txt").write_text("عنوان الخبر\n\nنص الخبر.\n", encoding="utf-8")
    (tmp_path / "inbox" / ".hidden").write_text("x")
    return tmp_path


def feedsvc(site: Path, *arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command on *site*."""
    command = [sys.executable, "-m", "feedsvc", "--root", str(site), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=60)
    assert run.returncode == exit_code, run.stdout + run.stderr
    return run


def test_commands_speak_arabic(site: Path) -> None:
    """Build, status and check tell the same, with the line and a caret under the place."""
    built = feedsvc(site, "build", exit_code=1)
    assert built.stdout.startswith("ملفان (منشور: 1، محجوز: 1)؛ مادة واحدة؛ ")
    assert "bus.md" in built.stderr
    assert "ضع العنوان بين علامتي اقتباس" in built.stderr
    checked, told_later = feedsvc(site, "check", "bus.md", exit_code=1), feedsvc(site, "status", "bus.md")
    lines = told_later.stdout.splitlines()
    assert [line.split(":")[0].strip() for line in lines][1] == "المشكلة"
    row, caret = lines[2:4]
    assert row.endswith("2 | title: Late: the last bus")
    assert row[caret.index("^")] == ":", "the second colon is the wrong one"
    assert checked.stdout.splitlines()[1:] == lines[1:]
    listed = feedsvc(site, "status")
    states = {line.split("\t")[1]: line.split("\t")[0] for line in listed.stdout.splitlines()}
    assert states == {".hidden": "متجاهَل", "bus.md": "محجوز", "good.txt": "منشور"}
    assert listed.stderr.strip() == "3 ملفات: منشور: 1، متجاهَل: 1، محجوز: 1"


def test_programs_find_what_they_are_used_to(site: Path) -> None:
    """Keys, states and codes of JSON stay; only the sentences are Arabic."""
    (value,) = json.loads(feedsvc(site, "check", "bus.md", "--json", exit_code=1).stdout)
    assert value["state"] == "quarantined"
    assert value["problem"]["code"] == "E_FRONTMATTER"
    assert value["problem"]["text"] == "title: Late: the last bus"
    assert_arabic(value["problem"]["cause"])
    feedsvc(site, "build", exit_code=1)
    listed = json.loads(feedsvc(site, "status", "--json").stdout)
    assert {line["state"] for line in listed["files"]} == {"ignored", "quarantined", "published"}


def test_setting_changes_the_language_of_files_read_before(site: Path) -> None:
    """After the setting is changed, the next build tells everything in the other language."""
    feedsvc(site, "build", exit_code=1)
    (site / "config" / "feedsvc.toml").write_text("[web]\nport = 0\n")
    assert "Put the title in quotes" in feedsvc(site, "build", exit_code=1).stderr
    assert "what to do: Put the title in quotes" in feedsvc(site, "status", "bus.md").stdout
