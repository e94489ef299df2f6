"""A real Postfix on loopback: configuration, queue and data in a folder of its own, gone with the test.

Its processes leave the superuser's rights behind, so the folder must be reachable for everybody; nothing of the
machine's own Postfix, if it runs one, is touched or needed.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from grp import getgrnam
from pathlib import Path
from typing import TYPE_CHECKING

import needs
import pytest
from daemon import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon import Site

LOOPBACK = "127.0.0.1"
_PRIVATE = [
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
]

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.test.example
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
default_transport = smtp:[127.0.0.1]:{sink}
minimal_backoff_time = 1s
queue_run_delay = 1s
maximal_backoff_time = 2s
{main}
"""

_MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
{master}
"""

_HATCH = """\
#!/bin/sh
call=$(mktemp -d {calls}/XXXXXXXX) || exit 75
printf '%s\\n' "$@" >"$call/arguments"
cat >"$call/mail"
mkdir "$call/ready"
until [ -f "$call/code" ]; do sleep 0.05; done
cat "$call/output"
exit "$(cat "$call/code")"
"""
"""What a pipe calls: it hands arguments and mail to the test, which runs the command, and ends as that one ended.

A pipe gives up the superuser's rights, and the interpreter and the site of a test are often in its home.
"""


@dataclass
class Postfix:
    """One that runs.

    Attributes:
        port: Where it takes mail.
        folder: All that it has.
        calls: Arguments of the commands that its pipes have called.
    """

    port: int
    folder: Path
    calls: list[list[str]] = field(default_factory=list)

    def command(self, *arguments: str) -> None:
        """Run the command ``postfix``."""
        subprocess.run(["postfix", "-c", str(self.folder / "conf"), *arguments], check=True, capture_output=True)

    def log(self) -> str:
        """Return what it has logged so far."""
        path = self.folder / "log" / "mail.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def wait_for(self, is_so: Callable[[], object]) -> None:
        """Look again and again until *is_so* holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, f"waited in vain; the log ends with\n{self.log()[-4_000:]}"
            time.sleep(0.02)

    def queued(self) -> int:
        """Return how many messages it has."""
        names = ("maildrop", "incoming", "active", "deferred")
        return sum(1 for name in names for path in (self.folder / "queue" / name).rglob("*") if path.is_file())


@contextlib.contextmanager
def postfix(
    main: str, table: str = "", master: str = "", *, sink: int = 1, site: Site | None = None
) -> Iterator[Postfix]:
    """Run a Postfix with these lines in ``main.cf`` and ``master.cf``; what it does not know goes to port *sink*.

    In *main*, ``/etc/postfix/feedsvc`` stands for a file that holds *table*; in *master*, ``{hatch}`` is the program
    of a pipe, and its calls are run as commands of *site*.
    """
    commands, daemons = _programs()
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-postfix-"))
    try:
        port = free_port()
        names = {"folder": folder, "commands": commands, "daemons": daemons, "port": port, "sink": sink}
        _furnish(folder, _MAIN.format(main=main, **names), _MASTER.format(master=master, **names))
        (folder / "conf" / "feedsvc").write_text(table)
        with _running(Postfix(port, folder), daemons) as server, _hatch(server, site):
            yield server
    finally:
        shutil.rmtree(folder)


def hatch(folder: Path) -> str:
    """Return the path of the program for pipes."""
    return str(folder / "hatch")


def _programs() -> tuple[str, str]:
    """Return where the programs of Postfix are; skips where there are none, or where they may not be started."""
    postconf = needs.tool("postconf")
    if os.geteuid() != 0:
        pytest.skip("only the superuser may start Postfix")
    found = subprocess.run([postconf, "-dh", "daemon_directory"], capture_output=True, text=True, check=True)
    return str(Path(postconf).parent), found.stdout.strip()


def _furnish(folder: Path, main: str, master: str) -> None:
    """Make the folders as ``postfix set-permissions`` would, and write the configuration."""
    owner, group = pwd.getpwnam("postfix").pw_uid, getgrnam("postdrop").gr_gid
    folder.chmod(0o755)
    for name in ("conf", "log", "queue", "queue/pid"):
        (folder / name).mkdir()
    for name in _PRIVATE:
        (folder / "queue" / name).mkdir(mode=0o700)
        os.chown(folder / "queue" / name, owner, -1)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        (folder / "queue" / name).mkdir()
        os.chown(folder / "queue" / name, owner, group)
        (folder / "queue" / name).chmod(mode)
    (folder / "data").mkdir(mode=0o700)
    os.chown(folder / "data", owner, -1)
    (folder / "conf" / "main.cf").write_text(main.replace("/etc/postfix/", f"{folder}/conf/"))
    (folder / "conf" / "master.cf").write_text(master.replace("{hatch}", hatch(folder)))


@contextlib.contextmanager
def _running(server: Postfix, daemons: str) -> Iterator[Postfix]:
    command = [f"{daemons}/master", "-c", str(server.folder / "conf"), "-s"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        server.wait_for(lambda: process.poll() is not None or _greets(server.port))
        assert process.poll() is None, server.log()
        yield server
    finally:
        process.send_signal(signal.SIGTERM)  # master ends its children
        process.wait(PATIENCE_S)


def _greets(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), PATIENCE_S) as client:
        return client.recv(4).startswith(b"220")
    return False


@contextlib.contextmanager
def _hatch(server: Postfix, site: Site | None) -> Iterator[None]:
    """Run what pipes call, until the end of the block."""
    calls = server.folder / "calls"
    calls.mkdir()
    calls.chmod(0o777)
    program = Path(hatch(server.folder))
    program.write_text(_HATCH.format(calls=calls))
    program.chmod(0o755)
    stop = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, site, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)


def _serve(server: Postfix, site: Site | None, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        for ready in (server.folder / "calls").glob("*/ready"):
            ready.rmdir()
            _call(server, site, ready.parent)


def _call(server: Postfix, site: Site | None, call: Path) -> None:
    assert site is not None, "a pipe was called without a site"
    arguments = (call / "arguments").read_text("utf-8").splitlines()
    with (call / "mail").open("rb") as mail:
        done = subprocess.run(
            site.command(*arguments), env=site.environment(), stdin=mail, capture_output=True, check=False
        )
    (call / "output").write_bytes(done.stdout + done.stderr)
    (call / "code.new").write_text(str(done.returncode))
    server.calls.append(arguments)
    (call / "code.new").rename(call / "code")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
