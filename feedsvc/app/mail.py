"""The way out for mail, built from the settings, and a message that tries it out."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from feedsvc.deliver import Security, SmtpServer, SmtpTransport, Spool
from feedsvc.errors import FeedsvcError
from feedsvc.model import Envelope, display_path
from feedsvc.settings.kinds import mail_address
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from feedsvc.deliver.signing import Signer
    from feedsvc.model import DeliveryResult
    from feedsvc.protocols import Transport
    from feedsvc.settings import MailSettings, Settings

SPOOL = "spool"
_NOBODY = "feedsvc@localhost"
_TEST_TEXT = """This message was sent with "feedsvc mail test".

If you can read it, mail leaves {title} as it should. There is nothing to do.
"""


@dataclass(frozen=True, slots=True)
class MailTrial:
    """What became of a test message.

    Attributes:
        is_spooled: There is no mail server; the message was kept as a file.
        way: Where it was handed to, for people.
    """

    result: DeliveryResult
    is_spooled: bool
    way: str


def load_signer(settings: Settings) -> Signer | None:
    """Return what signs mails, None if they are not signed here.

    Raises:
        FeedsvcError: The key cannot be used, or what signs is not installed.
    """
    mail = settings.mail
    if not mail.dkim_selector:
        return None
    try:
        from feedsvc.deliver.signing import Signer
        from feedsvc.deliver.signing_key import read_signing_key
    except ImportError as error:
        raise FeedsvcError("signed mails need a library that is not installed: pip install 'feedsvc[dkim]'") from error
    key = read_signing_key(str(settings.root / mail.dkim_key_file))
    return Signer(mail.dkim_domain or sender_address(mail).rpartition("@")[2], mail.dkim_selector, key)


def dkim_record(settings: Settings) -> str:
    """Return the DNS record that receivers check signatures with, as a line of a zone file.

    Raises:
        FeedsvcError: Mails are not signed here, or the key cannot be used.
    """
    signer = load_signer(settings)
    if signer is None:
        raise FeedsvcError("mails are not signed here: set dkim_selector and dkim_key_file in [mail]")
    return signer.record()


def open_transport(settings: Settings, signer: Signer | None = None) -> Transport:
    """Return the way out for mail: to the configured server, else into the spool. It belongs to one thread."""
    transport = _plain_transport(settings)
    if signer is None:
        return transport
    from feedsvc.deliver.signing import SigningTransport

    return SigningTransport(transport, signer)


def _plain_transport(settings: Settings) -> Transport:
    mail = settings.mail
    if not mail.host:
        return Spool(str(settings.state_folder / SPOOL))
    server = SmtpServer(
        host=mail.host,
        port=mail.port,
        security=Security(mail.security),
        username=mail.username,
        password=mail.password.get_secret_value(),
        ca_file=str(settings.root / mail.ca_file) if mail.ca_file else "",
        hello=envelope_domain(mail),
        timeout_s=mail.timeout_s,
        max_per_connection=mail.max_per_connection,
    )
    return SmtpTransport(server)


def sender_address(mail: MailSettings) -> str:
    """Return the address that messages come from, its domain in ASCII."""
    local, _, domain = (mail.from_address or _NOBODY).rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def envelope_domain(mail: MailSettings) -> str:
    """Return the domain that bounces come back to, in ASCII."""
    return mail.envelope_domain or sender_address(mail).rpartition("@")[2]


def try_mail(settings: Settings, recipient: str) -> MailTrial:
    """Send one message to *recipient* the way that all messages go, and return what became of it.

    Raises:
        FeedsvcError: *recipient* is no mail address.
    """
    message = _test_message(settings, recipient)
    return try_envelope(settings, Envelope(sender_address(settings.mail), recipient, message), load_signer(settings))


def try_envelope(settings: Settings, envelope: Envelope, signer: Signer | None) -> MailTrial:
    """Send one message the way that all messages go, and return what became of it."""
    transport = open_transport(settings, signer)
    try:
        (result,) = transport.send([envelope])
    finally:
        transport.close()
    mail = settings.mail
    way = f"{mail.host}, port {mail.port}" if mail.host else str(settings.state_folder / SPOOL)
    return MailTrial(result, not mail.host, way)


def _test_message(settings: Settings, recipient: str) -> bytes:
    mail, title = settings.mail, settings.site.title
    sender = sender_address(mail)
    message = EmailMessage(policy=SMTP if (sender + recipient).isascii() else SMTPUTF8)
    message["From"] = _address(sender, mail.from_name or title)
    message["To"] = _address(recipient)
    message["Subject"] = "A test message"
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = make_msgid(domain=envelope_domain(mail))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_TEST_TEXT.format(title=title), cte="quoted-printable")
    return message.as_bytes()


def _address(address: str, name: str = "") -> Address:
    try:
        username, _, domain = mail_address(address).rpartition("@")
    except ValueError as error:
        raise FeedsvcError(f"{display_path(address)}: this is not a mail address") from error
    return Address(name, username, domain)
