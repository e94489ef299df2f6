"""What a store remembers of files that go with texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from render_samples import ENGLISH

from feedsvc.model import (
    Enclosure,
    EntryRecord,
    EntryState,
    FileSignature,
    FileState,
    MediaUse,
    SourceFile,
)
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedsvc.model import Entry
    from feedsvc.protocols import Store

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIGNATURE = FileSignature(1, 2, 3, 4)
ORIGIN = "https://site.invalid"


@pytest.fixture(params=["sqlite"])
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_sqlite(str(tmp_path / "state.sqlite3"))
    yield opened
    opened.close()


def name(number: int) -> str:
    return f"{number:064x}.png"


def source(path: str, *media: MediaUse) -> SourceFile:
    return SourceFile(path, SIGNATURE, "hash", FileState.PUBLISHED, NOON, media=media)


def keep(store: Store, entry: Entry, state: EntryState = EntryState.LIVE) -> None:
    record = EntryRecord(
        entry.id, entry.source_path, "", "", state, entry.revision, entry.slug, "print", NOON, NOON, None, True
    )  # fmt: skip
    with store.writing() as unit:
        unit.put_entries([record])
        unit.add_revisions([entry], NOON)


def test_uses_come_back_as_they_were(store: Store) -> None:
    """Paths of any bytes, signatures and names survive; a text that names nothing any more is left out."""
    uses = (MediaUse("a/caf\udce9.png", SIGNATURE, name(1)), MediaUse("نشرة.mp3", FileSignature(0, 0, 0, 0), ""))
    with store.writing() as unit:
        unit.put_sources([source("one.md", *uses), source("two.md"), source("b\udcff.md", uses[0])])
    with store.reading() as unit:
        assert unit.media_uses() == {"one.md": uses, "b\udcff.md": uses[:1]}
        assert unit.source("one.md") == source("one.md", *uses)
    with store.writing() as unit:
        unit.put_sources([source("one.md")])
        unit.forget_sources(["b\udcff.md"])
    with store.reading() as unit:
        assert unit.media_uses() == {}


def test_media_of_an_entry_come_back(store: Store) -> None:
    """Enclosures with all that is known of them, and the main image."""
    enclosures = (
        Enclosure(f"{ORIGIN}/media/{name(1)}", "image/png", 7, ""),
        Enclosure("https://cdn.example/a.mp3", "audio/mpeg", None, "حديث “1”"),
    )
    entry = replace(ENGLISH, enclosures=enclosures, image=enclosures[0].url)
    keep(store, entry)
    with store.reading() as unit:
        (found,) = unit.entries([entry.id])
    assert (found.enclosures, found.image) == (enclosures, entry.image)


def test_names_of_copies_that_are_needed(store: Store) -> None:
    """What an entry shows in its newest text, or a file names, is needed; what was withdrawn or replaced is not."""
    shown = replace(ENGLISH, enclosures=(Enclosure(f"{ORIGIN}/media/{name(1)}", "image/png", 7, ""),))
    inline = replace(ENGLISH, id="urn:x:2", slug="2", body_html=f'<img src="{ORIGIN}/media/{name(2)}">')
    gone = replace(ENGLISH, id="urn:x:3", slug="3", body_html=f'<img src="{ORIGIN}/media/{name(3)}">')
    keep(store, shown)
    keep(store, inline)
    keep(store, gone, EntryState.WITHDRAWN)
    with store.writing() as unit:
        unit.put_sources([source("a.md", MediaUse("x.png", SIGNATURE, name(4)), MediaUse("y.png", SIGNATURE, ""))])
    with store.reading() as unit:
        assert unit.media_names() == {name(1), name(2), name(4)}
    keep(store, replace(inline, revision=2, body_html="<p>Words</p>"))
    with store.reading() as unit:
        assert unit.media_names() == {name(1), name(4)}
