"""Body parts of a mail: encoded once for everybody up to the first personal place, from there on for each person."""

from __future__ import annotations

import binascii
from base64 import b64encode
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.model import RenderedPart
from feedsvc.render.mail import headers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedsvc.model import BodyEncoding, Recipient, RenderedDigest

ADDRESS, PREFERENCES, UNSUBSCRIBE = "a", "p", "u"
"""What slots end in, and with that what they stand for."""

_LINE_BYTES, _LINE_CHARS = 57, 76
"""Of a full line of base64 (RFC 2045 section 6.8), before and after it is encoded."""

_BASE64_GROWTH = (_LINE_CHARS + 2) / _LINE_BYTES
_SOFT_BREAKS = 78 / 75
"""By how much quoted-printable makes long lines longer, even of plain ASCII (RFC 2045 section 6.7)."""

_PRINTED = bytes(byte for byte in range(0x80) if byte != ord("="))


class FinishedMail(NamedTuple):
    """A message for one person.

    Attributes:
        message: As RFC 5322 wants it, with CRLF line ends.
        is_wire_ready: No line begins with a dot, and no CR or LF stands alone, so that SMTP carries it as it is.
    """

    message: bytes
    is_wire_ready: bool


def part_of(subtype: str, text: str, slot: str) -> RenderedPart:
    """Return *text*, with LF line ends, as a body part in the encoding that should be the shorter one."""
    canonical = text.replace("\n", "\r\n")  # RFC 2046 section 4.1.1
    encoding = _shorter(text.encode())
    at = canonical.find(slot)
    border = _BORDERS[encoding](canonical[: len(canonical) if at < 0 else at])
    return RenderedPart(subtype, encoding, _ENCODERS[encoding](canonical[:border]), canonical[border:])


def _shorter(data: bytes) -> BodyEncoding:
    """Choose by the share of bytes that become three; to encode all of it twice would take longer than the rest."""
    tripled = len(data.translate(None, _PRINTED))
    return "quoted-printable" if (len(data) + 2 * tripled) * _SOFT_BREAKS < len(data) * _BASE64_GROWTH else "base64"


def personalise(rendered: RenderedDigest, recipient: Recipient) -> bytes:
    """Return the finished message (RFC 5322, CRLF line ends) for one person; see `finish_mail`."""
    return finish_mail(rendered, recipient).message


def finish_mail(rendered: RenderedDigest, recipient: Recipient) -> FinishedMail:
    """Return the finished message for one person: the same bytes at each call.

    Raises:
        RenderError: An address of *recipient* cannot stand in a mail.
    """
    boundary, parts = rendered.boundary, (rendered.text, rendered.html)
    mine = headers.personal_headers(recipient, rendered.message_domain)
    values = _values(recipient)
    rests = [_personal_rest(part, rendered.slot, values) for part in parts]
    message = "".join(
        (
            mine,
            rendered.headers,
            f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n',
            *(f"--{boundary}\r\n{_framed(part, rest)}" for part, rest in zip(parts, rests, strict=True)),
            f"--{boundary}--\r\n",
        )
    ).encode()
    return FinishedMail(message, _is_shared_ready(rendered) and all(map(_is_ready, (mine, *rests))))


@lru_cache(maxsize=64)
def _is_shared_ready(rendered: RenderedDigest) -> bool:
    """Look at what all who read a digest share once: it is nearly all of their mails."""
    return all(map(_is_ready, (rendered.headers, rendered.text.finished, rendered.html.finished)))


def _is_ready(text: str) -> bool:
    ends = text.count("\r\n")
    return text.count("\n") == text.count("\r") == ends and "\n." not in text and not text.startswith(".")


def personal_part(part: RenderedPart, slot: str, recipient: Recipient) -> str:
    """Return a body part with its own headers and what is personal in it; it ends in CRLF."""
    return _framed(part, _personal_rest(part, slot, _values(recipient)))


def _personal_rest(part: RenderedPart, slot: str, values: Sequence[tuple[str, str]]) -> str:
    """Return the end of a body part, encoded, with what is personal in it."""
    rest = part.rest
    for end, value in values:
        rest = rest.replace(slot + end, escape(value) if part.subtype == "html" else value)
    return _ENCODERS[part.encoding](rest)


def _framed(part: RenderedPart, rest: str) -> str:
    """Return a whole body part with its own headers; it ends in CRLF."""
    return (
        f"Content-Type: text/{part.subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {part.encoding}\r\n\r\n"
        f"{part.finished}{rest}\r\n"
    )


def _values(recipient: Recipient) -> tuple[tuple[str, str], ...]:
    return (
        (ADDRESS, headers.header_address(recipient.address)),
        (PREFERENCES, headers.header_url(recipient.preferences_url)),
        (UNSUBSCRIBE, headers.header_url(recipient.unsubscribe_url)),
    )


def _base64(text: str) -> str:
    encoded = b64encode(text.encode()).decode()
    return "".join([encoded[at : at + _LINE_CHARS] + "\r\n" for at in range(0, len(encoded), _LINE_CHARS)])


def _quoted_printable(text: str) -> str:
    encoded = binascii.b2a_qp(text.encode(), istext=True).decode()
    # the line ends of soft breaks are like the first one in the text, and LF if there is none
    return encoded if "\r\n" in text else encoded.replace("\n", "\r\n")


def _base64_border(text: str) -> int:
    """Return the last place in *text* at which both a character and a full line of base64 end, in characters."""
    data = text.encode()
    for end in range(len(data) - len(data) % _LINE_BYTES, 0, -_LINE_BYTES):
        if end == len(data) or data[end] & 0xC0 != 0x80:
            return len(data[:end].decode())
    return 0


def _line_border(text: str) -> int:
    return text.rfind("\n") + 1


_ENCODERS: dict[BodyEncoding, Callable[[str], str]] = {"base64": _base64, "quoted-printable": _quoted_printable}
_BORDERS: dict[BodyEncoding, Callable[[str], int]] = {"base64": _base64_border, "quoted-printable": _line_border}
