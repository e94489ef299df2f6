"""Hostile and clumsy files, one by one: each has its outcome, and none harms its neighbour or is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aftermath import assert_goes_on, inventory
from case_table import CASES, IGNORED, MAX_BYTES, PUBLISHED, TEXT, Case
from newsroom import EMPTY_WAIT_S, Newsroom, article

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.model import Receipt


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case-{case.row}")
def test_file_has_its_outcome(case: Case, tmp_path: Path) -> None:
    """State and codes are as listed, checking says the same, and nobody else notices anything."""
    room, receipt = drop(tmp_path, case.path, case.data)
    assert (receipt.state, sorted(codes_of(receipt))) == (case.state, sorted(case.codes))
    room.store.close()


def drop(folder: Path, path: str, data: bytes) -> tuple[Newsroom, Receipt]:
    """Drop a file beside a good one, and check all that is true whatever it holds; returns what became of it.

    Checked before and after, it has the very receipt that it got; neighbours from before and after it are published,
    the feeds are valid, and nothing in the inbox was touched.
    """
    room = Newsroom(folder, max_bytes=MAX_BYTES)
    room.write("neighbour.md", article("Neighbour"))
    room.write(path, data)
    before, foretold = inventory(room.inbox), room.check(path)
    room.scan()
    room.clock.advance(EMPTY_WAIT_S + 1)
    room.scan()
    receipt = room.receipt(path)
    assert foretold == receipt
    assert room.check(path) == receipt
    assert inventory(room.inbox) == before
    assert room.state("neighbour.md") is PUBLISHED
    assert_goes_on(room)
    return room, receipt


def codes_of(receipt: Receipt) -> list[str]:
    """Return the codes of the problem and the notices of a receipt."""
    problems = [receipt.problem.code] if receipt.problem else []
    return [*problems, *(notice.code for notice in receipt.notices)]


@pytest.mark.parametrize(
    "name",
    [".hidden.txt", "_draft.txt", "a.txt~", "#a.txt#", ".#a.txt", ".a.txt.swp", "4913", ".goutputstream-X", "a.tmp",
     "a.part", "a.filepart", "a.crdownload", ".syncthing.a.txt.tmp", "~syncthing~a.txt", ".~lock.a.txt#", "._a.txt",
     ".DS_Store", "Thumbs.db"],
    ids=lambda name: f"case-2.7-{name}",
)  # fmt: skip
def test_program_files_are_passed_over_in_silence(name: str, tmp_path: Path) -> None:
    """The store never hears of them, and who asks is told that such names are ignored."""
    room = Newsroom(tmp_path)
    room.write("neighbour.md", article("Neighbour"))
    room.write(name, TEXT)
    before = inventory(room.inbox)
    room.scan()
    assert not room.is_known(name)
    receipt = room.check(name)
    assert (receipt.state, codes_of(receipt)) == (IGNORED, ["I_NAME"])
    assert inventory(room.inbox) == before
    assert room.live_titles() == ["Neighbour"]
    assert_goes_on(room)
    room.store.close()
