"""The one mail that people get before they are subscribed: a question with one link, as plain text."""

from __future__ import annotations

from base64 import encodebytes
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.render import texts
from feedsvc.render.mail.columns import wrapped
from feedsvc.render.mail.headers import header_address, header_url, mailbox, unstructured
from feedsvc.render.mail.plain import plain
from feedsvc.render.mail.words import mail_language
from feedsvc.render.reader.words import words_of

if TYPE_CHECKING:
    from datetime import datetime

_FSI, _PDI = "\u2068", "\u2069"
_LONGEST_NAME = 80


class Letter(NamedTuple):
    """A question to somebody who asked for digests, or an answer to somebody who has them already.

    Attributes:
        id: Left side of the Message-ID; unique.
        site: Name of the site.
        sender: Address it comes from.
        sender_name: Name it comes from.
        link: The page to open, in ASCII.
        is_known: The recipient is subscribed already.
    """

    id: str
    site: str
    sender: str
    sender_name: str
    recipient: str
    language: str
    link: str
    made: datetime
    is_known: bool


def render_letter(letter: Letter) -> bytes:
    """Return the finished message (RFC 5322, CRLF line ends).

    Raises:
        RenderError: An address or the link cannot stand in a mail.
    """
    words = words_of(letter.language)
    name = texts.clean(plain(letter.site))[:_LONGEST_NAME]
    subject = "Your subscription to {site}" if letter.is_known else "Confirm your subscription to {site}"
    sender = header_address(letter.sender)
    body = _body(letter, name)
    encoding = "7bit" if body.isascii() else "base64"
    lines = (
        f"From: {mailbox(plain(letter.sender_name)[:_LONGEST_NAME], sender, len('From: '))}",
        f"To: {header_address(letter.recipient)}",
        f"Subject: {unstructured(words.text(subject).replace('{site}', name), len('Subject: '))}",
        f"Date: {format_datetime(letter.made)}",
        f"Message-ID: <{letter.id}@{sender.rpartition('@')[2]}>",
        "Auto-Submitted: auto-generated",  # RFC 3834 section 5: no answers by machines
        f"Content-Language: {mail_language(letter.language)[0]}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Transfer-Encoding: {encoding}",
    )
    head = "".join(f"{line}\r\n" for line in lines)
    text = body if encoding == "7bit" else encodebytes(body.encode()).decode().replace("\n", "\r\n")
    return f"{head}\r\n{text}".encode()


def _body(letter: Letter, name: str) -> str:
    language, direction = mail_language(letter.language)
    words = words_of(language)
    shown = f"{_FSI}{name}{_PDI}" if direction == "rtl" else name
    ask = "To confirm it, open this page within two days:"
    known = "It is subscribed already. To change what comes, open this page:"
    sentences = (
        "Somebody, probably you, asked for mails from {site} to this address.",
        known if letter.is_known else ask,
    )
    first, second = ("\r\n".join(wrapped(words.text(each).replace("{site}", shown))) for each in sentences)
    last = "\r\n".join(wrapped(words.text("If it was not you, do nothing.")))
    return f"{first}\r\n\r\n{second}\r\n\r\n{header_url(letter.link)}\r\n\r\n{last}\r\n"
