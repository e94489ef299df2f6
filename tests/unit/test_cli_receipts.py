"""Receipts and reports as people and programs read them."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from rich.console import Console

from feedsvc.app.build import BuildReport
from feedsvc.app.queries import FileLine, StatusReport
from feedsvc.cli.as_json import build_value, receipt_value, status_value, to_json
from feedsvc.cli.commands import main
from feedsvc.cli.terminal import print_table
from feedsvc.cli.words import build_summary, problem_line, receipt_text, status_lines, status_summary
from feedsvc.model import FileState, Notice, Problem, Receipt, ReceiptEntry

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = ReceiptEntry(
    id="urn:uuid:1",
    title="عنوان",
    state="live",
    url="https://example.org/entries/x/",
    published=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    feeds=("main", "news"),
)
PUBLISHED = Receipt(
    path="news/a.txt",
    state=FileState.PUBLISHED,
    entries=(ENTRY,),
    notices=(
        Notice("W_REPEATED", "this paragraph stands twice", 5),
        Notice("H_BULLETIN", "several items? try profile: bulletin"),
        Notice("X", "seen"),
    ),
)
BROKEN = Receipt(
    path="b\udcff\n.md",
    state=FileState.QUARANTINED,
    problem=Problem("E_FRONTMATTER", "the date is none", "Write it as 2026-01-31.", 3, 7),
)
STATUS = StatusReport(
    files=(
        FileLine("news/a.txt", FileState.PUBLISHED, "عنوان"),
        FileLine("b\udcff\n.md", FileState.QUARANTINED, "[bold]line 3:[/bold]\tthe date"),
    ),
    counts={FileState.QUARANTINED: 1, FileState.PUBLISHED: 1},
    held_removals=(),
)


def test_receipt_tells_everything_an_editor_needs() -> None:
    """State, warnings with their lines, and for each entry title, id, page, date and feeds."""
    assert receipt_text(PUBLISHED).splitlines() == [
        "news/a.txt: published",
        "  warning in line 5: this paragraph stands twice [W_REPEATED]",
        "  hint: several items? try profile: bulletin [H_BULLETIN]",
        "  note: seen [X]",
        "  entry: عنوان",
        "    state: live",
        "    id: urn:uuid:1",
        "    page: https://example.org/entries/x/",
        "    published: 2026-01-02T03:04:05Z",
        "    feeds: main, news",
    ]


def test_receipt_of_a_problem_tells_place_cause_and_fix() -> None:
    """A file that cannot be published says where, why, and what to do; its odd name is shown safely."""
    assert receipt_text(BROKEN).splitlines() == [
        r"b\xff\n.md: quarantined, not published",
        "  problem: line 3, column 7: the date is none. [E_FRONTMATTER]",
        "  what to do: Write it as 2026-01-31.",
    ]
    assert problem_line(BROKEN) == r"b\xff\n.md: line 3, column 7: the date is none. Write it as 2026-01-31."


def test_receipt_shows_the_line_that_the_problem_is_about() -> None:
    """The line stands between problem and fix, with a caret; programs get it as it is, or null if there is none."""
    receipt = replace(BROKEN, excerpt="date:\tsoon")
    assert receipt_text(receipt).splitlines()[2:] == [
        "    3 | date: soon",
        "      |       ^",
        "  what to do: Write it as 2026-01-31.",
    ]
    value = receipt_value(receipt)
    assert value["problem"] == {
        "code": "E_FRONTMATTER",
        "cause": "the date is none",
        "fix": "Write it as 2026-01-31.",
        "line": 3,
        "column": 7,
        "text": "date:\tsoon",
    }
    assert "excerpt" not in value
    assert json.loads(to_json(receipt_value(BROKEN)))["problem"]["text"] is None
    assert receipt_value(PUBLISHED)["problem"] is None


@pytest.mark.parametrize(
    ("published", "line"),
    [
        (datetime(2033, 4, 1, 8, tzinfo=UTC), "appears: 2033-04-01 10:00 Europe/Berlin (2033-04-01T08:00:00Z)"),
        (
            datetime(2033, 1, 1, 8, 0, 7, tzinfo=UTC),
            "appears: 2033-01-01 09:00:07 Europe/Berlin (2033-01-01T08:00:07Z)",
        ),
        (datetime(9999, 12, 31, 23, 30, tzinfo=UTC), "appears: 9999-12-31T23:30:00Z"),
    ],
)
def test_coming_entry_tells_the_time_on_the_clock_of_the_site(published: datetime, line: str) -> None:
    """Summer and winter time are those of the date; UTC stands beside it, or alone where the zone has no such date."""
    scheduled = replace(ENTRY, state="scheduled", published=published)
    receipt = Receipt("a.md", FileState.SCHEDULED, entries=(scheduled,))
    assert f"    {line}" in receipt_text(receipt, ZoneInfo("Europe/Berlin")).splitlines()


def command(site: Path, *arguments: str) -> str:
    """Run a command on the project in *site* and return what it prints."""
    return CliRunner().invoke(main, ["--root", str(site), *arguments]).output


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a project with an empty inbox and a zone of its own."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text('[site]\ntimezone = "Europe/Berlin"\n')
    (tmp_path / "inbox").mkdir()
    return tmp_path


LATE = "---\ntitle: x\ndate: soon\n---\n\nText.\n"


def rested(path: Path, data: bytes) -> Path:
    """Write a file that looks as if it had lain there for an hour."""
    path.write_bytes(data)
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    os.utime(path, (an_hour_ago, an_hour_ago))
    return path


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_check_shows_the_line_of_a_file_anywhere(site: Path, ending: str, mark: bytes) -> None:
    """In the inbox and outside it, whatever ends its lines and begins the file, the line is the right one."""
    data = mark + LATE.replace("\n", ending).encode()
    for path in (rested(site / "inbox" / "a.md", data), rested(site / "desk.md", data)):
        assert "    3 | date: soon\n      |       ^\n" in command(site, "check", str(path))
        (value,) = json.loads(command(site, "check", "--json", str(path)))
        assert value["problem"]["text"] == "date: soon"


def test_status_shows_the_line_while_the_file_is_the_one_that_was_read(site: Path) -> None:
    """A file that was changed or deleted since has no line to show, but its problem is still told."""
    path = rested(site / "inbox" / "a.md", LATE.encode())
    command(site, "build")
    assert "    3 | date: soon\n" in command(site, "status", "a.md")
    rested(path, LATE.replace("soon", "never").encode())
    changed = command(site, "status", "a.md")
    path.unlink()
    for told in (changed, command(site, "status", "a.md")):
        assert "problem: line 3" in told
        assert " | " not in told


def test_check_shows_bytes_that_are_not_text_as_signs(site: Path) -> None:
    """The place of a wrong byte is seen, also in UTF-16; files that are no text at all are not shown."""
    latin = rested(site / "inbox" / "a.txt", b"One.\r\n\r\nCaf\xe9 open\r\n")
    assert "    3 | Caf� open\n      |    ^\n" in command(site, "check", str(latin))
    wide = rested(site / "inbox" / "b.txt", "é\nText".encode("utf-16") + b"x")
    assert "    2 | Text�\n" in command(site, "check", str(wide))
    told = command(site, "check", str(rested(site / "inbox" / "c.txt", b"GIF\0\n")))
    assert "problem: line 1" in told
    assert " | " not in told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1256"])
def test_line_is_shown_in_the_encoding_that_it_was_read_in(site: Path, encoding: str) -> None:
    """Whatever the file was saved in, the receipt shows words."""
    (site / "config" / "feedsvc.toml").write_text('[inbox]\nencodings = ["windows-1256"]\n')
    text = "---\ntitle: خبر المدينة\ndate: غدًا\n---\nنص الخبر هنا.\n"
    path = rested(site / "inbox" / "a.md", text.encode(encoding))
    (value,) = json.loads(command(site, "check", "--json", str(path)))
    assert value["problem"]["code"] == "E_DATE"
    assert value["problem"]["text"] == "date: غدًا"


def test_lines_of_warnings_are_shown(site: Path) -> None:
    """Under a warning or hint stands its line; programs get it as text, and only where there is one."""
    path = rested(site / "inbox" / "a.md", b"---\ntitle: x\ncategories: a\ndate: 2026-02-24\nnotify: no\n---\nText.\n")
    command(site, "build")
    for told in (command(site, "check", str(path)), command(site, "status", "a.md")):
        assert "did you mean tags? [W_KEY]\n    3 | categories: a\n" in told
        assert " [H_ZONE]\n    4 | date: 2026-02-24\n" in told
    (value,) = json.loads(command(site, "check", "--json", str(path)))
    assert [notice["text"] for notice in value["notices"]] == ["categories: a", "date: 2026-02-24"]
    assert "notice_excerpts" not in value


def test_status_of_a_coming_entry_uses_the_zone_of_the_site(site: Path) -> None:
    """The settings name the zone; the receipt shows the hour that was written."""
    rested(site / "inbox" / "a.md", LATE.replace("soon", "2033-04-01 10:00").encode())
    command(site, "build")
    line = "    appears: 2033-04-01 10:00 Europe/Berlin (2033-04-01T08:00:00Z)\n"
    assert line in command(site, "status", "a.md")
    assert line in command(site, "check", "a.md")


@pytest.mark.parametrize(
    ("problem", "start"),
    [(Problem("E", "Odd!", "Fix."), "a: Odd! Fix."), (Problem("E", "odd", "Fix.", 2), "a: line 2: odd. Fix.")],
)
def test_place_of_a_problem_is_as_exact_as_known(problem: Problem, start: str) -> None:
    """Without a line none is made up."""
    assert problem_line(Receipt("a", FileState.QUARANTINED, problem=problem)) == start


def test_receipt_of_a_duplicate_names_the_original() -> None:
    """The editor learns which file stands for this one; an entry of a draft has neither date nor feeds."""
    draft = ReceiptEntry("urn:uuid:2", "T", "draft", "https://example.org/entries/t/", None, ())
    receipt = Receipt("b.txt", FileState.DUPLICATE, entries=(draft,), duplicate_of="a\udcff.txt")
    lines = receipt_text(receipt).splitlines()
    assert lines[:2] == ["b.txt: duplicate, not published again", r"  same content as: a\xff.txt"]
    assert lines[-1] == "    feeds: none"
    assert receipt_value(receipt)["duplicate_of"] == r"a\xff.txt"
    assert problem_line(receipt) == "b.txt: duplicate, not published again"


def test_build_is_one_line_in_words_and_all_of_it_in_json() -> None:
    """Counts read naturally; JSON has the receipts of the problems, with text in its own script."""
    report = BuildReport(
        files=2,
        entries=1,
        feeds_written=1,
        counts={FileState.QUARANTINED: 1, FileState.PUBLISHED: 1},
        problems=(BROKEN,),
    )
    assert build_summary(report) == "2 files (1 published, 1 quarantined); 1 entry; 1 feed written"
    value = json.loads(to_json(build_value(report)))
    assert value["counts"] == {"quarantined": 1, "published": 1}
    assert value["problems"][0]["path"] == r"b\xff\n.md"
    assert value["problems"][0]["problem"]["line"] == 3
    empty = BuildReport(files=0, entries=0, feeds_written=0, counts={}, problems=())
    assert build_summary(empty) == "0 files; 0 entries; 0 feeds written"


def test_json_of_a_receipt_is_complete() -> None:
    """A program gets every field; times are RFC 3339."""
    text = to_json(receipt_value(PUBLISHED))
    assert "عنوان" in text
    value = json.loads(text)
    assert value["state"] == "published"
    assert value["entries"][0]["published"] == "2026-01-02T03:04:05Z"
    assert value["entries"][0]["feeds"] == ["main", "news"]
    assert value["notices"][0] == {"code": "W_REPEATED", "message": "this paragraph stands twice", "line": 5}


def test_status_in_a_pipe_is_one_line_a_file() -> None:
    """Tabs separate state, path and detail, and no name or detail can forge a line or a column."""
    assert list(status_lines(STATUS)) == [
        "published\tnews/a.txt\tعنوان",
        "quarantined\tb\\xff\\n.md\t[bold]line 3:[/bold]\\tthe date",
    ]
    assert json.loads(to_json(status_value(STATUS)))["files"][1] == {
        "path": r"b\xff\n.md",
        "state": "quarantined",
        "detail": "[bold]line 3:[/bold]\tthe date",
    }


def test_status_summary_adds_up_and_tells_of_held_removals() -> None:
    """The total is the number of files; a held mass removal names the command that ends it."""
    assert status_summary(STATUS) == "2 files: 1 published, 1 quarantined"
    held = StatusReport(files=(), counts={}, held_removals=("a.txt", "b.txt"))
    first, second = status_summary(held).splitlines()
    assert first == "0 files"
    assert second.startswith("2 files have vanished at once; ")
    assert second.endswith("feedsvc confirm-removals")


@pytest.mark.parametrize("is_colour_wanted", [True, False])
def test_table_colours_states_and_honours_no_color(monkeypatch: pytest.MonkeyPatch, is_colour_wanted: bool) -> None:
    """On a terminal the states are coloured unless NO_COLOR is set; names are never read as markup."""
    if is_colour_wanted:
        monkeypatch.delenv("NO_COLOR", raising=False)
    else:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    page = io.StringIO()
    print_table(STATUS, Console(file=page, force_terminal=True, width=100))
    assert ("\x1b[32mpublished" in page.getvalue()) is is_colour_wanted
    assert "[bold]line 3:" in page.getvalue()
    assert "\\xff\\n.md" in page.getvalue()
