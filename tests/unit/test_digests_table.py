"""The table of subscribers as a file: read in any shape, written safe for spreadsheets."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

import pytest

from feedsvc.digests import RowFault, Table, export_lines
from feedsvc.errors import SubscriberFieldError
from feedsvc.model import DigestSchedule, Frequency, Subscriber, SubscriberState

ADA = Subscriber(
    "id",
    "ada@example.org",
    "en",
    DigestSchedule(Frequency.DAILY, ZoneInfo("UTC")),
    (),
    SubscriberState.ACTIVE,
    datetime(2026, 1, 1, tzinfo=UTC),
)


def table(text: str | bytes) -> Table:
    """Open a table."""
    return Table(BytesIO(text.encode() if isinstance(text, str) else text))


def addresses(text: str | bytes) -> list[tuple[int, str]]:
    """Return line and address of each row, ``!`` and the cause for a fault."""
    return [
        (row.line, f"!{row.error.cause}" if isinstance(row, RowFault) else row.values["address"])
        for row in table(text).rows()
    ]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_a_table_is_read_as_programs_write_it(mark: bytes, end: bytes, delimiter: bytes) -> None:
    """With or without byte order mark, with either line end, with the separator of the country, in any order."""
    lines = [[b"consent", b"Address", b" TimeZone "], [b'"on ""paper"", signed"', "سلمى@example.org".encode(), b"UTC"]]
    data = mark + end.join(delimiter.join(line) for line in lines)
    read = table(data)
    (row,) = read.rows()
    assert not isinstance(row, RowFault)
    assert row.line == 2
    assert row.values == {"consent": 'on "paper", signed', "address": "سلمى@example.org", "timezone": "UTC"}
    assert read.warnings == ()
    assert read.bytes_read == len(data)


def test_unknown_columns_are_told_with_the_nearest_known_one() -> None:
    """What would be lost in silence is named."""
    warnings = table("address,langauge,shoe size\n").warnings
    assert 'found "langauge": it is not used; did you mean language?' in warnings[0]
    assert "columns are address, language" in warnings[1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"mail,hour\na@example.org,7\n", "there is no column address"),
        (b"address,hour,address\n", "there are two columns address"),
        ("address,consent\nä@example.org,ja\n".encode("utf-16"), "UTF-16"),
        ("adresse-é\n".encode("latin-1"), "0xe9 is no UTF-8"),
        (b"PK\x03\x04\x14\x00\xff\xfe, a spreadsheet", "is no UTF-8"),
        (b"a" * 100_000, "65,536 bytes"),
        (b"address,consent\ra@example.org,x\r", "a carriage return stands within the line"),
        (b'"address,consent\na@example.org,x\n', "a quotation mark is opened"),
    ],
)
def test_a_file_that_is_no_table_is_told_as_such(data: bytes, said: str) -> None:
    """One sentence that says what is wrong with the header row or the whole file."""
    with pytest.raises(SubscriberFieldError, match="header row") as caught:
        table(data)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b'"b@example.org,x', "!a quotation mark is opened and not closed on its line"),
        (b'"b@example.org"x,y', "!something follows a closing quotation mark"),
        (b"b@example.org,x,y,z", "!the row has 4 cells, the header row 2"),
        (b"\xe4@example.org,x", "!the byte 0xe4 is no UTF-8"),
        (b"b@example.org,\rx", "!a carriage return stands within the line"),
        (b"b" * 200_000, "!the line has more than 65,536 bytes"),
    ],
)
def test_a_bad_row_costs_no_other_row(bad: bytes, said: str) -> None:
    """The fault has the number of its line, and the rows before and after are read."""
    data = b"address,consent\na@example.org,x\n" + bad + b'\nc@example.org,"x"\nd@example.org,x\n'
    assert addresses(data) == [(2, "a@example.org"), (3, said), (4, "c@example.org"), (5, "d@example.org")]


def test_line_numbers_count_the_lines_of_cells_too() -> None:
    """A cell that is not used may have several lines; empty rows are no rows, but are counted."""
    text = 'address,notes\na@example.org,"on\r\npaper"\n\n,\n  ,\nb@example.org\n'
    assert addresses(text) == [(2, "a@example.org"), (7, "b@example.org")]


def test_rows_between_two_stray_quotation_marks_are_not_lost() -> None:
    """Two marks that happen to make one long cell of several rows are told, and the rows between are read."""
    text = 'address,consent\na@example.org,"x\nb@example.org,y\nc@example.org,z"\nd@example.org,x\n'
    said = "!a quotation mark is opened and not closed on its line"
    assert [found for _, found in addresses(text)] == [said, "b@example.org", "c@example.org", "d@example.org"]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_a_long_file() -> None:
    """All rows after it are read, in a file of any length."""
    rows = [f"p{number}@example.org,x" for number in range(5_000)]
    found = addresses("\n".join(["address,consent", '"lost@example.org,x', *rows]))
    assert found[0] == (2, "!a quotation mark is opened and not closed on its line")
    assert [address for _, address in found[1:]] == [row.split(",")[0] for row in rows]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "＝", "'"])
def test_no_cell_is_computed_by_a_spreadsheet(first: str) -> None:
    """What begins like a formula has an apostrophe in front, and is read back without it."""
    words = f'{first}HYPERLINK("https://evil.example","x")'
    text = "".join(export_lines([replace(ADA, consent=words)]))
    cells = next(iter(csv.DictReader(StringIO(text.lstrip("\ufeff")))))
    assert cells["consent"] == f"'{words}"
    (row,) = table(text).rows()
    assert not isinstance(row, RowFault)
    assert row.values["consent"] == words


def test_spreadsheets_see_the_encoding_of_an_export() -> None:
    """It begins with a byte order mark, and one line for each person follows the header row."""
    lines = list(export_lines([ADA, replace(ADA, address="سلمى@example.org")]))
    assert lines[0].encode().startswith(b"\xef\xbb\xbfaddress,")
    assert lines[1:] == ["ada@example.org,en,UTC,daily,7,1,,,\n", "سلمى@example.org,en,UTC,daily,7,1,,,\n"]
