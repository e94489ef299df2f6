"""When a dirty path has rested long enough."""

from __future__ import annotations

from feedsvc.ingest import Pending, Settler
from feedsvc.model import FileSignature

SEEN = FileSignature(1, 2, 3, 4)


def settler(**hints: Pending) -> Settler:
    made = Settler()
    for path, hint in hints.items():
        made.mark(path, hint)
    return made


def test_a_path_is_due_at_its_time_and_only_once() -> None:
    """Not before, and not again."""
    pending = settler(a=Pending(10.0), b=Pending(20.0))
    assert (pending.next_due(), len(pending), "a" in pending) == (10.0, 2, True)
    assert pending.take(9.9) == {}
    assert pending.take(10.0) == {"a": Pending(10.0)}
    assert pending.take(10.0) == {}
    assert (pending.next_due(), len(pending), "a" in pending) == (20.0, 1, False)
    assert pending.take(99.0) == {"b": Pending(20.0)}
    assert pending.next_due() is None


def test_the_latest_hint_counts() -> None:
    """Every event makes the rest begin anew; a close makes it short."""
    pending = settler(a=Pending(10.0))
    pending.mark("a", Pending(12.0, seen=SEEN))
    assert pending.take(11.0) == {}
    pending.mark("a", Pending(11.5))
    assert pending.take(11.5) == {"a": Pending(11.5)}


def test_where_a_file_came_from_is_not_forgotten() -> None:
    """Events after the rename do not name the old path any more."""
    pending = settler(new=Pending(10.0, "old"))
    pending.mark("new", Pending(12.0, seen=SEEN))
    assert pending.take(12.0) == {"new": Pending(12.0, "old", SEEN)}


def test_a_chain_of_renames_leads_to_its_start() -> None:
    """What was renamed three times comes from where it was first."""
    pending = settler(b=Pending(1.0, "a"), c=Pending(2.0, "b"), d=Pending(3.0, "c"))
    assert pending.take(3.0)["d"].moved_from == "a"


def test_files_that_traded_names_are_due_together() -> None:
    """The first of them is due: all the others are read with it, whatever their own time; strangers are not."""
    pending = settler(a=Pending(10.0, "b"), b=Pending(10.1, "a"), c=Pending(10.2), x=Pending(10.1))
    assert set(pending.take(10.0)) == {"a", "b"}
    circle = settler(a=Pending(10.1, "b"), b=Pending(10.0, "c"), c=Pending(10.2, ".spare"), x=Pending(10.1, "y"))
    assert set(circle.take(10.0)) == {"a", "b", "c"}
    assert set(circle.take(10.1)) == {"x"}


def test_a_file_that_is_still_being_written_is_not_hurried() -> None:
    """A partner that nobody closed yet keeps its own rest."""
    pending = settler(a=Pending(10.0, "b"), b=Pending(12.0, "a", SEEN))
    assert set(pending.take(10.0)) == {"a"}
    assert set(pending.take(12.0)) == {"b"}
