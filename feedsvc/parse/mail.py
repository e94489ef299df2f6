"""A saved mail (RFC 5322, RFC 2045): its subject, its author's name, its date and its text."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from feedsvc.errors import EntryParseError
from feedsvc.messages import say, say_n
from feedsvc.model import Notice
from feedsvc.parse.clean import is_blank, one_line, remove_forbidden
from feedsvc.parse.text_limits import limit_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.headerregistry import BaseHeader
    from email.message import EmailMessage

    from feedsvc.messages import Message
    from feedsvc.parse.context import ParseContext

_MAX_DEPTH = 20
_MAX_PARTS = 200
_MAX_MULTIPARTS = 21
"""The parser compares each line with the boundary of each open one."""

_MAX_HEADER = 5_000
_MAX_SEPARATORS = 5_000
_OLDEST_YEAR = 1900
_CONTENT_TYPE = re.compile(
    rb"^content-type[ \t]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE
)
_SEPARATOR = re.compile(rb"^--", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- $", re.MULTILINE)
_ADDRESS_REST = re.compile(r"@\S*")
_NO_TEXT_CODECS = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"))
"""Codecs of Python that are no charsets of mails (RFC 2978)."""


class Mail(NamedTuple):
    """The readable parts of a mail; ``text`` is HTML if *is_html* says so, else plain text."""

    title: str
    text: str
    is_html: bool
    authors: tuple[str, ...]
    published: datetime | None


def read_mail(data: bytes, context: ParseContext, notices: list[Notice]) -> Mail:
    """Read the bytes of an ``.eml`` file.

    Raises:
        EntryParseError: ``E_ENCODING``, ``E_NO_BODY``, ``E_LIMIT``; ``E_FRONTMATTER`` for headers that cannot be read.
    """
    try:
        return _read(data, notices)
    except EntryParseError:
        raise
    except RecursionError:
        raise _too_deep(say("the parts of the mail are nested deeper than {limit} levels", limit=_MAX_DEPTH)) from None
    except Exception as error:
        # The parser of the standard library lets many kinds escape for headers that are wrong in unusual ways.
        cause = say(
            "the headers of the mail {name} cannot be read ({reason})",
            name=ascii(context.name),
            reason=type(error).__name__,
        )
        raise EntryParseError("E_FRONTMATTER", cause, _save_again()) from error


def _read(data: bytes, notices: list[Notice]) -> Mail:
    limit_lines(data)
    _limit_structure(data)
    message = BytesParser(policy=policy.default).parsebytes(data)  # the parser itself recurses, hence the check before
    texts, attachments = _divide(message)
    title, authors, published = _subject(message), _authors(message), _date(message, notices)
    text, is_html = _first_text(texts)
    if attachments:
        notice = say_n(
            "{n} attachment was not used; only the text of a mail is published",
            "{n} attachments were not used; only the text of a mail is published",
            attachments,
        )
        notices.append(Notice("W_ATTACHMENT", notice))
    return Mail(title, remove_forbidden(text, notices), is_html, authors, published)


def _limit_structure(data: bytes) -> None:
    """Refuse what the parser would need deep recursion or very long for; each level and part is declared in a line."""
    types = [len(found[0]) for found in _CONTENT_TYPE.finditer(data)]
    if len(types) > _MAX_PARTS or sum(1 for _ in _SEPARATOR.finditer(data)) > _MAX_SEPARATORS:
        raise _too_deep(say("the mail has more than {limit} parts", limit=_MAX_PARTS))
    if data.lower().count(b"multipart/") > _MAX_MULTIPARTS:
        raise _too_deep(say("the mail has more than {limit} parts that hold others", limit=_MAX_MULTIPARTS))
    if max(types, default=0) > _MAX_HEADER:
        raise _too_long()


def _too_deep(cause: Message) -> EntryParseError:
    return EntryParseError("E_LIMIT", cause, say("Forward only the text of the mail and save that."))


def _too_long() -> EntryParseError:
    return _too_deep(say("a header of the mail is longer than {limit:,} bytes", limit=_MAX_HEADER))


def _save_again() -> Message:
    return say("Save the mail again from the mail program, as UTF-8 if it asks.")


def _divide(message: EmailMessage) -> tuple[list[EmailMessage], int]:
    """Return the text parts in their order, and how many attachments there are besides."""
    texts: list[EmailMessage] = []
    waiting = [(message, 0)]
    parts = attachments = 0
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        if depth > _MAX_DEPTH or parts > _MAX_PARTS:
            raise _too_deep(
                say(
                    "the mail has more than {parts} parts, or more than {levels} levels of them",
                    parts=_MAX_PARTS,
                    levels=_MAX_DEPTH,
                )
            )
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting.extend((inner, depth + 1) for inner in reversed(_parts_of(part)))
        elif _is_text(part):
            texts.append(part)
        else:
            attachments += 1
    return texts, attachments


def _parts_of(part: EmailMessage) -> list[EmailMessage]:
    payload = part.get_payload()
    return cast("list[EmailMessage]", payload) if isinstance(payload, list) else []


def _is_text(part: EmailMessage) -> bool:
    named = part.is_attachment() or part.get_filename() is not None
    return not named and part.get_content_type() in ("text/plain", "text/html")


def _first_text(texts: list[EmailMessage]) -> tuple[str, bool]:
    """Return the first text that shows something, plain rather than HTML, and whether it is HTML."""
    for part in sorted(texts, key=_is_html):
        text = _decode(part)
        if not _is_html(part):
            text = _without_signature(text)
        if not is_blank(text):
            return text, _is_html(part)
    raise EntryParseError("E_NO_BODY", say("the mail has no text"), say("Write a text into it, or delete it."))


def _is_html(part: EmailMessage) -> bool:
    return part.get_content_subtype() == "html"


def _decode(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    charset = (part.get_content_charset() or "utf-8").lower()
    try:
        text = (data if isinstance(data, bytes) else b"").decode(_codec(charset))
    except LookupError as error:
        cause = say("the charset {charset} is not known", charset=ascii(charset))
        raise EntryParseError("E_ENCODING", cause, _save_again()) from error
    except ValueError as error:
        cause = say("the text of the mail is not {charset}", charset=ascii(charset))
        raise EntryParseError("E_ENCODING", cause, _save_again()) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _codec(charset: str) -> str:
    name = codecs.lookup(charset).name
    if name in _NO_TEXT_CODECS:
        raise LookupError(charset)
    return "utf-8" if name == "ascii" else name


def _without_signature(text: str) -> str:
    """Drop what follows the usual delimiter of signatures (RFC 3676 section 4.3)."""
    found = _SIGNATURE.search(text)
    return text if found is None else text[: found.start()]


def _header(message: EmailMessage, name: str) -> BaseHeader | None:
    """Return a header decoded; its raw bytes are UTF-8 where they are not ASCII (RFC 6532)."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name), None)
    if raw is None:
        return None
    if len(raw) > _MAX_HEADER:
        raise _too_long()
    try:
        text = raw.encode("utf-8", "surrogateescape").decode("utf-8")
    except ValueError as error:
        raise EntryParseError("E_ENCODING", say("the header {name} is not UTF-8", name=name), _save_again()) from error
    header: BaseHeader = policy.default.header_factory(name, " ".join(text.splitlines()))
    return header


