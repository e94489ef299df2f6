"""The server itself: starting, failing to start, and stopping whatever its clients do."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web_client import WELL, fetch, serving

from feedsvc.errors import FeedsvcError
from feedsvc.web import WebServer, create_app
from feedsvc.web.server import open_sockets

if TYPE_CHECKING:
    from feedsvc.observe import HealthReport

PAGE = b"<!doctype html><p>here"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_bytes(PAGE)
    return tmp_path


def build(folder: Path, host: str = "127.0.0.1", port: int = 0) -> WebServer:
    return WebServer(create_app(str(folder), "https://news.example", lambda: WELL, max_age_s=60), host, port)


def test_a_life(folder: Path) -> None:
    """It answers between start and stop on the port it names, can be started again, and a second stop does no harm."""
    server = build(folder)
    server.stop(10)
    assert (server.port, server.is_alive) == (0, False)
    for _ in range(2):
        server.start()
        assert server.is_alive
        assert fetch(server.port, "/").body == PAGE
        server.stop(10)
        server.stop(10)
        assert not server.is_alive
        with pytest.raises(ConnectionRefusedError):
            fetch(server.port, "/")


def test_signals_stay_with_the_caller(folder: Path) -> None:
    """Neither start nor stop touches a signal handler."""
    watched = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in watched]
    with serving(folder):
        assert [signal.getsignal(number) for number in watched] == before
    assert [signal.getsignal(number) for number in watched] == before


def test_it_is_quiet(folder: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """A life with requests and a cut connection leaves nothing in the log; no header names the software."""
    caplog.set_level("DEBUG")
    with serving(folder) as server, socket.create_connection(("127.0.0.1", server.port)) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost:")
        assert "server" not in fetch(server.port, "/").headers
        assert fetch(server.port, "/none").status == 404
    assert [record for record in caplog.records if record.name.startswith(("uvicorn", "feedsvc"))] == []
    assert capfd.readouterr() == ("", "")


def test_a_used_port_is_explained(folder: Path) -> None:
    """The sentence names the address and what to do."""
    with serving(folder) as first:
        second = build(folder, port=first.port)
        with pytest.raises(FeedsvcError, match=rf"^127\.0\.0\.1:{first.port} is in use .*choose another port"):
            second.start()
        assert not second.is_alive
        assert fetch(first.port, "/").body == PAGE


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "300.1.1.1", "a..b", "x" * 70, "2001:db8::1"])
def test_a_bad_host_is_explained(folder: Path, host: str) -> None:
    """A host that is not this machine gets a sentence with the two usual answers."""
    with pytest.raises(FeedsvcError, match=r"^\S+:0 is no address of this machine: .*127\.0\.0\.1.*0\.0\.0\.0"):
        build(folder, host).start()


@pytest.mark.parametrize("port", [-1, 65536, 10**9])
def test_a_bad_port_is_explained(folder: Path, port: int) -> None:
    """A number that is no port is refused before anything is opened."""
    with pytest.raises(FeedsvcError, match=rf"^{port} is no port"):
        build(folder, port=port).start()


def may_use_every_port() -> bool:
    """Root may, and in many containers everybody."""
    first_free = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    return os.geteuid() == 0 or (first_free.exists() and int(first_free.read_text()) <= 1)


@pytest.mark.skipif(may_use_every_port(), reason="every port may be used here")
def test_a_forbidden_port_is_explained(folder: Path) -> None:
    """Ports of the system need rights; the sentence says which ones do not."""
    with pytest.raises(FeedsvcError, match=r"may not be used .*above 1023"):
        build(folder, port=1).start()


def test_any_other_refusal_is_explained(folder: Path) -> None:
    """What the system says is passed on: here, a link-local address without its interface."""
    with pytest.raises(FeedsvcError, match=r"^fe80::1:0 (cannot be listened on|is no address)"):
        build(folder, "fe80::1").start()


def test_a_name_with_several_addresses() -> None:
    """All addresses of a name are listened on, on one port."""
    sockets = open_sockets("localhost", 0)
    try:
        assert len({each.getsockname()[1] for each in sockets}) == 1
    finally:
        for each in sockets:
            each.close()


def test_a_port_used_on_one_of_several_addresses(folder: Path) -> None:
    """Half a site is none: nothing is left open when one address of all is taken."""
    everywhere = socket.getaddrinfo(None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    if len(everywhere) < 2:
        pytest.skip("needs IPv4 and IPv6")
    family, _, _, _, address = everywhere[-1]
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        if family == socket.AF_INET6:
            taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        taken.bind((address[0], 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(FeedsvcError, match="in use"):
            build(folder, "", port).start()
    server = build(folder, "", port)
    server.start()
    server.stop(10)


def test_an_application_that_cannot_start(caplog: pytest.LogCaptureFixture) -> None:
    """A fault inside the server thread reaches the caller of start, with its cause in the log."""

    def application(*_: object) -> None:
        raise ValueError("broken from the start")

    server = WebServer(application, "127.0.0.1", 0)  # type: ignore[arg-type]
    with pytest.raises(FeedsvcError, match="could not start"):
        server.start()
    assert "broken from the start" in caplog.text
    assert not server.is_alive


def test_stop_with_idle_and_half_open_connections(folder: Path) -> None:
    """Clients that keep a connection, or never finish a request, do not hold the server up; they are hung up on."""
    with serving(folder) as server:
        kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        kept.request("GET", "/")
        kept.getresponse().read()
        half = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        half.sendall(b"GET / HTTP/1.1\r\n")
        server.stop(10)
        assert not server.is_alive
        assert kept.sock.recv(1) == b""
        assert half.recv(1) == b""
        kept.close()
        half.close()


def test_stop_while_a_client_does_not_read(folder: Path) -> None:
    """An answer that somebody fetches slower than the grace allows is cut; the port is free for the next server."""
    (folder / "long.bin").write_bytes(bytes(20_000_000))
    server = build(folder)
    server.start()
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(20)
    slow.connect(("127.0.0.1", server.port))
    slow.sendall(b"GET /long.bin HTTP/1.1\r\nHost: x\r\n\r\n")
    assert slow.recv(8) == b"HTTP/1.1"
    server.stop(10)
    assert not server.is_alive
    again = build(folder, port=server.port)
    again.start()
    assert fetch(again.port, "/").body == PAGE
    again.stop(10)
    slow.close()


def test_stop_while_a_probe_hangs(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A health check that never ends holds up neither other readers nor the stop."""
    entered, free = threading.Event(), threading.Event()

    def probe() -> HealthReport:
        entered.set()
        free.wait(60)
        return WELL

    with serving(folder, probe=probe) as server, socket.create_connection(("127.0.0.1", server.port)) as asking:
        asking.sendall(b"GET /-/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert entered.wait(20)
        assert fetch(server.port, "/").body == PAGE
        server.stop(10)
        assert not server.is_alive
        free.set()


def test_stop_that_may_not_wait(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A stop without patience returns, says so in the log, and the server still ends."""
    server = build(folder)
    server.start()
    server.stop(0)
    assert "web.stop_timed_out" in caplog.text
    server.stop(10)
    assert not server.is_alive
