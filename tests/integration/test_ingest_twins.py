"""Names that some systems cannot keep apart: both files are published, and each receipt names the other (2.50)."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsroom import Newsroom, article

from feedsvc.ingest import Twins
from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMPOSED, DECOMPOSED = "caf\u00e9.md", "cafe\u0301.md"
names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def warnings(room: Newsroom, path: str) -> list[str]:
    return [notice.message for notice in room.receipt(path).notices if notice.code == "W_TWIN"]


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("a.md", "A.md", "A.md"),
        ("a.md", "a.MD", "a.MD"),
        ("news/a.md", "News/a.md", "News/a.md"),
        ("Straße.md", "STRASSE.md", "STRASSE.md"),
        (COMPOSED, DECOMPOSED, "cafe\\u0301.md"),
        (DECOMPOSED, COMPOSED, "caf\\xe9.md"),
        ("\u0622.md", "\u0627\u0653.md", "\\u0627\\u0653.md"),
    ],
)
@pytest.mark.parametrize("is_together", [True, False])
@pytest.mark.case("1.25", "2.50")
def test_twins_are_both_published(room: Newsroom, one: str, other: str, shown: str, *, is_together: bool) -> None:
    """With ids and addresses of their own, whether they came together or not; each receipt names the other."""
    for path in (one, other):
        room.write(path, article("The same title", f"The text of {len(path)} and {path.encode()!r}."))
        if not is_together:
            room.scan()
    room.scan()
    entries = [room.entry(path) for path in (one, other)]
    assert [room.state(path) for path in (one, other)] == [FileState.PUBLISHED] * 2
    assert len({entry.id for entry in entries}) == len({entry.slug for entry in entries}) == 2
    (warning,) = warnings(room, one)
    assert shown in warning
    assert len(warnings(room, other)) == 1
    assert room.check(one) == room.receipt(one)
    before = room.ids([one, other])
    room.upgrade()
    room.scan()
    assert room.ids([one, other]) == before


@pytest.mark.case("1.25")
def test_the_warning_ends_with_the_twin(room: Newsroom) -> None:
    """Renamed, deleted, or never meant to be published: nothing to warn of."""
    for path in ("a.md", "A.md", "B.md"):
        room.write(path, article(f"About {path}"))
    room.write("b.md~", "a backup")
    room.scan()
    assert [len(warnings(room, path)) for path in ("a.md", "A.md", "B.md")] == [1, 1, 0]
    room.rename("A.md", "c.md")
    room.scan()
    assert [len(warnings(room, path)) for path in ("a.md", "c.md")] == [0, 0]


@pytest.mark.case("2.50")
def test_a_check_warns_before_the_twin_is_there(room: Newsroom) -> None:
    """Whoever asks beforehand can still choose another name."""
    room.write("a.md", article("One"))
    room.scan()
    room.write("A.md", article("Other"))
    assert [notice.code for notice in room.check("A.md").notices] == ["W_TWIN"]


@pytest.mark.case("1.25")
def test_a_change_of_composition_keeps_the_id(room: Newsroom) -> None:
    """Some systems rewrite names when files pass through them: that is a rename, not another file."""
    room.write(COMPOSED, article("Coffee"))
    room.scan()
    before = room.entry(COMPOSED)
    room.rename(COMPOSED, DECOMPOSED)
    room.scan()
    assert (room.entry(DECOMPOSED).id, warnings(room, DECOMPOSED)) == (before.id, [])


@given(names)
def test_a_name_is_the_twin_of_its_other_forms(name: str) -> None:
    """In any script; and never of itself."""
    forms = {name, name.upper(), unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)}
    twins = Twins(forms)
    for form in {name, unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)}:
        assert form not in twins.of(form)
        assert set(twins.of(form)) >= {unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)} - {form}
        for notice in twins.notices(form):
            notice.message.encode("utf-8")


def test_bytes_that_are_no_text_have_twins_too() -> None:
    """The case of the letters around them is all that can be told."""
    odd = [os.fsdecode(b"A\xff.md"), os.fsdecode(b"a\xff.md"), os.fsdecode(b"a\xfe.md")]
    twins = Twins(odd)
    assert [twins.of(path) for path in odd] == [[odd[1]], [odd[0]], []]
    assert "A\\xff.md" in twins.notices(odd[1])[0].message
