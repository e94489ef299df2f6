"""The documents of one feed, worked out from values alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from render_samples import ARABIC, ENGLISH, MAIN, SITE

from feedsvc.errors import RenderError
from feedsvc.model import Entry, Format
from feedsvc.publish import Limits
from feedsvc.publish.documents import Fragments, feed_documents

LIMITS = Limits(entries=50, max_bytes=1_000_000)
FIRST_DAY = ENGLISH.published


def documents(*entries: Entry, limits: Limits = LIMITS, capacity: int = 100) -> dict[str, bytes]:
    return feed_documents(MAIN, entries, SITE, Fragments(SITE, capacity), limits, FIRST_DAY)


def test_a_rendered_entry_is_kept() -> None:
    """Asked for again it is the very same object; another revision, time or format is another fragment."""
    fragments = Fragments(SITE, 100)
    first = fragments.get(Format.ATOM, ENGLISH)
    assert fragments.get(Format.ATOM, replace(ENGLISH)) is first
    later = replace(ENGLISH, revision=2, title="Second")
    assert b"Second" in fragments.get(Format.ATOM, later)
    assert fragments.get(Format.RSS, ENGLISH) != first
    moved = replace(ENGLISH, published=ARABIC.published.replace(year=2020))
    assert b"2020-" in fragments.get(Format.ATOM, moved)


def test_the_least_used_fragments_are_given_up() -> None:
    """Memory stays bounded; what is used stays."""
    fragments = Fragments(SITE, 2)
    english = fragments.get(Format.ATOM, ENGLISH)
    arabic = fragments.get(Format.ATOM, ARABIC)
    assert fragments.get(Format.ATOM, ENGLISH) is english
    fragments.get(Format.RSS, ENGLISH)
    assert fragments.get(Format.ATOM, ENGLISH) is english
    again = fragments.get(Format.ATOM, ARABIC)
    assert again is not arabic
    assert again == arabic


def test_how_much_is_remembered_does_not_show() -> None:
    """A cache of one makes the same documents as a large one."""
    assert documents(ENGLISH, ARABIC, capacity=1) == documents(ENGLISH, ARABIC)


def test_an_empty_feed_carries_the_first_day() -> None:
    """Its update time is no clock's business."""
    assert b"2026-01-02T09:30:00" in documents()["atom.xml"]


@pytest.mark.parametrize("changes", [{"id": " "}, {"title": ""}, {"title": "\x0b"}, {"body_html": "\ud800"}])
def test_the_culprit_is_named(changes: dict[str, Any]) -> None:
    """Whether writing fails or the look at the finished document, it is known which entry is at fault."""
    culprit = replace(ARABIC, **changes)
    with pytest.raises(RenderError) as caught:
        documents(ENGLISH, culprit)
    assert caught.value.entry_id == culprit.id


def test_an_id_that_occurs_twice_is_refused() -> None:
    """Readers would show one of the two only."""
    with pytest.raises(RenderError, match="twice") as caught:
        documents(ENGLISH, replace(ARABIC, id=ENGLISH.id))
    assert caught.value.entry_id == ENGLISH.id
