"""A terminal to run commands on."""

from __future__ import annotations

import os
import pty
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def screen_of(command: Sequence[str], keys: str = "", environ: Mapping[str, str] | None = None) -> str:
    """Run *command* on a terminal, type *keys*, and return what the screen was sent."""
    master, slave = pty.openpty()
    inherited = {key: value for key, value in (environ or os.environ).items() if key != "NO_COLOR"}
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=inherited | {"TERM": "xterm-256color"}):
        os.close(slave)
        os.write(master, keys.encode())
        screen = b""
        with suppress(OSError):  # EIO: the last program on the terminal has ended
            while chunk := os.read(master, 65536):
                screen += chunk
    os.close(master)
    return screen.decode()
