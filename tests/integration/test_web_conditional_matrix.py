"""Conditional requests against a real server on a real socket, as RFC 9110 section 13 has it."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING, NamedTuple

import pytest
from web_client import Answer, fetch, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEED = "/main/atom.xml"
TEXT = "<feed>" + "خبر جديد من غرفة الأخبار " * 60 + "</feed>"
BODY = TEXT.encode()
MODIFIED_S = 1767323045.5  # half a second past the value below: HTTP dates have whole seconds
EQUAL, EARLIER, LATER = (
    "Fri, 02 Jan 2026 03:04:05 GMT",
    "Fri, 02 Jan 2026 03:04:04 GMT",
    "Fri, 02 Jan 2026 03:04:06 GMT",
)
# The tags of BODY, written out: a change of them makes every reader fetch everything again.
PLAIN_TAG = '"e642faaf84266311cbd6922881a8d42a"'
GZIP_TAG = '"e642faaf84266311cbd6922881a8d42a-gz"'

ON_EVERY_200 = {
    "content-type": "application/atom+xml; charset=utf-8",
    "cache-control": "public, max-age=60",
    "vary": "Accept-Encoding",
    "last-modified": EQUAL,
    "accept-ranges": "none",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Link",
    "link": '<https://news.example/main/atom.xml>; rel="self", <https://news.example/main/>; rel="alternate"',
}
ON_EVERY_304 = {
    "cache-control": "public, max-age=60",
    "vary": "Accept-Encoding",
    "last-modified": EQUAL,
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Link",
}
REFUSAL = b"The document is not in the state that the request asks for.\n"
ON_EVERY_412 = {
    "content-type": "text/plain; charset=utf-8",
    "content-length": "60",
    "cache-control": "no-cache",
    "vary": "Accept-Encoding",
    "x-content-type-options": "nosniff",
}
ENCODED = gzip.compress(BODY, 6, mtime=0)
EXPECTED_HEADERS = {
    (200, "identity"): {**ON_EVERY_200, "etag": PLAIN_TAG, "content-length": str(len(BODY))},
    (200, "gzip"): {
        **ON_EVERY_200,
        "etag": GZIP_TAG,
        "content-length": str(len(ENCODED)),
        "content-encoding": "gzip",
    },
    (304, "identity"): {**ON_EVERY_304, "etag": PLAIN_TAG},
    (304, "gzip"): {**ON_EVERY_304, "etag": GZIP_TAG},
}


class Row(NamedTuple):
    """One validator, and the status it gets for each coding; GET and HEAD never differ in it."""

    name: str
    headers: dict[str, str]
    identity: int
    gzip: int


MATRIX = [
    #   validator                      what the client sends                                            identity gzip
    Row("none", {}, 200, 200),
    Row("hit plain", {"If-None-Match": PLAIN_TAG}, 304, 200),
    Row("hit gzip", {"If-None-Match": GZIP_TAG}, 200, 304),
    Row("list", {"If-None-Match": f'"a,b", {PLAIN_TAG} ,, {GZIP_TAG}'}, 304, 304),
    Row("weak plain", {"If-None-Match": f"W/{PLAIN_TAG}"}, 304, 200),
    Row("weak gzip", {"If-None-Match": f"W/{GZIP_TAG}"}, 200, 304),
    Row("any", {"If-None-Match": "*"}, 304, 304),
    Row("miss", {"If-None-Match": '"something-else"'}, 200, 200),
    Row("since equal", {"If-Modified-Since": EQUAL}, 304, 304),
    Row("since earlier", {"If-Modified-Since": EARLIER}, 200, 200),
    Row("since later", {"If-Modified-Since": LATER}, 304, 304),
    Row("since garbage", {"If-Modified-Since": "yesterday, around noon"}, 200, 200),
    # 13.1.3: If-Modified-Since is ignored beside If-None-Match
    Row("miss beside later", {"If-None-Match": '"x"', "If-Modified-Since": LATER}, 200, 200),
    Row("any beside earlier", {"If-None-Match": "*", "If-Modified-Since": EARLIER}, 304, 304),
    # 13.2.2: If-Match goes first, and hides If-Unmodified-Since; a condition that holds leaves the rest to decide
    Row("match any", {"If-Match": "*"}, 200, 200),
    Row("match plain", {"If-Match": PLAIN_TAG}, 200, 412),
    Row("match weak", {"If-Match": f"W/{PLAIN_TAG}, W/{GZIP_TAG}"}, 412, 412),
    Row("match miss", {"If-Match": '"x"'}, 412, 412),
    Row("match miss beside none-match hit", {"If-Match": '"x"', "If-None-Match": "*"}, 412, 412),
    Row("match any beside none-match any", {"If-Match": "*", "If-None-Match": "*"}, 304, 304),
    Row("match any beside unmodified earlier", {"If-Match": "*", "If-Unmodified-Since": EARLIER}, 200, 200),
    Row("unmodified equal", {"If-Unmodified-Since": EQUAL}, 200, 200),
    Row("unmodified earlier", {"If-Unmodified-Since": EARLIER}, 412, 412),
    Row("unmodified garbage", {"If-Unmodified-Since": "0"}, 200, 200),
    Row("unmodified equal, since equal", {"If-Unmodified-Since": EQUAL, "If-Modified-Since": EQUAL}, 304, 304),
]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(published(tmp_path_factory.mktemp("feeds"))) as server:
        yield server.port


def published(folder: Path) -> Path:
    feed = folder / "main" / "atom.xml"
    feed.parent.mkdir()
    feed.write_bytes(BODY)
    os.utime(feed, (MODIFIED_S, MODIFIED_S))
    return folder


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.name)
def test_matrix(port: int, row: Row, coding: str, method: str) -> None:
    """Each validator gets the status, the headers and the body that the table promises."""
    answer = fetch(port, FEED, method, {"Accept-Encoding": coding, **row.headers})

    status = row.gzip if coding == "gzip" else row.identity
    assert answer.status == status
    if status == 412:
        assert answer.headers == ON_EVERY_412
        assert answer.body == (b"" if method == "HEAD" else REFUSAL)
        return
    assert answer.headers == EXPECTED_HEADERS[status, coding]
    assert answer.body == (b"" if method == "HEAD" or status == 304 else ENCODED if coding == "gzip" else BODY)


@pytest.mark.parametrize("accepts", [{}, {"Accept-Encoding": ""}, {"Accept-Encoding": "br, zstd"}])
def test_without_gzip_the_bytes_are_plain(port: int, accepts: dict[str, str]) -> None:
    """A client that does not name gzip gets the file as it is."""
    answer = fetch(port, FEED, headers=accepts)
    assert (answer.status, answer.headers, answer.body) == (200, EXPECTED_HEADERS[200, "identity"], BODY)


def test_a_client_that_accepts_nothing_is_told(port: int) -> None:
    """RFC 9110 section 12.5.3: identity refused and no coding of ours allowed."""
    answer = fetch(port, FEED, headers={"Accept-Encoding": "identity;q=0, br"})
    assert (answer.status, answer.headers["vary"]) == (406, "Accept-Encoding")


def test_several_header_lines_are_one_list(port: int) -> None:
    """RFC 9110 section 5.3: the tag may stand in any of several lines."""
    assert fetch(port, FEED, headers={"If-None-Match": ['"x"', PLAIN_TAG]}).status == 304
    assert fetch(port, FEED, headers={"If-Modified-Since": [EQUAL, EQUAL]}).status == 200


def test_validators_survive_a_restart(tmp_path: Path) -> None:
    """What a reader remembers from one server is known to the next one, also after the same bytes were rewritten."""
    with serving(published(tmp_path)) as first:
        before = fetch(first.port, FEED, headers={"Accept-Encoding": "gzip"})
    beside = tmp_path / "main" / ".beside"
    beside.write_bytes(BODY)
    beside.replace(tmp_path / "main" / "atom.xml")
    with serving(tmp_path) as second:
        asked = {"Accept-Encoding": "gzip", "If-None-Match": before.headers["etag"]}
        after = fetch(second.port, FEED, headers=asked)
    assert (after.status, after.headers["etag"]) == (304, before.headers["etag"])


def test_a_new_file_is_served_at_once(tmp_path: Path) -> None:
    """A document renamed over the old one is in the next answer, and the old validator no longer holds."""
    with serving(published(tmp_path)) as server:
        before = fetch(server.port, FEED)
        beside = tmp_path / "main" / ".beside"
        beside.write_bytes(BODY[::-1])
        os.utime(beside, (MODIFIED_S, MODIFIED_S))
        beside.replace(tmp_path / "main" / "atom.xml")
        after = fetch(server.port, FEED, headers={"If-None-Match": before.headers["etag"]})
        (tmp_path / "main" / "atom.xml").unlink()
        gone = fetch(server.port, FEED, headers={"If-None-Match": "*"})
    assert (after.status, after.body) == (200, BODY[::-1])
    assert gone.status == 404


def test_a_file_from_the_future_is_dated_now(tmp_path: Path) -> None:
    """RFC 9110 section 8.8.2.1: no Last-Modified later than the server's own clock."""
    folder = published(tmp_path)
    os.utime(folder / "main" / "atom.xml", (4102444800, 4102444800))
    with serving(folder) as server:
        assert "2100" not in fetch(server.port, FEED).headers["last-modified"]


def test_head_and_get_say_the_same(port: int) -> None:
    """RFC 9110 section 9.3.2: HEAD is GET without the body, on every kind of answer."""
    for path in (FEED, "/main", "/nothing", "/-/health", "/-/nothing"):
        for coding in ("identity", "gzip"):
            get = fetch(port, path, "GET", {"Accept-Encoding": coding})
            head = fetch(port, path, "HEAD", {"Accept-Encoding": coding})
            assert head == Answer(get.status, get.headers, b""), path
