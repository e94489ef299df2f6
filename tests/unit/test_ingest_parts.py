"""Smaller promises of ingest: signatures, many files at once, removal limits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from newsroom import Newsroom, article

from feedsvc.ingest import RemovalPolicy
from feedsvc.ingest.removals import InboxFacts, decide_removals

PATHS = frozenset(f"{n}.md" for n in range(40))
FORKING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from newsroom import Newsroom, article
room = Newsroom(Path(sys.argv[1]))
for number in range(1700):
    (room.inbox / f"{number:04}.md").write_text(article(f"Number {number}"))
(room.inbox / "broken.md").write_text("---\\ntitle: [")
told = []
paths = room.ingest.look()[1]
report = room.ingest.process(paths, may_fork=True, on_batch=told.append)
with room.store.reading() as unit:
    counts = {state.value: n for state, n in unit.file_counts().items()}
print(len(report.files), sum(told), counts["published"], counts["quarantined"], list(report.files) == paths)
room.store.close()
"""


def test_the_signature_of_a_path(tmp_path: Path) -> None:
    """It is that of the scan, changes with the file, and is None where nothing is."""
    room = Newsroom(tmp_path)
    room.write("news/a.md", article("A"))
    first = room.ingest.signature("news/a.md")
    assert first == room.ingest.look()[0].files["news/a.md"]
    room.write("news/a.md", article("Longer"))
    assert room.ingest.signature("news/a.md") != first
    assert room.ingest.signature("news/none.md") is None
    room.store.close()


def test_helper_processes_read_as_we_do(tmp_path: Path) -> None:
    """Many files at once are read by helpers: every file once, in order, a broken one as well."""
    command = [sys.executable, "-c", FORKING, str(tmp_path), str(Path(__file__).parents[1])]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout == "1701 1701 1700 1 True\n"
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("missing", "published", "present", "was_replaced", "is_held"),
    [
        (5, 5, 9, False, False),
        (6, 10, 4, False, True),
        (8, 40, 32, False, False),
        (9, 40, 31, False, True),
        (1, 1, 0, False, False),
        (1, 1, 0, True, True),
        (2, 2, 0, False, True),
        (1, 9, 8, True, True),
    ],
)
def test_what_is_too_much_to_believe(
    missing: int, published: int, present: int, *, was_replaced: bool, is_held: bool
) -> None:
    """More than five files and a fifth of all, everything there was, or anything at all in another folder."""
    gone = frozenset(sorted(PATHS)[:missing])
    facts = InboxFacts(gone, published, present, was_replaced)
    decision = decide_removals(facts, gone, frozenset(), RemovalPolicy(60, 5, 20))
    assert (decision.withdraw, decision.held) == ((frozenset(), gone) if is_held else (gone, frozenset()))
    assert decide_removals(facts, gone, gone, RemovalPolicy(60, 5, 20)).withdraw == gone


@pytest.mark.parametrize("missing", [1, 5])
def test_what_is_left_of_a_hold_gets_another_grace(missing: int) -> None:
    """Files that were held are not withdrawn because others came back; confirmed ones are, and new losses too."""
    policy = RemovalPolicy(60, 5, 20)
    gone = frozenset(sorted(PATHS)[:missing])
    facts = InboxFacts(gone, 40, 35, was_replaced=False)
    decision = decide_removals(facts, gone, frozenset(), policy, held_so_far=PATHS)
    assert (decision.withdraw, decision.held, decision.spared) == (frozenset(), frozenset(), gone)
    assert decide_removals(facts, gone, gone, policy, held_so_far=PATHS).withdraw == gone
    assert decide_removals(facts, gone, frozenset(), policy, held_so_far=PATHS - gone).withdraw == gone


def test_nothing_is_decided_before_a_grace_is_over() -> None:
    """However much is missing, it may come back."""
    facts = InboxFacts(PATHS, 40, 0, was_replaced=True)
    decision = decide_removals(facts, frozenset(), frozenset(), RemovalPolicy(60, 5, 20))
    assert (decision.withdraw, decision.held) == (frozenset(), frozenset())
