"""The door for mail that comes back: who it is about is told by a token in the address, or by nothing."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.app.address_secret import load_hasher
from feedsvc.app.links import read_box
from feedsvc.app.mail import envelope_domain
from feedsvc.app.project import open_project
from feedsvc.app.token_keys import load_tokens
from feedsvc.digests import Outcome, Register, ReturnReceipt, Returns
from feedsvc.digests.tokens import Purpose
from feedsvc.errors import FeedsvcError, StoreError, TokenError
from feedsvc.model import ReturnKind
from feedsvc.observe import get_logger
from feedsvc.parse.returned import read_returned
from feedsvc.settings.kinds import listen_address
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedsvc.app.project import Project
    from feedsvc.protocols import Clock, Store
    from feedsvc.receive import Listener
    from feedsvc.settings import Settings

_log = get_logger(__name__)

_NOBODY = frozenset(("", "mailer-daemon"))
"""How the sender of bounces is written: not at all (RFC 5321 section 4.5.5), or as Postfix hands it to commands."""
_BY_MAIL = "unsubscribed by mail"
_FORGED = "no token of ours is in the address"


class _Subject(NamedTuple):
    """Whom a mail is about, and what they, or machines, want to say with it."""

    purpose: Purpose
    subscriber_id: str


class ReturnDesk:
    """Takes mail that came back; any thread may call it.

    Raises:
        FeedsvcError: A secret that is needed is lost.
    """

    def __init__(self, project: Project, store: Store, clock: Clock = utc_now) -> None:
        folder = project.settings.state_folder
        hasher = load_hasher(folder, store)
        self._tokens = load_tokens(folder)
        self._register, self._returns = Register(store, hasher, clock), Returns(store, hasher, clock)
        self._clock = clock

    def is_box(self, recipient: str) -> bool:
        """Tell whether *recipient* looks like a mailbox of ours; its token is not verified."""
        return read_box(recipient) is not None

    def take(self, data: bytes, recipient: str = "", sender: str | None = None) -> ReturnReceipt:
        """Do what a mail asks for, and return what that was; whoever wrote it is never answered.

        Args:
            data: The mail.
            recipient: Whom the envelope was addressed to; if that is not known, the headers are asked.
            sender: Whom it came from by its envelope; None if that is not known.

        Raises:
            StoreError: The database cannot be used; the same mail may be brought again.
        """
        mail = read_returned(data)
        named = (recipient,) if self.is_box(recipient) else mail.recipients
        subject = self._subject((*named, *mail.concerned))
        if subject is None:
            return ReturnReceipt(Outcome.IGNORED, _FORGED)
        if subject.purpose is Purpose.UNSUBSCRIBE and mail.kind is not ReturnKind.COMPLAINT:
            known = self._register.withdraw(subject.subscriber_id, _BY_MAIL)
            return ReturnReceipt(Outcome.LEFT, _BY_MAIL, known)
        sender = mail.sender if sender is None else sender
        if mail.kind is ReturnKind.FAILURE and not _is_nobody(sender):
            return ReturnReceipt(Outcome.IGNORED, "it has a sender, which reports of failures never have")
        return self._returns.take(subject.subscriber_id, mail)

    def _subject(self, addresses: Iterable[str]) -> _Subject | None:
        """Return whom the first of *addresses* with a token of ours is about."""
        for address in addresses:
            box = read_box(address)
            if box is not None:
                try:
                    return _Subject(box[0], self._tokens.subject_of(*box, self._clock()))
                except TokenError:
                    continue
        return None


def take_returned(settings: Settings, data: bytes, recipient: str = "", sender: str | None = None) -> ReturnReceipt:
    """Take one mail that came back, beside a running daemon or without one; see `ReturnDesk.take`.

    Raises:
        FeedsvcError: It could not be done now; the same mail may be brought again.
    """
    project = open_project(settings)
    if not os.path.exists(project.database):
        raise StoreError(f"there is no database {project.database} yet; start the daemon, or check --root")
    with closing(project.open_store()) as store:
        return ReturnDesk(project, store).take(data, recipient, sender)


def open_listener(project: Project, store: Store) -> Listener:
    """Return what takes mail that comes back at the configured address; it is not started yet.

    Raises:
        FeedsvcError: What it needs is not installed, or a secret is lost.
    """
    try:
        from feedsvc.receive import Listener
    except ModuleNotFoundError as error:
        raise FeedsvcError("mail.bounce_listen needs aiosmtpd: pip install 'feedsvc[bounce]'") from error
    mail = project.settings.mail
    return Listener(_Mailroom(ReturnDesk(project, store)), *listen_address(mail.bounce_listen), envelope_domain(mail))


class _Mailroom:
    """Takes mail from the network, and logs what became of it."""

    def __init__(self, desk: ReturnDesk) -> None:
        self.is_box, self._desk = desk.is_box, desk

    def take(self, message: bytes, recipient: str, sender: str) -> None:
        receipt = self._desk.take(message, recipient, sender)
        log = _log.warning if receipt.outcome is Outcome.REFUSED else _log.info
        who = receipt.subscriber.id if receipt.subscriber else ""
        log("bounces.taken", outcome=receipt.outcome.value, reason=receipt.reason, subscriber=who)


def _is_nobody(sender: str | None) -> bool:
    """Tell whether mail is from no mailbox, or nobody knows from which."""
    return sender is None or sender.strip("<> ").lower() in _NOBODY
