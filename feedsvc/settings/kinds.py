"""Kinds of values that settings are made of, each with the plain words for what it expects."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Annotated
from urllib.parse import SplitResult, quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

from feedsvc.model import RESERVED_SLUGS

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_ADDRESS = re.compile(r"[^\s<>@\\,;:\"]+@[^\s<>@\\,;:\"]+")
_DOMAIN = re.compile(r"\w(?:[\w.-]*\w)?")
_PATH_CHARACTERS = "/%:@!$&'()*+,;="
"""What may stand in the path of a URL beside letters, digits and ``-._~`` (RFC 3986 section 3.3)."""
_MAX_PORT = 65_535
_MAX_SLUG_BYTES = 200
"""File systems allow 255 bytes for a name; the rest is for temporary names beside it."""


@dataclass(frozen=True, slots=True)
class Expects:
    """What a kind of value looks like, as the end of the sentence "expected ..."."""

    words: str


def _one_line(text: str) -> str:
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text):
        raise ValueError("control character")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


def _web_address(text: str) -> str:
    """Return *text* as an ASCII URL (RFC 3986) without a trailing slash; names in other scripts become IDNA."""
    parts = urlsplit(text)
    host, port = parts.hostname or "", parts.port  # an impossible port raises ValueError
    if not host or not _is_plain_address(text, parts):
        raise ValueError("not a web address")
    ascii_host = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    authority = ascii_host if port is None else f"{ascii_host}:{port}"
    path = quote(parts.path, safe=_PATH_CHARACTERS)
    return f"{parts.scheme}://{authority}{path}".rstrip("/")


def _is_plain_address(text: str, parts: SplitResult) -> bool:
    has_extras = any(mark in text for mark in '?#\\<>"') or "@" in parts.netloc or any(c.isspace() for c in text)
    return parts.scheme in ("http", "https") and not has_extras


def _language_tag(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("not a language tag")
    return text


def zone_of(name: str) -> tzinfo:
    """Return the time zone *name*; ``UTC`` needs no time zone database.

    Raises:
        ValueError: There is no such zone.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise ValueError(f"no time zone {name}") from error


def _zone_name(text: str) -> str:
    zone_of(text)
    return text


def _folder_path(text: str) -> str:
    if text.startswith("~"):
        raise ValueError("~ is not expanded")
    return text


def _listening_host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("not a host")
    return text


def mail_address(text: str) -> str:
    """Return *text*, a plain mail address in any script, without quotes or comments.

    Raises:
        ValueError: It is none.
    """
    if not _ADDRESS.fullmatch(text):
        raise ValueError("not a mail address")
    text.rpartition("@")[2].encode("idna")  # raises ValueError for what can be no domain
    return text


def _mail_domain(text: str) -> str:
    if not text.isascii() or not _DOMAIN.fullmatch(text):
        raise ValueError("not a domain")
    return text.lower()


def listen_address(text: str) -> tuple[str, int]:
    """Return host and port of *text*, such as ``127.0.0.1:8024`` or ``[::1]:8024``.

    Raises:
        ValueError: It is none.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > _MAX_PORT or (":" in host) != host.startswith("["):
        raise ValueError("not an address to listen on")
    return _listening_host(host.removeprefix("[").removesuffix("]")), int(port)


def _listened(text: str) -> str:
    listen_address(text)
    return text


def _slug(text: str) -> str:
    slug = unicodedata.normalize("NFC", text)
    is_wrong = (
        not all(c == "-" or (unicodedata.category(c)[0] in "LMN" and c == c.lower()) for c in slug)
        or slug != slug.strip("-")
        or slug in RESERVED_SLUGS
        or not 0 < len(slug.encode()) <= _MAX_SLUG_BYTES
    )
    if is_wrong:
        raise ValueError("not a slug")
    return slug


def _encoding_name(text: str) -> str:
    try:
        "a".encode(text)  # refuses the codecs that are not of text, such as hex and rot13
        codecs.lookup(text)
    except (LookupError, ValueError) as error:
        raise ValueError("not an encoding") from error
    return text


def _listed(value: object) -> object:
    """TOML has lists, frozen settings have tuples."""
    return tuple(value) if isinstance(value, list) else value


_LANGUAGE_WORDS = "a language tag such as en, ar or pt-BR"

Text = Annotated[str, AfterValidator(_one_line), Expects("text in quotes, on one line")]
FilledText = Annotated[str, AfterValidator(_one_line), AfterValidator(_not_blank), Expects("text in quotes, not empty")]
WebAddress = Annotated[
    str,
    AfterValidator(_one_line),
    AfterValidator(_web_address),
    Expects("a web address such as https://news.example.org, starting with http:// or https://, without ? and #"),
]
LanguageTag = Annotated[str, AfterValidator(_language_tag), Expects(_LANGUAGE_WORDS)]
OptionalLanguageTag = Annotated[
    str, AfterValidator(lambda text: text and _language_tag(text)), Expects(f"{_LANGUAGE_WORDS}, or nothing")
]
ZONE_WORDS = Expects("a time zone such as UTC or Africa/Cairo")
ZoneName = Annotated[str, AfterValidator(_one_line), AfterValidator(_zone_name), ZONE_WORDS]
FolderPath = Annotated[
    str,
    AfterValidator(_one_line),
    AfterValidator(_not_blank),
    AfterValidator(_folder_path),
    Expects("the path of a folder, seen from the project folder; ~ is not understood"),
]
Host = Annotated[
    str, AfterValidator(_listening_host), Expects("an IP address or host name to listen on, such as 127.0.0.1 or ::")
]
OptionalServerHost = Annotated[
    str,
    AfterValidator(lambda text: text and _listening_host(text)),
    Expects("a host name or IP address such as mail.example.org, or nothing"),
]
OptionalMailAddress = Annotated[
    str,
    AfterValidator(_one_line),
    AfterValidator(lambda text: text and mail_address(text)),
    Expects("a mail address such as news@example.org, or nothing"),
]
OptionalDomain = Annotated[
    str,
    AfterValidator(lambda text: text and _mail_domain(text)),
    Expects("a domain such as example.org, in its xn-- form if it is in another script, or nothing"),
]
OptionalSelector = Annotated[
    str,
    AfterValidator(lambda text: text and _mail_domain(text)),
    Expects("a short name of letters, digits and inner hyphens, such as feedsvc2026, or nothing"),
]
OptionalListenAddress = Annotated[
    str,
    AfterValidator(_one_line),
    AfterValidator(lambda text: text and _listened(text)),
    Expects("an address to listen on, with its port, such as 127.0.0.1:8024 or [::1]:8024, or nothing"),
]
OptionalFilePath = Annotated[
    str,
    AfterValidator(_one_line),
    AfterValidator(_folder_path),
    Expects("the path of a file, seen from the project folder, or nothing; ~ is not understood"),
]
Slug = Annotated[
    str,
    AfterValidator(_slug),
    Expects(
        "a short name of lower-case letters, digits and inner hyphens, which is none of "
        + ", ".join(sorted(RESERVED_SLUGS))
    ),
]
EncodingName = Annotated[
    str,
    AfterValidator(_one_line),
    AfterValidator(_encoding_name),
    Expects("the name of a text encoding such as windows-1256, iso-8859-6 or gb18030"),
]
Encodings = Annotated[tuple[EncodingName, ...], BeforeValidator(_listed)]
Texts = Annotated[tuple[FilledText, ...], BeforeValidator(_listed)]
LanguageTags = Annotated[tuple[LanguageTag, ...], BeforeValidator(_listed)]
