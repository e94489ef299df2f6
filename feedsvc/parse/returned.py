"""Mail that comes back: reports of failure (RFC 3464, RFC 6533), complaints (RFC 5965), and everything else.

Anybody may send anything to the addresses that bounces come back to. Whatever the bytes are, reading them ends soon and
gives a value.
"""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser, HeaderParser
from email.policy import compat32
from typing import TYPE_CHECKING

from feedsvc.model import DeliveryFailure, ReturnedMail, ReturnKind
from feedsvc.observe import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 1_000_000
"""What comes after them is not read; a report of ours that comes back whole is a third of that."""
_MAX_PARTS = 100
_MAX_CONTENT_TYPE = 5_000
"""The time for its parameters grows with the square of its length."""
_MAX_MULTIPARTS = 20
"""The parser compares each line with the boundary of each open one."""
_MAX_BLOCKS = 10_000
"""Empty lines: each may begin a block of a report, which the parser makes an object of."""
_MAX_HEADERS = 1_000
_MAX_DEPTH = 3
_MAX_ADDRESSES = 50
_LONGEST = 500

_MULTIPART = re.compile(rb"multipart/", re.IGNORECASE)
_CONTENT_TYPE = re.compile(
    rb"^content-type[ \t]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE
)
_EMPTY_LINE = re.compile(rb"\n\r?\n|\r\r")
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_STATUS_IN_TEXT = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,128}@[^\s<>,;:\"()\[\]@]{1,255}")
_MESSAGE_ID = re.compile(r"<([^\s<>]{1,998})>")
_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL_PARTS = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_FEEDBACK_PART = "message/feedback-report"
_RECIPIENT_HEADERS = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc")
_COMPLAINT = "abuse"
_FAILED, _DELAYED = ("failed", "error"), "delayed"
"""``error`` is what one server writes for ``failed``."""
_UNSAID = ".0.0"

type_of = Message.get_content_type


def read_returned(data: bytes) -> ReturnedMail:
    """Return what a mail to one of our addresses says of itself; whatever cannot be read is of the kind OTHER.

    Args:
        data: A mail (RFC 5322) with line ends of any kind, or anything else.
    """
    data = data[:MAX_BYTES]
    try:
        return _read(data)
    except Exception:  # noqa: BLE001, RUF100 - the parser of the standard library lets many kinds escape
        return ReturnedMail()


def _read(data: bytes) -> ReturnedMail:
    if _header_lines(data) > _MAX_HEADERS:
        return ReturnedMail()
    parser = BytesParser if _is_moderate(data) else BytesHeaderParser
    message = parser(policy=compat32).parsebytes(data)
    parts = list(_parts(message, _MAX_DEPTH))
    original = next((_headers_in(part) for part in parts if type_of(part) in _ORIGINAL_PARTS), None)
    kind, failures = _report(parts)
    return ReturnedMail(
        kind=kind,
        failures=failures,
        message_id=_message_id(original),
        recipients=_addresses(_values(message, *_RECIPIENT_HEADERS)),
        sender=_sender(message),
        concerned=_concerned(parts, original) if kind is ReturnKind.COMPLAINT else (),
    )


def _header_lines(data: bytes) -> int:
    end = _EMPTY_LINE.search(data)
    return data.count(b"\n", 0, end.start() if end else len(data))


def _is_moderate(data: bytes) -> bool:
    """Tell whether the parser will be done with the parts of *data* soon."""
    types = [len(found[0]) for found in _CONTENT_TYPE.finditer(data)]
    if len(types) > _MAX_PARTS or max(types, default=0) > _MAX_CONTENT_TYPE:
        return False
    counts = ((_MULTIPART, _MAX_MULTIPARTS), (_EMPTY_LINE, _MAX_BLOCKS))
    return all(sum(1 for _ in pattern.finditer(data)) <= limit for pattern, limit in counts)


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """Yield the parts of *message*, without those of messages that it carries."""
    payload = message.get_payload()
    if message.get_content_maintype() != "multipart" or not isinstance(payload, list) or depth == 0:
        yield message
        return
    for part in payload:
        if isinstance(part, Message):
            yield from _parts(part, depth - 1)


