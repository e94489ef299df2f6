"""A plain HTTP client for the web tests: sends exactly what it is told, and nothing of its own."""

from __future__ import annotations

import http.client
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.observe import HealthCheck, HealthReport
from feedsvc.web import WebServer, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SITE = "https://news.example"
MAX_AGE_S = 60
WELL = HealthReport((HealthCheck("store", ok=True, detail="writes"),), is_ready=True)


class Answer(NamedTuple):
    """One response; header names are in lower case, the ``date`` is left out."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def serving(
    folder: object, site_url: str = SITE, probe: Callable[[], HealthReport] = lambda: WELL
) -> Iterator[WebServer]:
    """Serve *folder* on a free port of the loopback for the length of the block."""
    server = WebServer(create_app(str(folder), site_url, probe, max_age_s=MAX_AGE_S), "127.0.0.1", 0)
    server.start()
    try:
        yield server
    finally:
        server.stop(10)


def fetch(
    port: int,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str | list[str]] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Send one request with *headers* only (and ``Host: evil.example``) and read the whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": "evil.example", **(headers or {})}.items():
            for line in [value] if isinstance(value, str) else value:
                connection.putheader(name, line)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        assert len(named) == len(response.getheaders()), "a header is there twice"
        named.pop("date", None)
        return Answer(response.status, named, response.read())
    finally:
        connection.close()


def exchange(port: int, request: bytes) -> bytes:
    """Send *request* byte for byte and return everything that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)
