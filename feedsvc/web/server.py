"""The HTTP server: uvicorn on a loop of its own, in a thread of its own."""

from __future__ import annotations

import asyncio
import errno
import socket
from threading import Event, Thread
from typing import TYPE_CHECKING

import uvicorn

from feedsvc.errors import FeedsvcError
from feedsvc.observe import get_logger

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_BACKLOG = 2048
_GRACE_S = 0.8
"""How long open answers may go on after a stop, in seconds; what is open then is cut."""
_BACKSTOP_S = 1
_MAX_PORT = 65535
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})

_log = get_logger(__name__)


class WebServer:
    """Serves *app* at *host* and *port* from :meth:`start` to :meth:`stop`; the caller keeps all signals."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._app, self._host, self._asked_port = app, host, port
        self._port = port
        self._server: _Server | None = None
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on; before the start, the one that was asked for."""
        return self._port

    @property
    def is_alive(self) -> bool:
        """Whether requests are being answered."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Listen, and return when requests are answered.

        Raises:
            FeedsvcError: The address cannot be used; says why and what to do.
        """
        sockets = open_sockets(self._host, self._asked_port)
        self._port = int(sockets[0].getsockname()[1])
        settled = Event()
        self._server = server = _Server(_config(self._app), settled)
        self._thread = Thread(target=_serve, args=(server, sockets, settled), name="feedsvc-web", daemon=True)
        self._thread.start()
        settled.wait()
        if not server.started:
            raise FeedsvcError("the web server could not start; the log says why")

    def stop(self, timeout_s: float) -> None:
        """Stop listening, give open answers a moment to end, cut the rest; waits *timeout_s* seconds at most."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            _log.warning("web.stop_timed_out", timeout_s=timeout_s)


class _Server(uvicorn.Server):
    """uvicorn's server, which tells when it listens and cuts connections instead of cancelling their tasks."""

    def __init__(self, config: uvicorn.Config, settled: Event) -> None:
        super().__init__(config)
        self._settled = settled

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(_GRACE_S, self._cut)
        await super().shutdown(sockets)
        self._cut()

    def _cut(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _config(app: ASGIApp) -> uvicorn.Config:
    """Return a quiet configuration; the loop is uvloop and the parser httptools where they are installed."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        lifespan="off",
        ws="none",
        workers=1,
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_BACKSTOP_S,
    )


def _serve(server: _Server, sockets: list[socket.socket], settled: Event) -> None:
    try:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets))
    except Exception:
        _log.exception("web.failed")
    finally:
        for each in sockets:
            each.close()
        settled.set()


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets for all addresses of *host*; port 0 takes one free port for all of them.

    Raises:
        FeedsvcError: No address of *host* can be used; says why and what to do.
    """
    if not 0 <= port <= _MAX_PORT:
        raise FeedsvcError(f"{port} is no port: choose one from 1 to {_MAX_PORT}, or 0 for any free one")
    sockets: list[socket.socket] = []
    failure: OSError | None = None
    for family, address in _addresses(host, port):
        try:
            sockets.append(_listen(family, (address, sockets[0].getsockname()[1] if sockets else port)))
        except OSError as error:
            failure = error
            if error.errno not in _NOT_HERE:
                break
    if sockets and (failure is None or failure.errno in _NOT_HERE):
        return sockets
    for each in sockets:
        each.close()
    raise FeedsvcError(_explain(host, port, failure)) from failure


def _addresses(host: str, port: int) -> list[tuple[int, str]]:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise FeedsvcError(_explain(host, port, None)) from error
    return list(dict.fromkeys((int(family), str(address[0])) for family, *_, address in found))


def _listen(family: int, address: tuple[str, int]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _explain(host: str, port: int, failure: OSError | None) -> str:
    reason = None if failure is None else failure.errno
    if reason == errno.EADDRINUSE:
        return f"{host}:{port} is in use by another program: stop that one, or choose another port in the settings"
    if reason == errno.EACCES:
        return f"{host}:{port} may not be used by this user: choose a port above 1023 in the settings"
    if reason is None or reason in _NOT_HERE:
        return (
            f"{host}:{port} is no address of this machine: "
            "use the host 127.0.0.1 to be reached from here only, or 0.0.0.0 from everywhere"
        )
    return f"{host}:{port} cannot be listened on: {failure}"
