"""Which parts of a file a request asks for (RFC 9110 section 14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.conditional import EntityTag
from feedsvc.web.ranges import ByteRange, is_range_wanted, parse_range

SIZE = 1000


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("bytes=0-99", [(0, 100)]),
        ("Bytes = 0-0", [(0, 1)]),
        ("bytes=900-", [(900, 1000)]),
        ("bytes=900-5000", [(900, 1000)]),
        ("bytes=-100", [(900, 1000)]),
        ("bytes=-5000", [(0, 1000)]),
        ("bytes=0-0,-1", [(0, 1), (999, 1000)]),
        ("bytes=0-0, , -1", [(0, 1), (999, 1000)]),
        ("bytes=500-599,0-99", [(500, 600), (0, 100)]),
        ("bytes=0-99,50-149", [(0, 150)]),
        ("bytes=0-99,100-149,20-30", [(0, 150)]),
        ("bytes=0-9,20-29,5-24", [(0, 30)]),
        ("bytes=2000-3000,0-9", [(0, 10)]),
    ],
)
def test_parts_that_a_range_asks_for(text: str, parts: list[tuple[int, int]]) -> None:
    """All three forms are understood, in the order of the request; overlapping parts are sent once."""
    assert parse_range(text, SIZE) == parts


@pytest.mark.parametrize("text", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=5000-,2000-3000"])
def test_nothing_of_the_file_is_asked_for(text: str) -> None:
    """Parts behind the end, and an empty end, can only be refused."""
    assert parse_range(text, SIZE) == []


@pytest.mark.parametrize(
    "text",
    ["", "bytes", "bytes=", "bytes=,", "items=0-9", "bytes=9-0", "bytes=a-b", "bytes=--5", "bytes=-", "bytes=0x1-2",
     "bytes=0-9;q=1", "bytes=" + ",".join(f"{2 * n}-{2 * n}" for n in range(17)), "bytes=" + "9" * 40 + "-"],
)  # fmt: skip
def test_what_is_no_range_is_ignored(text: str) -> None:
    """A malformed header, another unit or an absurd number of parts gets the whole file."""
    assert parse_range(text, SIZE) is None


@given(
    spans=st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 1200)), min_size=1, max_size=16),
    size=st.integers(0, 1200),
)
def test_exactly_the_bytes_that_are_asked_for(spans: list[tuple[int, int]], size: int) -> None:
    """Whatever is asked, the parts are in the file, apart from each other, and together the bytes that were named."""
    wanted = {position for first, length in spans for position in range(first, first + length + 1) if position < size}
    parts = parse_range("bytes=" + ",".join(f"{first}-{first + length}" for first, length in spans), size)
    assert parts is not None
    covered = [position for part in parts for position in range(part.start, part.end)]
    assert len(covered) == len(set(covered))
    assert wanted <= set(covered)
    assert set(covered) == wanted


@given(st.text(max_size=60))
def test_no_header_is_an_error(text: str) -> None:
    """Whatever a client sends, it is read or ignored."""
    parts = parse_range(f"bytes={text}", SIZE)
    assert parts is None or all(0 <= part.start < part.end <= SIZE for part in parts)


TAG = EntityTag("abc")


@pytest.mark.parametrize(
    ("if_range", "is_wanted"),
    [
        (None, True),
        ('"abc"', True),
        ('"other"', False),
        ('W/"abc"', False),
        ("Sun, 06 Nov 1994 08:49:37 GMT", True),
        ("Sun, 06 Nov 1994 08:49:38 GMT", False),
        ("Sun, 06 Nov 1994 08:49:36 GMT", False),
        ("*", False),
        ("nonsense", False),
    ],
)
def test_parts_of_an_older_file_are_not_continued(if_range: str | None, is_wanted: bool) -> None:
    """Only the same strong tag or exactly the same date lets a download go on."""
    assert is_range_wanted(if_range, TAG, 784111777) is is_wanted


def test_content_range() -> None:
    """Positions count from 0 and include the last one."""
    assert ByteRange(0, 100).content_range(1000) == "bytes 0-99/1000"
