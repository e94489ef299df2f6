"""Tables of subscribers: what is exported comes back, and no file, however broken, costs a good row."""

from __future__ import annotations

import csv
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.digests import (
    COLUMNS,
    AddressHasher,
    Defaults,
    Register,
    RowFault,
    Table,
    export_lines,
    import_table,
    normalise_address,
    read_wish,
)
from feedsvc.errors import SubscriberFieldError
from feedsvc.model import DigestSchedule, Frequency, Subscriber, SubscriberState
from feedsvc.store import open_sqlite

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SLUGS = ("main", "news", "أخبار")
DEFAULTS = Defaults("en", ZoneInfo("UTC"), Frequency.DAILY, 7, frozenset(SLUGS))
ATEXT = "abcXYZ019!#$%&'*+-/=?^_`{|}~éü中ب"
DOMAINS = ("example.org", "müller.de", "例子.广告", "مثال.السعودية", "a-b.example.com")
FORMULA = tuple("=+-@\t\r＝＋－＠")

locals_ = st.lists(st.text(ATEXT, min_size=1, max_size=6), min_size=1, max_size=3).map(".".join)
moments = st.integers(-(10**15), 10**16).map(lambda micros: NOW + timedelta(microseconds=micros))
words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40)
consents = st.one_of(words, st.builds(str.__add__, st.sampled_from(["=", "'", "+1 ", "@", '"', "a,b;"]), words))


@st.composite
def people(draw: st.DrawFn) -> Subscriber:
    frequency = draw(st.sampled_from(Frequency))
    zone = ZoneInfo(draw(st.sampled_from(["UTC", "Africa/Cairo", "America/St_Johns", "Asia/Kathmandu"])))
    schedule = DigestSchedule(frequency, zone, draw(st.integers(0, 23)), draw(st.integers(1, 7)))
    return Subscriber(
        id=str(draw(st.uuids())),
        address=normalise_address(f"{draw(locals_)}@{draw(st.sampled_from(DOMAINS))}").text,
        language=draw(st.sampled_from(["en", "ar", "zh-Hant-TW", "pt-BR"])),
        schedule=schedule,
        feeds=tuple(draw(st.lists(st.sampled_from(SLUGS), unique=True))),
        state=SubscriberState.ACTIVE,
        created=NOW,
        confirmed=NOW,
        paused_until=draw(st.none() | moments),
        consent=" ".join(draw(consents).split()) or "on paper",
    )


crowds = st.lists(people(), max_size=8, unique_by=lambda one: normalise_address(one.address).key)


@given(crowd=crowds)
@settings(max_examples=40)
def test_an_export_imported_elsewhere_gives_the_same_subscribers(crowd: list[Subscriber]) -> None:
    """All but the random ids is the same, and a second export has the same bytes."""
    data = "".join(export_lines(crowd)).encode()
    faults: list[RowFault] = []
    with TemporaryDirectory() as folder, closing(open_sqlite(f"{folder}/store.sqlite3")) as store:
        register = Register(store, AddressHasher(b"secret"), lambda: NOW)
        table = Table(BytesIO(data))
        report = import_table(register, table, DEFAULTS, on_fault=faults.append, on_batch=lambda _: None)
        with store.reading() as unit:
            back = unit.subscriber_page("", 99)
    assert (faults, report.added, table.warnings) == ([], len(crowd), ())
    ids = {one.address: one.id for one in crowd}
    known = sorted(crowd, key=lambda one: one.address)
    assert sorted((replace(one, id=ids[one.address]) for one in back), key=lambda one: one.address) == known
    assert sorted(export_lines(back)) == sorted(data.decode().splitlines(keepends=True))


@given(one=people())
def test_no_exported_cell_begins_like_a_formula(one: Subscriber) -> None:
    """As a spreadsheet program reads it, cell by cell."""
    text = "".join(export_lines([one])).removeprefix("\ufeff")
    for row in csv.reader(StringIO(text, newline="")):
        assert len(row) == len(COLUMNS)
        assert not any(cell.startswith(FORMULA) for cell in row)


junk = st.one_of(
    st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")),
    st.text("\",;='\r\0 a@é", max_size=30).map(str.encode),
    st.sampled_from([b'"', b'"",""', b'x@example.org,"', b'",ok', b"x" * 70_000, b'""' * 9, b"\xff\xfe"]),
)


@given(lines=st.lists(st.one_of(junk, st.none()), max_size=12), end=st.sampled_from([b"\n", b"\r\n"]))
def test_no_junk_costs_a_good_row(lines: list[bytes | None], end: bytes) -> None:
    """Every good row between lines of any bytes is read, with the number of its line."""
    good = {
        number: f"person{number}@example.org,on paper".encode()
        for number, line in enumerate(lines, start=2)
        if line is None
    }
    rows = [line if line is not None else good[number] for number, line in enumerate(lines, start=2)]
    data = end.join([b"address,consent", *rows]) + end
    read = [row for row in Table(BytesIO(data)).rows() if not isinstance(row, RowFault)]
    found = {row.line: row.values["address"] for row in read if row.values["address"].startswith("person")}
    assert found == {number: f"person{number}@example.org" for number in good}


@given(data=st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda data: b"address,consent\n" + data)))
def test_no_bytes_are_more_than_a_fault(data: bytes) -> None:
    """Whatever is taken for a table ends in rows and sentences, each on one line that a terminal can show."""
    with suppress(SubscriberFieldError):
        for row in Table(BytesIO(data)).rows():
            if isinstance(row, RowFault):
                assert str(row).isprintable()
                continue
            with suppress(SubscriberFieldError):
                wish = read_wish(row.values, DEFAULTS)
                assert "\n" not in wish.address.text + wish.consent


@given(
    text=st.text(max_size=80)
    | st.builds("{}@{}".format, st.text(ATEXT + " .\n\r\0<>,", max_size=70), st.text(max_size=20))
)
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    """An address is within the limits of SMTP, fits into a header, and stays what it is when it is written again."""
    address, complaint = None, ""
    try:
        address = normalise_address(text)
    except SubscriberFieldError as error:
        complaint = str(error)
    if address is None:
        assert complaint.isprintable()
        return
    local, _, domain = address.text.rpartition("@")
    assert len(local.encode()) <= 64
    assert len(address.text.encode()) <= 254
    assert domain == domain.lower()
    assert not set(address.text) & set("\r\n\0 <>")
    assert normalise_address(address.text) == address
