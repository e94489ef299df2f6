"""Header lines of a mail (RFC 5322 section 2.2), written here and not by `email.message`.

That one encodes a long ``List-Unsubscribe`` as if it were text, so that no program finds the address in it, and loses
spaces between scripts in a subject.
"""

from __future__ import annotations

import re
from base64 import b64encode
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from feedsvc.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedsvc.model import Digest, MailSender, Recipient, Site

MAX_LINE = 76
"""Octets of a line with encoded words (RFC 2047 section 2); it keeps within the 78 of RFC 5322 section 2.1.1 too."""

_MAX_URL = 900
"""A link is never folded, and no line may have more than 998 octets (RFC 5322 section 2.1.1)."""

_MAX_WORD = 75
_HEX = re.compile("[0-9a-f]{8}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ADDRESS = re.compile(r"([^\x00-\x20\x7f-\xa0<>,;:()\[\]\\\"@\ud800-\udfff]+)@([^\x00-\x20\x7f-\xa0<>,;:()\[\]\\\"@]+)")
_URL = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def shared_headers(digest: Digest, name: str, subject: str, language: str) -> str:
    """Return the header lines that are the same for everybody, each with its CRLF.

    Args:
        digest: What is mailed.
        name: Who the mail is from, on one line without controls.
        subject: On one line without controls.
        language: That of the mail (RFC 3282).

    Raises:
        RenderError: The address of the sender cannot stand in a header.
    """
    site = digest.site
    lines = (
        f"From: {mailbox(name, header_address(digest.sender.address), len('From: '))}",
        f"Subject: {unstructured(subject, len('Subject: '))}",
        f"Date: {format_datetime(digest.made)}",
        f"List-Id: {_list_id(site, name)}",
        f"List-Archive: <{ascii_url(site.url)}/>",
        f"Feedback-ID: {digest.period.frequency}:{language}:digest:{site.namespace.hex[:12]}",
        "Auto-Submitted: auto-generated",  # RFC 3834 section 5: no answers by machines
        f"Content-Language: {language}",
        "MIME-Version: 1.0",
    )
    return "".join(f"{line}\r\n" for line in lines)


def personal_headers(recipient: Recipient, domain: str) -> str:
    """Return the header lines for one person, each with its CRLF.

    Raises:
        RenderError: An address cannot stand in a header.
    """
    url = header_url(recipient.unsubscribe_url)
    mailto = quote(header_address(recipient.unsubscribe_address), safe="@+=!$&'*/^_`{|}~-.")
    lines = [
        f"To: {header_address(recipient.address)}",
        f"Message-ID: <{message_id(recipient.message_seed, domain)}>",
        f"List-Unsubscribe: <{url}>,\r\n <mailto:{mailto}?subject=unsubscribe>",
    ]
    if url.startswith("https:"):
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")  # RFC 8058 section 3.1 wants HTTPS
    return "".join(f"{line}\r\n" for line in lines)


def message_id(seed: str, domain: str) -> str:
    """Return the Message-ID of the mail that *seed* names, without angle brackets (RFC 5322 section 3.6.4).

    It begins as *seed* does, with part of an id: those of a million people, in their order, are in order, too, and a
    database keeps them several times as fast.
    """
    beginning = seed[:8] if _HEX.fullmatch(seed[:8]) else ""
    name = beginning + sha256(seed.encode("utf-8", "replace")).hexdigest()
    return f"{name[:40]}@{domain}"


def message_domain(sender: MailSender) -> str:
    """Return the right side of message ids.

    Raises:
        RenderError: The address of the sender cannot stand in a header.
    """
    return header_address(sender.address).rpartition("@")[2]


def header_address(address: str) -> str:
    """Return *address* with its domain in ASCII; a local part in another script stays (RFC 6532).

    Raises:
        RenderError: It is no address, or would break the header.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise RenderError(f"{address!r} cannot be written as a mail address")
    return f"{found[1]}@{_ascii_domain(found[2])}"


def _ascii_domain(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise RenderError(f"the domain {domain!r} cannot be written in ASCII: {error}") from error


def ascii_url(url: str) -> str:
    """Return *url* in ASCII, as old programs need it: scripts of the host as punycode, others percent-encoded."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = parts.hostname or ""
    netloc = parts.netloc.replace(host, _ascii_domain(host)) if host else parts.netloc
    return quote(parts._replace(netloc=netloc).geturl(), safe="%/:?#[]@!$&'()*+,;=~-._")


def header_url(url: str) -> str:
    """Return *url* if it can stand in a header and in a text as it is.

    Raises:
        RenderError: It is no ASCII web address, or too long.
    """
    if len(url) > _MAX_URL or _URL.fullmatch(url) is None:
        raise RenderError(f"{url[:80]!r} cannot be written in a header: it must be an ASCII web address")
    return url


def _list_id(site: Site, name: str) -> str:
    """Return the id of the list (RFC 2919): it lies in the site's domain, or is one of those that nobody manages."""
    host = _ascii_domain(urlsplit(site.url).hostname or "localhost")
    is_domain = "." in host and ":" not in host and not host.replace(".", "").isdigit()
    own = f"digests.{host}" if is_domain else f"digests.{site.namespace.hex}.localhost"
    return mailbox(name, own, len("List-Id: "))


def mailbox(name: str, address: str, used: int) -> str:
    """Return ``name <address>`` behind *used* octets of a line; the address has its own line if it would not fit."""
    shown = _phrase(name, used)
    if not shown:
        return f"<{address}>"
    last = shown.rpartition("\r\n")[2]
    room = MAX_LINE - (used if last == shown else 0)
    return f"{shown} <{address}>" if len(last) + len(address) + 3 <= room else f"{shown}\r\n <{address}>"


def _phrase(name: str, used: int) -> str:
    """Return a name as words, as a quoted string, or encoded (RFC 5322 section 3.2.5)."""
    if len(name) + used + 2 <= MAX_LINE and name.isascii() and "=?" not in name:
        if _ATOMS.fullmatch(name) or not name:
            return name
        if '"' not in name and "\\" not in name:
            return f'"{name}"'
    return _encoded(name, used)


def unstructured(text: str, used: int) -> str:
    """Return *text* as it is if it is ASCII and can be folded at its spaces, else as encoded words (RFC 2047)."""
    if text.isascii() and "=?" not in text:
        lines = [""]
        for number, word in enumerate(text.split(" ")):
            longer = f"{lines[-1]} {word}" if number else word
            if len(longer) + (used if len(lines) == 1 else 0) <= MAX_LINE:
                lines[-1] = longer
            else:
                lines.append(f" {word}")
        if all(line.strip() and len(line) <= MAX_LINE for line in lines):
            return "\r\n".join(lines)
    return _encoded(text, used)


def _encoded(text: str, used: int) -> str:
    """Return *text* as encoded words, one on each line: what lies between them is no part of the text (6.2)."""
    encode = min((_q_word, _b_word), key=lambda encode: len(encode(text.encode())))
    return "\r\n ".join(_words(text, encode, MAX_LINE - used))


def _words(text: str, encode: Callable[[bytes], str], room: int) -> Iterator[str]:
    """Yield encoded words that each hold whole characters (RFC 2047 section 5)."""
    held = b""
    for char in text:
        longer = held + char.encode()
        if held and len(encode(longer)) > room:
            yield encode(held)
            held, room = char.encode(), _MAX_WORD
        else:
            held = longer
    if held:
        yield encode(held)


def _b_word(data: bytes) -> str:
    return f"=?utf-8?b?{b64encode(data).decode()}?="


def _q_word(data: bytes) -> str:
    letters = ("_" if byte == 0x20 else chr(byte) if byte in _Q_SAFE else f"={byte:02X}" for byte in data)
    return f"=?utf-8?q?{''.join(letters)}?="
