"""Postfix's ``smtp-sink``: a mail server that takes everything, or has the faults that it is told to have."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import needs
from daemon import PATIENCE_S

from feedsvc.deliver import Security, SmtpServer

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


@contextmanager
def smtp_sink(*options: str, timeout_s: float = 10.0) -> Iterator[SmtpServer]:
    """Run ``smtp-sink`` with *options* on a port of its own, and yield how to reach it with so much patience."""
    program, port = needs.tool("smtp-sink"), free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, *user, *options, f"{LOOPBACK}:{port}", "100"], stderr=subprocess.DEVNULL) as sink:
        try:
            _wait_for(port, sink)
            yield SmtpServer(LOOPBACK, port, Security.NONE, hello="test.example", timeout_s=timeout_s)
        finally:
            sink.kill()


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int, sink: subprocess.Popen[bytes]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        assert sink.poll() is None, "smtp-sink ended"
        try:
            socket.create_connection((LOOPBACK, port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("smtp-sink does not listen")