# Reports


def _report(parts: Iterable[Message]) -> tuple[ReturnKind, tuple[DeliveryFailure, ...]]:
    """Return what the first part that reports something says."""
    for part in parts:
        if type_of(part) in _STATUS_PARTS:
            return _delivery(list(_blocks(part)))
        if type_of(part) == _FEEDBACK_PART:
            is_complaint = _field(_headers_in(part), "Feedback-Type").lower() == _COMPLAINT
            return ReturnKind.COMPLAINT if is_complaint else ReturnKind.OTHER, ()
    return ReturnKind.OTHER, ()


def _blocks(part: Message) -> Iterator[Message]:
    """Yield the groups of fields of a report; the first tells about the message, the others about its recipients."""
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else ():
        if isinstance(block, Message):
            yield block
            rest = block.get_payload()  # what follows the first empty line, where the parser does not know the type
            for text in re.split(r"\n\r?\n", rest) if isinstance(rest, str) and rest.strip() else ():
                yield HeaderParser(policy=compat32).parsestr(text.lstrip())


def _delivery(blocks: list[Message]) -> tuple[ReturnKind, tuple[DeliveryFailure, ...]]:
    """Return what a report says of all recipients together: if anybody got the message, it was delivered."""
    actions = [(_field(block, "Action").partition(" ")[0].lower(), block) for block in blocks if block.get("Action")]
    if not actions or any(action not in (*_FAILED, _DELAYED) for action, _ in actions):
        return ReturnKind.OTHER, ()
    if any(action == _DELAYED for action, _ in actions):
        return ReturnKind.DELAY, ()
    return ReturnKind.FAILURE, tuple(_failure(block) for _, block in actions[:_MAX_ADDRESSES])


def _failure(block: Message) -> DeliveryFailure:
    diagnostic = _field(block, "Diagnostic-Code")
    recipient = (_field(block, "Final-Recipient") or _field(block, "Original-Recipient")).rpartition(";")[2].strip()
    return DeliveryFailure(_status(_field(block, "Status"), diagnostic), recipient, diagnostic)


def _status(field: str, diagnostic: str) -> str:
    """Return the code of a failure: where the report has none that says anything, the one that the server gave."""
    found, said = _STATUS.match(field), _STATUS_IN_TEXT.search(diagnostic)
    status = found[1] if found else ""
    return said[1] if said and (not status or status.endswith(_UNSAID)) else status


# The message that it is about


def _headers_in(part: Message) -> Message:
    """Return the message that *part* carries, or the headers that it consists of."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    decoded = part.get_payload(decode=True)
    return BytesHeaderParser(policy=compat32).parsebytes(decoded if isinstance(decoded, bytes) else b"")


def _message_id(original: Message | None) -> str:
    found = _MESSAGE_ID.search(_field(original, "Message-ID")) if original is not None else None
    return found[1] if found else ""


def _concerned(parts: Iterable[Message], original: Message | None) -> tuple[str, ...]:
    """Return the addresses of ours that stand for the message: where it came from, and where it could be left."""
    reports = [_headers_in(part) for part in parts if type_of(part) == _FEEDBACK_PART]
    values = [value for report in reports for value in _values(report, "Original-Mail-From")]
    if original is not None:
        values += _values(original, "Return-Path", "List-Unsubscribe")
    return _addresses(value.replace("mailto:", " ").replace("?", " ") for value in values)


def _sender(message: Message) -> str | None:
    values = _values(message, "Return-Path")
    return values[0].strip().strip("<>").strip() if values else None


# Fields


def _values(message: Message, *names: str) -> list[str]:
    return [str(value) for name in names for value in message.get_all(name, [])]


def _field(message: Message, name: str) -> str:
    """Return a field on one line that may be shown, empty if it is not there."""
    return printable(" ".join(str(message.get(name, "")).split())[:_LONGEST])


def _addresses(values: Iterable[str]) -> tuple[str, ...]:
    found = (match[0] for value in values for match in _ADDRESS.finditer(value[:10_000]))
    return tuple(dict.fromkeys(address for address, _ in zip(found, range(_MAX_ADDRESSES), strict=False)))
