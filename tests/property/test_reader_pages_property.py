"""Forms of subscribers: no bytes make the pages fail, and buckets of tokens hold what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_site import ReaderSite, keep, links_of, reader, reader_site

from feedsvc.digests.rates import Bucket, Limiter, Rate, take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.model import Subscriber

MONA = reader()
NAMES = (b"address", b"timezone", b"paused", b"hour", b"frequency", b"feeds", b"language", b"weekday", b"monthday")
VALUES = ("weekly", "monthly", "0001-01-01", "9999-12-31", "Asia/Tokyo", "", "12", "31", "main,sport", "x@y.example")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReaderSite]:
    """Serve a site with one subscriber for all tests of this file."""
    with reader_site(tmp_path_factory.mktemp("site")) as running:
        keep(running, MONA)
        yield running


def answers(site: ReaderSite, body: bytes, person: Subscriber = MONA) -> set[int]:
    """Send *body* to all pages, and return the statuses of the answers."""
    urls = ("/-/subscribe", links_of(person).preferences_url, "/-/confirm/x", "/-/unsubscribe/x")
    return {site.post(url, body).status for url in urls}


@given(body=st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_no_bytes_make_the_pages_fail(site: ReaderSite, body: bytes) -> None:
    """Whatever comes, alone or as the value of each field, the answer is a page or a refusal."""
    for sent in (body, b"&".join(name + b"=" + body for name in NAMES)):
        assert answers(site, sent) <= {200, 400, 404, 422, 429}


@given(values=st.lists(st.sampled_from(VALUES), min_size=len(NAMES), max_size=len(NAMES)))
@settings(max_examples=100, deadline=None)
def test_no_mixture_of_answers_makes_the_pages_fail(site: ReaderSite, values: list[str]) -> None:
    """Values that fit somewhere, in all places, among them the first and the last day that there are."""
    body = b"&".join(name + b"=" + value.encode() for name, value in zip(NAMES, values, strict=True))
    assert answers(site, body) <= {200, 404, 422, 429}


@given(
    burst=st.integers(1, 5),
    every_s=st.floats(0.5, 100),
    pauses=st.lists(st.floats(0, 300), min_size=1, max_size=40),
)
def test_a_bucket_never_gives_more_than_its_rate(burst: int, every_s: float, pauses: list[float]) -> None:
    """In any span there are at most the burst and one for each interval; the wait that is told is enough."""
    bucket: Bucket | None = None
    now_s, taken = 0.0, 0
    rate = Rate(burst, every_s)
    for pause in pauses:
        now_s += pause
        bucket, wait_s = take(bucket, rate, now_s)
        taken += wait_s == 0
        if wait_s > 0:
            assert take(bucket, rate, now_s + wait_s * 1.000001 + 1e-6)[1] == 0
    assert taken <= burst + now_s / every_s + 1e-6


def test_forgotten_keys_are_the_oldest() -> None:
    """Memory is bounded: of many keys those that were asked longest ago are forgotten, the newest are not."""
    limiter = Limiter(Rate(1, 60), lambda: 0.0)
    assert limiter.wait_s("old") == 0
    assert limiter.wait_s("old") == 60
    assert {limiter.wait_s(str(number)) for number in range(10_000)} == {0}
    assert limiter.wait_s("old") == 0
    assert limiter.wait_s("9999") == 60
