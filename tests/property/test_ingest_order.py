"""The order in which files arrive does not show in what readers see."""

from __future__ import annotations

import tempfile
from pathlib import Path

import needs
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import Newsroom, article

PATHS = ("a.md", "b.md", "c.txt", "news/a.md", "news/b.md", "sport/deep/c.md", "أخبار/ترام.md")

Seen = dict[str, tuple[object, ...]]


def outcome(order: list[str], cuts: list[int], *, is_dated: bool) -> Seen:
    """Let the files arrive in *order*, read in groups that end at *cuts*, and return what readers see."""
    with tempfile.TemporaryDirectory() as folder:
        room = Newsroom(Path(folder))
        try:
            for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
                for path in order[start:end]:
                    header = {"date": "2026-02-01T08:00:00Z"} if is_dated else {}
                    room.write(path, article(f"About {path}", f"Text of {path}.", **header))
                room.read(*order[start:end])
            room.scan()
            shown = {path: room.entry(path) for path in PATHS}
            return {
                path: (e.id, e.slug, e.published, e.updated, e.body_html, room.feeds_of(path))
                for path, e in shown.items()
            }
        finally:
            room.store.close()


@settings(max_examples=max(5, int(12 * needs.scale())))
@given(st.permutations(PATHS), st.lists(st.integers(0, len(PATHS)), max_size=4).map(sorted), st.booleans())
def test_order_and_grouping_do_not_show(order: list[str], cuts: list[int], is_dated: bool) -> None:
    """One by one or all at once, in any order: same ids, addresses, times and feeds."""
    assert outcome(order, cuts, is_dated=is_dated) == outcome(list(PATHS), [], is_dated=is_dated)
