"""What every store promises, whichever database it stands on.

A new implementation joins by adding itself to ``OPENERS``.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from feedsvc.model import (
    SILENT,
    Change,
    ChangeKind,
    Entry,
    EntryRecord,
    EntryState,
    FeedRecord,
    FileSignature,
    FileState,
    KnownFile,
    Notice,
    Problem,
    SourceFile,
    Telling,
)
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from feedsvc.protocols import Store, WriteUnit

OPENERS: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: open_sqlite(str(folder / "store.sqlite3"))}

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
MANY = 1200
"""More values than one statement takes."""
ODD_PATHS = (os.fsdecode(b"caf\xe9.txt"), os.fsdecode(b"\xff\xfe/\x80.md"), "أخبار/ترام.md", "a\nb.txt", "x'; --.txt")
THREADS, ROUNDS = 8, 25


@pytest.fixture(params=sorted(OPENERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = OPENERS[request.param](tmp_path)
    yield opened
    opened.close()


def signature(number: int = 1) -> FileSignature:
    return FileSignature(device=7, inode=number, size=100, mtime_ns=1_772_000_000_123_456_789)


def source(path: str, number: int = 1, **changes: Any) -> SourceFile:
    return replace(SourceFile(path, signature(number), f"hash {number}", FileState.PUBLISHED, NOON), **changes)


def record(name: str, **changes: Any) -> EntryRecord:
    plain = EntryRecord(
        id=f"urn:x:{name}",
        source_path=f"{name}.md",
        item_key="",
        folder="",
        state=EntryState.LIVE,
        revision=1,
        slug=f"slug-{name}",
        fingerprint=f"print {name}",
        published=NOON,
        updated=NOON,
        expires=None,
        was_published=True,
    )
    return replace(plain, **changes)


def entry(of: EntryRecord, **changes: Any) -> Entry:
    plain = Entry(
        id=of.id,
        revision=of.revision,
        state=of.state,
        source_path=of.source_path,
        folder=of.folder,
        slug=of.slug,
        title=f"Title of {of.slug}",
        summary="Summary",
        body_html="<p>متن & text</p>",
        language="en",
        direction="ltr",
        authors=(),
        tags=(),
        link=None,
        published=of.published,
        updated=of.updated,
        expires=of.expires,
    )
    return replace(plain, **changes)


def keep(store: Store, *records: EntryRecord, feeds: Sequence[str] = ()) -> None:
    """Store entries with a text each; live ones go into *feeds*."""
    with store.writing() as unit:
        unit.put_entries(records)
        unit.add_revisions([entry(one) for one in records], NOON)
        seq = unit.add_changes([(one.id, one.revision, ChangeKind.PUBLISHED) for one in records], NOON)
        for slug in feeds:
            unit.put_feed(slug, None)
        unit.set_membership({one.id: (one.published, tuple(feeds)) for one in records}, seq)


def keep_sources(store: Store, *files: SourceFile) -> None:
    with store.writing() as unit:
        unit.put_sources(files)


# Transactions


def test_a_new_store_is_empty(store: Store) -> None:
    """Every question has an answer before anything was written."""
    with store.reading() as unit:
        assert (unit.meta("x"), unit.known_files(), unit.source("a"), list(unit.sources())) == (None, {}, None, [])
        assert (unit.file_counts(), unit.records_of(["a"]), unit.records(["a"]), unit.due(NOON)) == ({}, {}, {}, [])
        assert (unit.look_alikes(["h"], [signature()]), unit.duplicates_of(["a"])) == ([], {})
        assert (unit.taken_slugs(["s"]), unit.entries(["a"]), unit.window("main", 9)) == (set(), [], [])
        assert (unit.feeds_with(["a"]), unit.live_ids(), unit.feeds()) == ({}, [], [])
        assert (unit.changes(0, 9), unit.last_seq()) == ([], 0)


def test_empty_collections_are_no_work(store: Store) -> None:
    """Asking about nothing and writing nothing is allowed everywhere."""
    with store.writing() as unit:
        unit.put_sources([])
        unit.touch_sources({})
        unit.forget_sources([])
        unit.mark_missing([], NOON)
        unit.put_entries([])
        unit.add_revisions([], NOON)
        assert unit.add_changes([], NOON) == 0
        unit.set_membership({}, 0)
        unit.touch_feeds([], 0)
        unit.touch_feeds(None, 0)
        assert (unit.known_files([]), unit.look_alikes([], []), unit.records([]), unit.entries([])) == ({}, [], {}, [])


def test_an_exception_rolls_everything_back(store: Store) -> None:
    """Nothing of a unit stays that ends with an exception, and the store goes on working."""
    with store.writing() as unit:
        unit.set_meta("kept", "1")

    def fail_half_way(unit: WriteUnit) -> None:
        unit.set_meta("kept", "2")
        unit.put_sources([source("a.md")])
        unit.put_entries([record("a")])
        unit.add_changes([("urn:x:a", 1, ChangeKind.PUBLISHED)], NOON)
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"), store.writing() as unit:
        fail_half_way(unit)
    with store.reading() as unit:
        assert (unit.meta("kept"), unit.known_files(), unit.live_ids(), unit.last_seq()) == ("1", {}, [], 0)
    with store.writing() as unit:
        unit.set_meta("kept", "3")
    with store.reading() as unit:
        assert unit.meta("kept") == "3"


def test_a_writer_sees_its_own_writes(store: Store) -> None:
    """What a unit wrote it can read back before it is committed."""
    with store.writing() as unit:
        unit.put_sources([source("a.md")])
        unit.put_entries([record("a")])
        unit.add_revisions([entry(record("a"))], NOON)
        assert unit.source("a.md") == source("a.md")
        assert unit.entries(["urn:x:a"]) == [entry(record("a"))]
        assert unit.add_changes([("urn:x:a", 1, ChangeKind.PUBLISHED)], NOON) == unit.last_seq() > 0


def test_others_see_a_unit_only_when_it_is_done(store: Store) -> None:
    """Uncommitted writes are invisible to readers, who need not wait."""
    with store.writing() as writer:
        writer.set_meta("key", "value")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(_read_meta, store).result(timeout=30) is None
    assert _read_meta(store) == "value"


def _read_meta(store: Store) -> str | None:
    with store.reading() as unit:
        return unit.meta("key")


def test_a_view_stays_as_it_was_while_others_write(store: Store) -> None:
    """Everything read inside one view belongs to one moment, however much is committed meanwhile."""
    keep(store, record("a"), feeds=["main"])
    with store.reading() as unit:
        before = (unit.last_seq(), unit.live_ids())
        with ThreadPoolExecutor(1) as pool:
            pool.submit(keep, store, record("b"), feeds=["main"]).result(timeout=30)
        assert (unit.last_seq(), unit.live_ids()) == before
        assert [shown.id for shown in unit.window("main", 9)] == ["urn:x:a"]
    with store.reading() as unit:
        assert unit.live_ids() == ["urn:x:a", "urn:x:b"]


def test_writers_in_many_threads_lose_nothing(store: Store) -> None:
    """Read, add one, write back: with eight threads at it no addition is lost, because writers wait for each other."""
    start = threading.Barrier(THREADS)

    def count_up() -> None:
        start.wait()
        for _ in range(ROUNDS):
            with store.writing() as unit:
                unit.set_meta("count", str(int(unit.meta("count") or 0) + 1))

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(count_up) for _ in range(THREADS)]:
            future.result(timeout=120)
    with store.reading() as unit:
        assert unit.meta("count") == str(THREADS * ROUNDS)


def test_a_reader_never_sees_half_a_unit(store: Store) -> None:
    """Readers beside a writer find two values that are written together always equal."""
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(100):
                with store.writing() as unit:
                    unit.set_meta("one", str(number))
                    unit.set_meta("two", str(number))
        finally:
            done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not done.is_set():
            with store.reading() as unit:
                assert unit.meta("one") == unit.meta("two")
        writing.result(timeout=60)


# Meta


def test_meta_values_are_kept_replaced_and_forgotten(store: Store) -> None:
    """The last value counts; None takes the key away, also one that never was."""
    for value in ("first", "ثانٍ", "", None, None):
        with store.writing() as unit:
            unit.set_meta("key", value)
        with store.reading() as unit:
            assert unit.meta("key") == value
            assert unit.meta("other") is None


# Source files


FULL = source(
    "news/a.md",
    state=FileState.QUARANTINED,
    notices=(Notice("W_ONE", "sentence “one”", 3), Notice("H_TWO", "two")),
    problem=Problem("E_BAD", "cause", "fix", 4, 5),
    duplicate_of=ODD_PATHS[0],
    missing_since=NOON + timedelta(microseconds=1),
)


@pytest.mark.parametrize("file", [FULL, source("plain.md")], ids=["full", "plain"])
def test_a_source_file_comes_back_as_it_went_in(store: Store, file: SourceFile) -> None:
    """No attribute is lost or changed; times keep their microseconds and are in UTC."""
    keep_sources(store, file)
    with store.reading() as unit:
        back = unit.source(file.path)
        assert back == file
        assert back is not None
        assert back.first_seen.tzinfo is UTC
        assert list(unit.sources()) == [file]
        problem = file.problem.code if file.problem else ""
        is_missing = file.missing_since is not None
        light = KnownFile(file.path, file.signature, file.content_hash, file.state, problem, is_missing)
        assert unit.known_files() == {file.path: light}


def test_large_numbers_fit(store: Store) -> None:
    """Inodes of network file systems, sizes and nanoseconds use all 63 bits."""
    large = FileSignature(2**63 - 1, 2**63 - 1, 2**63 - 1, 2**63 - 1)
    keep_sources(store, source("a.md", signature=large))
    with store.reading() as unit:
        assert unit.known_files(["a.md"])["a.md"].signature == large
        assert [known.path for known in unit.look_alikes([], [large])] == ["a.md"]


def test_a_source_file_is_replaced_by_path(store: Store) -> None:
    """The same path twice is one file, with its newest state."""
    keep_sources(store, FULL)
    keep_sources(store, source(FULL.path, 2))
    with store.reading() as unit:
        assert list(unit.sources()) == [source(FULL.path, 2)]


def test_paths_that_are_not_utf8_round_trip(store: Store) -> None:
    """Undecodable bytes, line breaks and quotes in a name survive every way in and out."""
    keep_sources(store, *(source(path, n, duplicate_of=path) for n, path in enumerate(ODD_PATHS)))
    keep(store, *(record(str(n), source_path=path, folder=path) for n, path in enumerate(ODD_PATHS)))
    with store.writing() as unit:
        unit.put_feed("odd", ODD_PATHS[1])
        assert set(unit.known_files()) == set(unit.known_files(ODD_PATHS)) == set(ODD_PATHS)
        assert {file.path for file in unit.sources()} == set(ODD_PATHS)
        assert unit.duplicates_of(ODD_PATHS) == {path: [path] for path in ODD_PATHS}
        found = {path: records[0] for path, records in unit.records_of(ODD_PATHS).items()}
        assert {path: (one.source_path, one.folder) for path, one in found.items()} == {p: (p, p) for p in ODD_PATHS}
        assert {shown.folder for shown in unit.entries([one.id for one in found.values()])} == set(ODD_PATHS)
        assert unit.feeds() == [FeedRecord("odd", ODD_PATHS[1], 0, -1)]
        unit.touch_sources({ODD_PATHS[0]: signature(9)})
        unit.mark_missing([ODD_PATHS[1]], NOON)
        unit.forget_sources(ODD_PATHS[2:])
    with store.reading() as unit:
        known = unit.known_files()
    assert {path: (file.signature.inode, file.is_missing) for path, file in known.items()} == {
        ODD_PATHS[0]: (9, False),
        ODD_PATHS[1]: (1, True),
    }


def test_sources_come_in_the_order_of_their_paths(store: Store) -> None:
    """The order of writing does not show."""
    keep_sources(store, *(source(path) for path in ("b.md", "a/z.md", "a.md", "c/a.md")))
    with store.reading() as unit:
        assert [file.path for file in unit.sources()] == ["a.md", "a/z.md", "b.md", "c/a.md"]


def test_sources_are_asked_for_by_state(store: Store) -> None:
    """Only the files in that state, still in order."""
    keep_sources(store, *(source(f"{state}.md", state=state) for state in FileState), source("a.md"))
    with store.reading() as unit:
        assert [file.path for file in unit.sources(FileState.PUBLISHED)] == ["a.md", "published.md"]
        assert [file.path for file in unit.sources(FileState.DRAFT)] == ["draft.md"]


def test_known_files_are_asked_for_by_path(store: Store) -> None:
    """Unknown paths are left out; a path asked for twice is one answer."""
    keep_sources(store, source("a.md", 1), source("b.md", 2))
    with store.reading() as unit:
        assert set(unit.known_files(["a.md", "a.md", "no.md"])) == {"a.md"}
        assert set(unit.known_files(path for path in ("a.md", "b.md"))) == {"a.md", "b.md"}


def test_look_alikes_have_the_content_or_the_place(store: Store) -> None:
    """Files with one of the hashes, or with device and inode of one of the signatures; each once, by path."""
    keep_sources(store, source("hash.md", 1), source("place.md", 2), source("both.md", 3), source("none.md", 4))
    elsewhere = signature(4)._replace(device=8)
    touched = signature(2)._replace(size=1, mtime_ns=1)
    with store.reading() as unit:
        found = unit.look_alikes(["hash 1", "hash 3"], [touched, signature(3), elsewhere])
        assert [known.path for known in found] == ["both.md", "hash.md", "place.md"]
        assert unit.look_alikes([], [elsewhere]) == []


def test_duplicates_are_listed_by_their_original(store: Store) -> None:
    """Only originals that have copies, and their copies sorted."""
    copies = [source(path, duplicate_of="a.md", state=FileState.DUPLICATE) for path in ("z.md", "m.md")]
    keep_sources(store, source("a.md"), source("b.md"), *copies, source("c.md", duplicate_of="b.md"))
    with store.reading() as unit:
        assert unit.duplicates_of(["a.md", "c.md"]) == {"a.md": ["m.md", "z.md"]}


def test_present_paths_are_those_of_files_that_are_there_and_meant(store: Store) -> None:
    """Missing and ignored files are left out; names that are not UTF-8 come back as they were."""
    odd = os.fsdecode(b"caf\xe9.md")
    files = [source(odd), source("b.md"), source("a.md"), source("photo.jpg", state=FileState.IGNORED), source("x.md")]
    with store.writing() as unit:
        unit.put_sources(files)
        unit.mark_missing(["x.md"], NOON)
    with store.reading() as unit:
        assert unit.present_paths() == ["a.md", "b.md", odd]


def test_file_counts_leave_missing_files_out(store: Store) -> None:
    """The numbers add up to what lies in the folder."""
    keep_sources(
        store,
        source("a.md"),
        source("b.md"),
        source("c.md", missing_since=NOON),
        source("d.md", state=FileState.DRAFT),
        source("e.md", state=FileState.IGNORED, missing_since=NOON),
    )
    with store.reading() as unit:
        assert unit.file_counts() == {FileState.PUBLISHED: 2, FileState.DRAFT: 1}


def test_touching_changes_the_signature_and_nothing_else(store: Store) -> None:
    """A touched file has its new signature and is there; unknown files are not made up."""
    keep_sources(store, FULL, source("b.md"))
    with store.writing() as unit:
        unit.touch_sources({FULL.path: signature(9), "no.md": signature(8)})
    with store.reading() as unit:
        assert list(unit.sources()) == [source("b.md"), replace(FULL, signature=signature(9), missing_since=None)]


def test_files_go_missing_and_come_back(store: Store) -> None:
    """The moment is kept to the microsecond, and None takes it away."""
    keep_sources(store, source("a.md"), source("b.md"))
    for since in (NOON, None):
        with store.writing() as unit:
            unit.mark_missing(["a.md", "no.md"], since)
        with store.reading() as unit:
            assert list(unit.sources()) == [source("a.md", missing_since=since), source("b.md")]
            assert unit.known_files()["a.md"].is_missing == (since is not None)


def test_forgotten_files_leave_their_entries(store: Store) -> None:
    """A file is forgotten, what was made of it stays."""
    keep_sources(store, source("a.md"), source("b.md"))
    keep(store, record("a"))
    with store.writing() as unit:
        unit.forget_sources(["a.md", "no.md"])
    with store.reading() as unit:
        assert set(unit.known_files()) == {"b.md"}
        assert unit.records_of(["a.md"]) == {"a.md": [record("a")]}


def test_more_values_than_a_statement_takes(store: Store) -> None:
    """Questions and writes about twelve hundred files and entries are answered as one."""
    paths = [f"{n:04}.md" for n in range(MANY)]
    files = [source(path, n, duplicate_of=f"x{path}") for n, path in enumerate(paths)]
    records = [record(f"{n:04}") for n in range(MANY)]
    ids = [one.id for one in records]
    keep_sources(store, *files)
    keep(store, *records, feeds=["main"])
    with store.writing() as unit:
        assert len(unit.known_files(paths)) == MANY
        assert len(unit.look_alikes([file.content_hash for file in files], [])) == MANY
        assert len(unit.look_alikes([], [file.signature for file in files])) == MANY
        assert len(unit.duplicates_of([f"x{path}" for path in paths])) == MANY
        assert [len(unit.records_of(paths)), len(unit.records(ids)), len(unit.feeds_with(ids))] == [MANY] * 3
        assert len(unit.taken_slugs([one.slug for one in records])) == MANY
        assert [shown.id for shown in unit.entries(ids[::-1])] == ids[::-1]
        assert len(unit.window("main", MANY)) == MANY
        unit.mark_missing(paths, NOON)
        unit.touch_sources(dict.fromkeys(paths[:2], signature()))
        unit.touch_feeds([f"f{n}" for n in range(MANY)], 1)
        unit.set_membership(dict.fromkeys(ids, (NOON, ())), unit.last_seq())
        assert unit.window("main", 1) == []
        assert sum(file.is_missing for file in unit.known_files().values()) == MANY - 2
        unit.forget_sources(paths)
        assert unit.known_files() == {}


# Entries


RICH = record(
    "rich",
    item_key="item 2",
    folder="news/town",
    state=EntryState.SCHEDULED,
    revision=4,
    slug="عنوان",
    published=NOON.replace(microsecond=0),
    updated=NOON + timedelta(microseconds=1),
    expires=NOON + timedelta(days=9),
    was_published=False,
)


@pytest.mark.parametrize("one", [RICH, record("plain")], ids=["rich", "plain"])
def test_an_entry_record_comes_back_as_it_went_in(store: Store, one: EntryRecord) -> None:
    """By id and by path, with every attribute; an unknown id or path is left out."""
    keep(store, one)
    with store.reading() as unit:
        assert unit.records([one.id, "urn:x:no"]) == {one.id: one}
        assert unit.records_of([one.source_path, "no.md"]) == {one.source_path: [one]}


def test_an_entry_is_replaced_by_id(store: Store) -> None:
    """An id is one entry, and withdrawn ones are still told of."""
    keep(store, record("a"))
    moved = record("a", source_path="b.md", state=EntryState.WITHDRAWN)
    with store.writing() as unit:
        unit.put_entries([moved])
    with store.reading() as unit:
        assert unit.records(["urn:x:a"]) == {"urn:x:a": moved}
        assert unit.records_of(["a.md", "b.md"]) == {"b.md": [moved]}


def test_one_file_may_have_many_entries(store: Store) -> None:
    """All items of a file are found by its path."""
    items = [record(str(n), source_path="a.md", item_key=str(n)) for n in range(3)]
    keep(store, *items)
    with store.reading() as unit:
        assert sorted(unit.records_of(["a.md"])["a.md"], key=lambda one: one.item_key) == items


def test_the_text_of_an_entry_comes_back_as_it_went_in(store: Store) -> None:
    """Every attribute, with names and tags in their order."""
    full = entry(
        RICH,
        title="عنوان “x” <y>",
        summary="",
        language="ar-EG",
        direction="rtl",
        authors=("منى", "Ada, Countess", '"quoted"'),
        tags=("z", "a", "ü"),
        link="https://example.org/?a=1&b=2",
    )
    with store.writing() as unit:
        unit.put_entries([RICH])
        unit.add_revisions([full], NOON)
    with store.reading() as unit:
        assert unit.entries([RICH.id]) == [full]


def test_the_newest_text_counts(store: Store) -> None:
    """A new revision shows once the entry has it; the same revision again replaces its text."""
    keep(store, record("a"))
    second = record("a", revision=2)
    with store.writing() as unit:
        unit.add_revisions([entry(second, title="Second")], NOON)
        assert [shown.title for shown in unit.entries(["urn:x:a"])] == ["Title of slug-a"]
        unit.put_entries([second])
        assert [shown.title for shown in unit.entries(["urn:x:a"])] == ["Second"]
        unit.add_revisions([entry(second, title="Better", tags=("t",))], NOON)
        assert [(shown.title, shown.tags) for shown in unit.entries(["urn:x:a"])] == [("Better", ("t",))]


def test_entries_come_in_the_order_of_the_question(store: Store) -> None:
    """Unknown ids are left out, the rest keeps its order."""
    keep(store, *(record(name) for name in "abc"))
    with store.reading() as unit:
        found = unit.entries(["urn:x:c", "urn:x:no", "urn:x:a", "urn:x:b"])
    assert [shown.id for shown in found] == ["urn:x:c", "urn:x:a", "urn:x:b"]


def test_due_are_scheduled_entries_at_their_minute_and_live_ones_past_expiry(store: Store) -> None:
    """The very microsecond counts; drafts and withdrawn entries are never due."""
    moment = timedelta(microseconds=1)
    keep(
        store,
        record("now", state=EntryState.SCHEDULED),
        record("early", state=EntryState.SCHEDULED, published=NOON - timedelta(days=1)),
        record("later", state=EntryState.SCHEDULED, published=NOON + moment),
        record("over", expires=NOON),
        record("lasting", expires=NOON + moment),
        record("endless"),
        record("draft", state=EntryState.DRAFT, expires=NOON),
        record("gone", state=EntryState.WITHDRAWN, expires=NOON),
    )
    with store.reading() as unit:
        assert {one.id for one in unit.due(NOON)} == {"urn:x:now", "urn:x:early", "urn:x:over"}
        assert {one.id for one in unit.due(NOON - moment)} == {"urn:x:early"}


def test_taken_slugs_are_those_of_all_entries(store: Store) -> None:
    """A withdrawn entry keeps its address for its return; case and script matter."""
    keep(store, record("a", slug="tram"), record("b", slug="ترام", state=EntryState.WITHDRAWN))
    with store.reading() as unit:
        assert unit.taken_slugs(["tram", "Tram", "ترام", "bus"]) == {"tram", "ترام"}


def test_live_ids_are_sorted_and_only_live(store: Store) -> None:
    """Scheduled, draft and withdrawn entries are not among them."""
    keep(store, *(record(state.value, state=state) for state in EntryState), record("a"))
    with store.reading() as unit:
        assert unit.live_ids() == ["urn:x:a", "urn:x:live"]


# Change log


def test_changes_carry_what_happened_and_when(store: Store) -> None:
    """Each kind comes back with entry, revision and the moment to the microsecond."""
    told = [(f"urn:x:{kind}", number, kind) for number, kind in enumerate(ChangeKind)]
    with store.writing() as unit:
        last = unit.add_changes(told, NOON)
    with store.reading() as unit:
        found = unit.changes(0, 99)
        assert unit.last_seq() == last == found[-1].seq
    assert found == [Change(f.seq, *t, NOON) for f, t in zip(found, told, strict=True)]


def test_changes_carry_who_is_told_of_them(store: Store) -> None:
    """Those that are named, the others tell nobody; an entry remembers what its file said of mails."""
    tellings = {f"urn:x:{telling}": telling for telling in Telling if telling is not Telling.NOBODY}
    quiet = replace(record("a"), notify=SILENT, is_archive=True)
    with store.writing() as unit:
        unit.put_entries([quiet])
        unit.add_revisions([entry(quiet)], NOON)
        unit.add_changes([(f"urn:x:{telling}", 1, ChangeKind.PUBLISHED) for telling in Telling], NOON, tellings)
    with store.reading() as unit:
        assert [change.telling for change in unit.changes(0, 99)] == list(Telling)
        assert unit.records([quiet.id]) == {quiet.id: quiet}
        assert [found.is_silent for found in unit.entries([quiet.id])] == [True]


def test_changes_are_read_from_a_cursor_on(store: Store) -> None:
    """Only what came after, in order, at most so many."""
    keep(store, *(record(str(n)) for n in range(5)))
    with store.reading() as unit:
        seqs = [change.seq for change in unit.changes(0, 99)]
        assert seqs == sorted(set(seqs))
        assert [change.seq for change in unit.changes(seqs[1], 2)] == seqs[2:4]
        assert unit.changes(seqs[-1], 99) == []


def test_a_seq_is_never_used_twice(store: Store) -> None:
    """Also after a unit that was rolled back, numbers only grow, and what a reader has seen stays what it was."""
    seen: list[int] = []

    def fail_after_writing(unit: WriteUnit) -> None:
        unit.add_changes([("urn:x:lost", 1, ChangeKind.UPDATED)] * 3, NOON)
        raise RuntimeError

    for number in range(6):
        if number % 2:
            with pytest.raises(RuntimeError), store.writing() as unit:
                fail_after_writing(unit)
        with store.writing() as unit:
            seen.append(unit.add_changes([(f"urn:x:{number}", 1, ChangeKind.UPDATED)], NOON))
    assert seen == sorted(set(seen))
    with store.reading() as unit:
        assert [change.seq for change in unit.changes(0, 99)] == seen


def test_seq_grows_in_the_order_of_commits(store: Store) -> None:
    """With many writers, a reader that follows the log by its cursor misses nothing."""
    start, done = threading.Barrier(THREADS), threading.Event()

    def write(name: int) -> None:
        start.wait()
        for number in range(ROUNDS):
            with store.writing() as unit:
                unit.add_changes([(f"{name}", number, ChangeKind.UPDATED), (f"{name}b", 1, ChangeKind.MOVED)], NOON)

    def follow() -> list[Change]:
        followed: list[Change] = []
        while True:
            is_last = done.is_set()
            with store.reading() as unit:
                followed += unit.changes(followed[-1].seq if followed else 0, 7 if not is_last else 10_000)
            if is_last:
                return followed

    with ThreadPoolExecutor(THREADS + 1) as pool:
        following = pool.submit(follow)
        for future in [pool.submit(write, name) for name in range(THREADS)]:
            future.result(timeout=120)
        done.set()
        followed = following.result(timeout=60)
    with store.reading() as unit:
        assert followed == unit.changes(0, 10_000)
    assert len(followed) == THREADS * ROUNDS * 2
    for name in range(THREADS):
        assert [c.revision for c in followed if c.entry_id == f"{name}"] == list(range(ROUNDS))


# Feeds


def test_the_window_shows_the_newest_first(store: Store) -> None:
    """By publication descending, equal times by id, at most so many, and only what is in the feed."""
    day = timedelta(days=1)
    keep(store, record("c"), record("a"), record("old", published=NOON - day), feeds=["main"])
    keep(store, record("b"), record("new", published=NOON + day), feeds=["main", "news"])
    with store.reading() as unit:
        shown = [one.id.removeprefix("urn:x:") for one in unit.window("main", 9)]
        assert shown == ["new", "a", "b", "c", "old"]
        assert [one.id for one in unit.window("main", 2)] == ["urn:x:new", "urn:x:a"]
        assert [one.id for one in unit.window("news", 9)] == ["urn:x:new", "urn:x:b"]
        assert unit.window("nothing", 9) == []


def test_membership_is_set_as_a_whole(store: Store) -> None:
    """An entry is in exactly the feeds of the last call, with the time of the last call; others stay where they are."""
    keep(store, record("a"), record("b"), feeds=["main", "news"])
    with store.writing() as unit:
        unit.set_membership({"urn:x:a": (NOON - timedelta(days=9), ("sport", "main"))}, unit.last_seq())
    with store.reading() as unit:
        assert unit.feeds_with(["urn:x:a", "urn:x:b", "urn:x:no"]) == {
            "urn:x:a": ("main", "sport"),
            "urn:x:b": ("main", "news"),
        }
        assert [one.id for one in unit.window("main", 9)] == ["urn:x:b", "urn:x:a"]
    with store.writing() as unit:
        unit.set_membership({"urn:x:a": (NOON, ())}, unit.last_seq())
    with store.reading() as unit:
        assert unit.feeds_with(["urn:x:a"]) == {}
        assert [one.id for one in unit.window("main", 9)] == ["urn:x:b"]


def cursors(unit: WriteUnit) -> dict[str, tuple[int, int]]:
    return {feed.slug: (feed.touched_seq, feed.handled_seq) for feed in unit.feeds()}


def test_membership_touches_the_feeds_concerned(store: Store) -> None:
    """Feeds that an entry is in, comes into or leaves are touched; all others are left alone."""
    with store.writing() as unit:
        for slug in ("stays", "left", "joined", "other"):
            unit.put_feed(slug, None)
        unit.put_entries([record("a")])
        unit.set_membership({"urn:x:a": (NOON, ("left", "stays"))}, 3)
        assert cursors(unit) == {"stays": (3, -1), "left": (3, -1), "joined": (0, -1), "other": (0, -1)}
        unit.set_membership({"urn:x:a": (NOON, ("stays", "joined"))}, 8)
        assert cursors(unit) == {"stays": (8, -1), "left": (8, -1), "joined": (8, -1), "other": (0, -1)}


def test_a_new_feed_has_never_been_written(store: Store) -> None:
    """It is behind from the start, and is not reset when it is made sure of again; feeds come by slug."""
    with store.writing() as unit:
        unit.put_feed("z", None)
        unit.put_feed("أ", "أخبار")
        unit.put_feed("a", "")
        assert unit.feeds() == [
            FeedRecord("a", "", 0, -1),
            FeedRecord("z", None, 0, -1),
            FeedRecord("أ", "أخبار", 0, -1),
        ]
        assert all(feed.touched_seq > feed.handled_seq for feed in unit.feeds())
        unit.touch_feeds(["z"], 5)
        unit.mark_published("z", 5)
        unit.put_feed("z", None)
        assert cursors(unit)["z"] == (5, 5)


def test_feeds_are_touched_and_published(store: Store) -> None:
    """A cursor moves only for the feed named; touching all makes every feed due again, whatever it had."""
    with store.writing() as unit:
        for slug in ("a", "b"):
            unit.put_feed(slug, None)
        unit.touch_feeds(["a", "no"], 4)
        unit.mark_published("a", 4)
        unit.mark_published("b", 0)
        unit.mark_published("no", 1)
        assert cursors(unit) == {"a": (4, 4), "b": (0, 0)}
        unit.touch_feeds(None, 4)
        assert all(touched > handled for touched, handled in cursors(unit).values())


def test_a_dropped_feed_is_gone_with_its_membership(store: Store) -> None:
    """Its entries stay, also in their other feeds."""
    keep(store, record("a"), feeds=["main", "news"])
    with store.writing() as unit:
        unit.drop_feed("news")
        unit.drop_feed("no")
    with store.reading() as unit:
        assert [feed.slug for feed in unit.feeds()] == ["main"]
        assert (unit.window("news", 9), unit.feeds_with(["urn:x:a"])) == ([], {"urn:x:a": ("main",)})
        assert unit.live_ids() == ["urn:x:a"]


# Times


def test_times_of_other_zones_are_the_same_moment(store: Store) -> None:
    """What goes in with another zone comes out as the same moment in UTC."""
    local = NOON.astimezone(timezone(timedelta(hours=-7)))
    keep_sources(store, source("a.md", first_seen=local))
    with store.reading() as unit:
        back = unit.source("a.md")
    assert back is not None
    assert (back.first_seen, back.first_seen.tzinfo) == (NOON, UTC)


def test_times_without_zone_are_refused(store: Store) -> None:
    """A naive time is a mistake of the caller, and nothing is written."""
    with pytest.raises(ValueError, match="zone"):
        keep_sources(store, source("a.md", first_seen=NOON.replace(tzinfo=None)))
    with store.reading() as unit:
        assert unit.known_files() == {}


def test_what_is_committed_survives_reopening(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Another store on the same database finds everything, and numbers go on from where they were."""
    keep_sources(store, FULL)
    keep(store, record("a"), feeds=["main"])
    with store.reading() as unit:
        last = unit.last_seq()
    store.close()
    again = OPENERS[request.node.callspec.params["store"]](tmp_path)
    try:
        with again.writing() as unit:
            assert (unit.source(FULL.path), unit.entries(["urn:x:a"])) == (FULL, [entry(record("a"))])
            assert unit.add_changes([("urn:x:a", 1, ChangeKind.UPDATED)], NOON) > last
    finally:
        again.close()
