"""HTTP of the pages of subscribers: what is handed on, and what becomes of requests that go wrong."""

from __future__ import annotations

import socket
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from web_client import WELL, exchange, fetch

from feedsvc.errors import StoreError
from feedsvc.web import PageAnswer, PageRequest, ReaderPage, WebServer, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


class Pages:
    """Answers everything with one page, or fails, and keeps what it was asked."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.asked: list[PageRequest] = []
        self._failure = failure

    def __call__(self, request: PageRequest) -> PageAnswer:
        """Return the page."""
        self.asked.append(request)
        if self._failure is not None:
            raise self._failure
        return PageAnswer(b"<!doctype html><p>page")


@contextmanager
def serving(folder: Path, pages: Pages) -> Iterator[int]:
    """Serve *pages* for the length of the block; yields the port."""
    app = create_app(str(folder), "https://news.example", lambda: WELL, max_age_s=60, pages=pages)
    server = WebServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield server.port
    finally:
        server.stop(10)


def test_a_request_is_handed_on_as_values(tmp_path: Path) -> None:
    """Page, token, fields with all their values, languages; the body of a request that says all by its token is not."""
    pages = Pages()
    with serving(tmp_path, pages) as port:
        fetch(port, "/-/subscribe?lang=ar", headers={"Accept-Language": "fr, en;q=0.5"})
        fetch(port, "/-/preferences/abc", "POST", FORM, b"feeds=a&feeds=b&hour=&zone=%D9%85+x")
        fetch(port, "/-/unsubscribe/abc", "POST", {"Content-Type": "nonsense"}, b"\xff\xfe")
    assert pages.asked == [
        PageRequest(ReaderPage.SUBSCRIBE, "", None, "127.0.0.1", "ar", "fr, en;q=0.5"),
        PageRequest(ReaderPage.PREFERENCES, "abc", {"feeds": ["a", "b"], "hour": [""], "zone": ["م x"]}, "127.0.0.1"),
        PageRequest(ReaderPage.UNSUBSCRIBE, "abc", {}, "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_a_proxy_on_this_machine_tells_who_asks(tmp_path: Path, forwarded: str | list[str], client: str) -> None:
    """Of several addresses the last one counts, which the proxy wrote; what is no address counts as none."""
    pages = Pages()
    with serving(tmp_path, pages) as port:
        fetch(port, "/-/subscribe", headers={"X-Forwarded-For": forwarded})
    assert [request.client for request in pages.asked] == [client]


def test_a_store_that_is_busy_is_told_of(tmp_path: Path) -> None:
    """Mail programs try again after a 503; nothing of the fault is shown."""
    with serving(tmp_path, Pages(StoreError("the database is locked"))) as port:
        answer = fetch(port, "/-/unsubscribe/abc", "POST", FORM, b"List-Unsubscribe=One-Click")
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert answer.headers["cache-control"] == "no-store"
    assert b"database" not in answer.body


def test_a_fault_of_ours_is_no_secret_for_others(tmp_path: Path) -> None:
    """The answer is a 500 without a traceback, and the next request is answered."""
    with serving(tmp_path, Pages(ZeroDivisionError("secret"))) as port:
        answers = [fetch(port, "/-/confirm/abc") for _ in range(2)]
    assert [answer.status for answer in answers] == [500, 500]
    assert b"secret" not in answers[0].body


def test_other_methods_and_addresses_are_refused(tmp_path: Path) -> None:
    """Nothing but GET, HEAD and POST; tokens are one part of an address, and no answer leads anywhere else."""
    pages = Pages()
    with serving(tmp_path, pages) as port:
        assert {fetch(port, "/-/unsubscribe/abc", method).status for method in ("PUT", "DELETE", "PATCH")} == {405}
        assert "POST" in fetch(port, "/-/unsubscribe/abc", "OPTIONS").headers["allow"]
        odd = (
            "/-/unsubscribe/",
            "/-/unsubscribe",
            "/-/unsubscribe/a/b",
            "/-/subscribe/",
            "/-/subscribe/x",
            "/-/health/",
        )
        assert {fetch(port, path).status for path in odd} == {404}
    assert pages.asked == []


def test_clients_that_vanish_do_no_harm(tmp_path: Path) -> None:
    """A connection that is cut in the middle of a body is nobody's wish."""
    pages = Pages()
    with serving(tmp_path, pages) as port:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.sendall(b"POST /-/unsubscribe/abc HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nList-")
        assert fetch(port, "/-/health").status == 200
        reply = exchange(port, b"POST /-/confirm/abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200")
    assert [request.page for request in pages.asked] == [ReaderPage.CONFIRM]
