"""Receipts and reports as people and programs read them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from feedsvc.app import BuildReport, FileLine, StatusReport
from feedsvc.cli.as_json import build_value, receipt_value, status_value, to_json
from feedsvc.cli.terminal import print_table
from feedsvc.cli.words import build_summary, problem_line, receipt_text, status_lines, status_summary
from feedsvc.model import FileState, Notice, Problem, Receipt, ReceiptEntry

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
