"""Files that accompany an entry: how a header and a text name them; nothing is opened or fetched here."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, unquote_to_bytes, urlsplit

from feedsvc.errors import EntryParseError
from feedsvc.messages import Message, say
from feedsvc.model import MediaReference, Notice
from feedsvc.parse.clean import is_blank, one_line
from feedsvc.parse.hosts import is_public_host
from feedsvc.parse.urls import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedsvc.model import ParsedEntry, Role
    from feedsvc.parse.context import ParseContext
    from feedsvc.parse.item import Item, Value

MEDIA_KEYS = frozenset(("enclosure", "audio", "image"))
_MAX_REFERENCES = 100
_NOTHING = frozenset(("false", "no", "none", "null", "~"))
_MAX_INLINE = 5_000
_MAX_LOCATED = 100
"""Only the first images are looked for in the text: each look takes as long as the text."""

_MAX_LENGTH = 1 << 53
"""Readers that keep numbers as JavaScript does count no further."""

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_ENCODED_PATH = re.compile(r"%(?:2e|2f|5c|00)", re.IGNORECASE)
_UNSAFE = re.compile(r"[\\\0-\x1f\x7f]")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_PATH_FIX = say(
    "Name a file of the inbox, seen from the folder of this text, or give an address that begins with https://."
)


def local_path(name: str, folder: str) -> str:
    """Return the path below the inbox of the file that *name* means in a text that lies in *folder*.

    A leading slash stands for the top of the inbox; ``..`` may not lead out of it.

    Raises:
        ValueError: *name* is no path of the inbox; the reason ends a sentence.
    """
    if _UNSAFE.search(name) or _ENCODED_PATH.search(name):
        raise ValueError(say("holds a backslash, a control character or an encoded dot or slash"))
    if name.startswith("//") or _SCHEME.match(name):
        raise ValueError(say("is neither a path nor an address that begins with http:// or https://"))
    parts = [] if name.startswith("/") else [part for part in folder.split("/") if part]
    for part in name.split("/"):
        _step(parts, part)
    if not parts or name.rpartition("/")[2] in ("", ".", ".."):
        raise ValueError(say("names no file"))
    return "/".join(parts)


def _step(parts: list[str], part: str) -> None:
    """Go on from the folder *parts* to *part* of it."""
    if part == "..":
        if not parts:
            raise ValueError(say("leads out of the inbox"))
        parts.pop()
    elif part.startswith(".") and part != ".":
        raise ValueError(say("is a hidden file"))
    elif part not in ("", "."):
        parts.append(part)


# The header


def read_references(
    chosen: Mapping[str, Item], context: ParseContext, notices: list[Notice]
) -> tuple[MediaReference, ...]:
    """Return what the keys ``enclosure``, ``audio`` and ``image`` of a header name, in its order.

    Raises:
        EntryParseError: ``E_PATH`` for what no reader may be sent to, ``E_FRONTMATTER`` for a value of another shape,
            ``E_LIMIT`` for too many.
    """
    found: list[MediaReference] = []
    for key, item in chosen.items():
        if key in MEDIA_KEYS:
            role = cast("Role", key)
            found += [_reference(role, _described(part, item), item, context, notices) for part in _parts(item)]
    if len(found) > _MAX_REFERENCES:
        cause = say("the header names more than {limit} files", limit=_MAX_REFERENCES)
        raise EntryParseError("E_LIMIT", cause, say("Name fewer of them."), line=found[_MAX_REFERENCES].line)
    if sum(reference.role == "image" for reference in found) > 1:
        raise _shape(chosen["image"], say("image can name one file only"), say("Name the others in the text."))
    return tuple(found)


def _parts(item: Item) -> list[Value]:
    parts = item.value if isinstance(item.value, list) else [item.value]
    return [part for part in parts if not (isinstance(part, str) and (is_blank(part) or part.casefold() in _NOTHING))]


def _described(part: Value, item: Item) -> dict[str, str]:
    """Return one reference as texts by key: ``url``, and ``length``, ``type``, ``title`` where they are given."""
    if isinstance(part, str):
        return {"url": part}
    if not isinstance(part, dict):
        cause = say("{key} holds a list within a list", key=item.key[:40])
        raise _shape(item, cause, say("Write one name in each line."))
    texts = {key.strip().casefold(): value for key, value in part.items() if isinstance(value, str)}
    named = next((texts[key] for key in ("url", "file", "path", "href", "src") if key in texts), "")
    if is_blank(named):
        cause = say("{key} names no file", key=item.key[:40])
        raise _shape(item, cause, say("Write it as {{url: ..., title: ...}}."))
    return {**texts, "url": named}


def _reference(
    role: Role, said: dict[str, str], item: Item, context: ParseContext, notices: list[Notice]
) -> MediaReference:
    named = said["url"].strip()
    line, column = item.value_place or (item.line, item.column)
    is_remote = named[:8].casefold().startswith(("http://", "https://"))
    try:
        url = _web_address(named) if is_remote else ""
        path = "" if is_remote else local_path(named, context.folder)
    except ValueError as error:
        name = one_line(named)[:80]
        cause = say("{key} “{name}” {reason}", key=item.key[:40], name=name, reason=error.args[0])
        raise EntryParseError("E_PATH", cause, _PATH_FIX, line=line, column=column) from error
    title = one_line(said.get("title") or said.get("alt", ""))
    return MediaReference(
        role, path, url, _type(said, item, notices), _length(said, item, notices), title, line, column
    )


def _web_address(text: str) -> str:
    if _UNSAFE.search(text) or len(text) > 2_000:
        raise ValueError(say("is no web address"))
    host = _host(text)
    if not host:
        raise ValueError(say("is no web address"))
    if not is_public_host(host):
        raise ValueError(say("leads to a private or local network, where readers cannot go"))
    return resolve(text, text)


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_sound = parts.port != 0
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return ""
    return parts.hostname or "" if is_sound else ""


def _type(said: dict[str, str], item: Item, notices: list[Notice]) -> str:
    text = said.get("type", said.get("mime_type", "")).partition(";")[0].strip().casefold()
    if text and _TYPE.fullmatch(text) is None:
        message = say("“{text}” is no media type such as audio/mpeg", text=one_line(text)[:60])
        notices.append(Notice("W_MEDIA", message, item.line))
        return ""
    return text


def _length(said: dict[str, str], item: Item, notices: list[Notice]) -> int | None:
    text = said.get("length", said.get("size", "")).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) < _MAX_LENGTH):
        message = say("“{text}” is no number of bytes", text=one_line(text)[:60])
        notices.append(Notice("W_MEDIA", message, item.line))
        return None
    return int(text)


def _shape(item: Item, cause: Message, fix: Message) -> EntryParseError:
    return EntryParseError("E_FRONTMATTER", cause, fix, line=item.line, column=item.column)


# Images within the text


def inline_source(name: str, base: str) -> str | None:
    """Return the address by which an image of the inbox stands in a stored body until it is looked at.

    Args:
        name: The ``src`` of the image as its author wrote it, not absolute.
        base: Address of the folder of the text, on the neutral origin.

    Returns:
        The path below the inbox as an address, or None if no file of the inbox can be meant.
    """
    origin, folder = _origin_and_folder(base)
    plain = name.strip().partition("?")[0].partition("#")[0]
    if _UNSAFE.search(plain) or _ENCODED_PATH.search(plain):
        return None
    try:
        path = local_path(os.fsdecode(unquote_to_bytes(plain)), folder)
    except ValueError:
        return None
    return f"{origin}/{quote(os.fsencode(path))}"


@lru_cache(maxsize=64)
def _origin_and_folder(base: str) -> tuple[str, str]:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}", os.fsdecode(unquote_to_bytes(parts.path.strip("/")))


def inline_references(body: str, origin: str) -> tuple[MediaReference, ...]:
    """Return the images of the inbox that the sanitised HTML *body* shows, each once."""
    paths: dict[str, None] = {}
    for found in _inline(origin).finditer(body):
        paths[os.fsdecode(unquote_to_bytes(found[1]))] = None
        if len(paths) > _MAX_INLINE:  # the others are left out
            break
    return tuple(MediaReference("inline", path, "", "", None, "", None, None) for path in paths)


def with_lines(entry: ParsedEntry, text: str, first_line: int) -> ParsedEntry:
    """Return *entry* with the lines of its images, as far as their names stand in *text* as they are."""
    if not entry.references:
        return entry
    near = [_with_line(each, text, first_line) for each in entry.references[:_MAX_LOCATED]]
    return entry._replace(references=(*near, *entry.references[_MAX_LOCATED:]))


def _with_line(reference: MediaReference, text: str, first_line: int) -> MediaReference:
    if reference.role != "inline":
        return reference
    name = reference.path.rpartition("/")[2]
    encoded = quote(os.fsencode(name))
    at = next((at for spelling in (name, encoded, name.replace(" ", "%20")) if (at := text.find(spelling)) >= 0), -1)
    return reference if at < 0 else reference._replace(line=first_line + text.count("\n", 0, at))


@lru_cache(maxsize=4)
def _inline(origin: str) -> re.Pattern[str]:
    return re.compile(rf'<img\b[^>]*?\ssrc="{re.escape(origin)}/([^"]*)"')


def place_images(body: str, origin: str, addresses: Mapping[str, str]) -> str:
    """Return *body* with the images of the inbox at their published *addresses*, by path.

    One that has none is left out, its alternative text stays.
    """

    def placed(image: re.Match[str]) -> str:
        source = _SOURCE.search(image[0])
        if source is None or not source[1].startswith(f"{origin}/"):
            return image[0]
        address = addresses.get(os.fsdecode(unquote_to_bytes(source[1][len(origin) + 1 :])))
        if address is None:
            return alternative(image[0])
        return f"{image[0][: source.start(1)]}{address}{image[0][source.end(1) :]}"

    return _IMAGE.sub(placed, body)


_IMAGE = re.compile(r"<img\b[^>]*>")
_SOURCE = re.compile(r'\ssrc="([^"]*)"')
_ALT = re.compile(r'\salt="([^"]*)"')


def alternative(image: str) -> str:
    """Return the alternative text of an ``<img>`` tag of sanitised HTML, as HTML."""
    alt = _ALT.search(image)
    return alt[1] if alt else ""
