"""Messages as files in a folder that any mail program can read, where no mail server is configured."""

from __future__ import annotations

import hashlib
import itertools
import os
from typing import TYPE_CHECKING

from feedsvc.deliver.content import canonical
from feedsvc.deliver.replies import failure
from feedsvc.files import remove_if_there
from feedsvc.model import DeliveryResult, Stage, Verdict
from feedsvc.observe import get_logger, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feedsvc.model import Envelope

_log = get_logger(__name__)
_FOLDERS = ("tmp", "new", "cur")
_drafts = itertools.count()


class Spool:
    """Keeps messages in a Maildir instead of sending them; a `feedsvc.protocols.Transport`.

    A file is called by what it holds: the same message to the same recipient is there once, however often it is sent.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._is_announced = False

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[DeliveryResult]:
        """Yield what became of each of *envelopes*, in their order."""
        for envelope in envelopes:
            yield self._deliver(envelope)

    def close(self) -> None:
        """Do nothing: each message is on disk when its result is known."""

    def _deliver(self, envelope: Envelope) -> DeliveryResult:
        self._announce()
        try:
            name = self._keep(_as_delivered(envelope))
        except OSError as error:
            reason = f"the message cannot be kept in {self._folder}: {failure(error)}"
            return DeliveryResult(Verdict.DEFERRED, Stage.CONTENT, reason)
        return DeliveryResult(Verdict.ACCEPTED, Stage.CONTENT, f"kept as {os.path.join(self._folder, 'new', name)}")

    def _announce(self) -> None:
        if not self._is_announced:
            self._is_announced = True
            _log.info("mail.spooled", folder=self._folder, detail="mail.host is not set: mails are kept, not sent")

    def _keep(self, data: bytes) -> str:
        """Write *data* to a file that appears whole, and is on disk when this returns."""
        for folder in _FOLDERS:
            os.makedirs(os.path.join(self._folder, folder), mode=0o700, exist_ok=True)
        name = f"{hashlib.blake2b(data, digest_size=16).hexdigest()}.feedsvc"
        draft = os.path.join(self._folder, "tmp", f"{name}.{os.getpid()}.{next(_drafts)}")
        new = os.path.join(self._folder, "new")
        try:
            _write(draft, data)
            os.rename(draft, os.path.join(new, name))
        except OSError:
            remove_if_there(draft)
            raise
        _flush_folder(new)
        return name


def _as_delivered(envelope: Envelope) -> bytes:
    """Return the message as a mailbox keeps it: the envelope on top (RFC 5321 section 4.4), lines ended by LF."""
    addresses = {"Return-Path": f"<{envelope.sender}>", "Delivered-To": envelope.recipient}
    trace = "".join(f"{name}: {printable(value)}\n" for name, value in addresses.items())
    return trace.encode("utf-8", "replace") + canonical(envelope.message).replace(b"\r\n", b"\n")


def _write(path: str, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