def _subject(message: EmailMessage) -> str:
    subject = _header(message, "subject")
    return "" if subject is None else one_line(str(subject))


def _authors(message: EmailMessage) -> tuple[str, ...]:
    """Return names, never addresses."""
    try:
        addresses = getattr(_header(message, "from"), "addresses", ())
    except RecursionError:  # one bracket in the other, hundreds of times: there is no name in that
        return ()
    named = _with_surnames([(_name(a.display_name), _name(a.username), a.domain) for a in addresses])
    return tuple(dict.fromkeys(name for name in named if name))


def _with_surnames(addresses: list[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the names in *addresses*; ``Doe, Jane <...>`` without quotes is one name, though RFC 5322 sees two."""
    surname = ""
    for n, (display, user, domain) in enumerate(addresses, start=1):
        following = addresses[n] if n < len(addresses) else ("", "", "?")
        name = f"{surname}, {display or user}" if surname else display or user
        is_surname = not display and not domain and (following[0] or not following[2])
        surname = name if is_surname else ""
        if not is_surname:
            yield name


def _name(text: str) -> str:
    name = one_line(_ADDRESS_REST.sub("", one_line(text)))
    return "" if is_blank(name) else name


def _date(message: EmailMessage, notices: list[Notice]) -> datetime | None:
    header = _header(message, "date")
    text = one_line(str(header or ""))
    moment = _moment(text)
    if text and moment is None:
        notices.append(Notice("W_DATE", say("“{text}” is no date; the time of arrival is used", text=text[:60])))
    return moment


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.year >= _OLDEST_YEAR else None
