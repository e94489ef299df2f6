"""An independent look at finished documents: read again from their bytes, with another parser than wrote them."""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from feedsvc.errors import RenderError
from feedsvc.model import Format
from feedsvc.render.jsonfeed import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from xml.etree.ElementTree import Element

_A = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


def check_feed(format: Format, document: bytes, count: int) -> None:  # noqa: A002
    """Make sure that *document* is a valid feed in *format* with *count* entries.

    Checked are what RFC 4287 sections 4.1.1 and 4.1.2, RSS 2.0 or JSON Feed 1.1 require, and that no id occurs twice.

    Raises:
        RenderError: Something is wrong; ``entry_id`` names the entry if it is the fault of one.
    """
    ids = _CHECKS[format](document)
    if len(ids) != count:
        raise RenderError(f"the {format} feed has {len(ids)} entries instead of {count}")
    seen: set[str] = set()
    for entry_id in ids:
        if entry_id in seen:
            raise RenderError(f"the id occurs twice in the {format} feed", entry_id=entry_id)
        seen.add(entry_id)


def _check_atom(document: bytes) -> list[str]:
    feed = _parse_xml(document, f"{_A}feed")
    for name in ("id", "title", "updated"):
        _one(feed, _A + name)
    _moment(_one(feed, f"{_A}updated"), datetime.fromisoformat)
    _atom_links(feed, None)
    has_author = feed.find(f"{_A}author/{_A}name") is not None
    return [_check_atom_entry(entry, has_author=has_author) for entry in feed.iterfind(f"{_A}entry")]


def _check_atom_entry(entry: Element, *, has_author: bool) -> str:
    entry_id = _one(entry, f"{_A}id")
    for name in ("title", "content"):
        _one(entry, _A + name, entry_id)
    for name in ("updated", "published"):
        _moment(_one(entry, _A + name, entry_id), datetime.fromisoformat, entry_id)
    _atom_links(entry, entry_id)
    if not has_author and entry.find(f"{_A}author/{_A}name") is None:
        raise RenderError("neither the entry nor the feed has an author", entry_id=entry_id)
    return entry_id


def _atom_links(parent: Element, entry_id: str | None) -> None:
    """Refuse links without address, and two alternates of one type and language (RFC 4287 section 4.1.1)."""
    links = parent.findall(f"{_A}link")
    if any(not link.get("href") for link in links):
        raise RenderError("a link has no address", entry_id=entry_id)
    alternates = [(a.get("type"), a.get("hreflang")) for a in links if a.get("rel", "alternate") == "alternate"]
    if len(alternates) != 1:
        raise RenderError(f"{len(alternates)} alternate links instead of one", entry_id=entry_id)


def _check_rss(document: bytes) -> list[str]:
    root = _parse_xml(document, "rss")
    channels = root.findall("channel")
    if root.get("version") != "2.0" or len(channels) != 1:
        raise RenderError("not an RSS 2.0 document with one channel")
    for name in ("title", "link", "description"):
        _one(channels[0], name)
    for name in ("lastBuildDate", "pubDate"):
        _moment(_one(channels[0], name), parsedate_to_datetime)
    return [_check_rss_item(item) for item in channels[0].iterfind("item")]


def _check_rss_item(item: Element) -> str:
    entry_id = _one(item, "guid")
    for name in ("title", "link", f"{_CONTENT}encoded"):
        _one(item, name, entry_id)
    _moment(_one(item, "pubDate", entry_id), parsedate_to_datetime, entry_id)
    if len(item.findall("description")) != 1:
        raise RenderError("not exactly one description", entry_id=entry_id)
    _rss_enclosure(item, entry_id)
    return entry_id


def _rss_enclosure(item: Element, entry_id: str) -> None:
    """Refuse a second enclosure, which readers handle differently, and one without the three attributes of RSS 2.0."""
    found = item.findall("enclosure")
    if len(found) > 1:
        raise RenderError("more than one enclosure", entry_id=entry_id)
    for one in found:
        if not one.get("url") or not one.get("type") or not (one.get("length") or "").isdecimal():
            raise RenderError("an enclosure lacks address, type or length", entry_id=entry_id)


def _check_json(document: bytes) -> list[str]:
    try:
        feed = json.loads(document)
    except ValueError as error:  # UnicodeDecodeError among them
        raise RenderError(f"not well-formed: {error}") from error
    if not isinstance(feed, dict) or feed.get("version") != VERSION or not isinstance(feed.get("items"), list):
        raise RenderError("not a JSON Feed 1.1 document")
    _members(feed, ("title", "home_page_url", "feed_url"), None)
    return [_check_json_item(item) for item in feed["items"]]


def _check_json_item(item: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(item, dict):
        raise RenderError("an item is not an object")
    _members(item, ("id",), None)
    entry_id: str = item["id"]
    _members(item, ("url", "title", "content_html", "date_published", "date_modified"), entry_id)
    for attachment in item.get("attachments", ()):
        _members(attachment, ("url", "mime_type"), entry_id)
    for name in ("date_published", "date_modified"):
        _moment(item[name], datetime.fromisoformat, entry_id)
    return entry_id


def _members(holder: dict[str, Any], names: Iterable[str], entry_id: str | None) -> None:
    for name in names:
        if not isinstance(holder.get(name), str) or not holder[name]:
            raise RenderError(f"{name} is missing", entry_id=entry_id)


def _parse_xml(document: bytes, root_name: str) -> Element:
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - our own output, and it has no document type
    except ElementTree.ParseError as error:
        raise RenderError(f"not well-formed: {error}") from error
    if root.tag != root_name:
        raise RenderError(f"the root element is {root.tag}")
    return root


def _one(parent: Element, name: str, entry_id: str | None = None) -> str:
    """Return the text of the one child *name* that must be there and not be empty."""
    found = parent.findall(name)
    if len(found) != 1 or not (found[0].text or "").strip():
        raise RenderError(f"{name.rpartition('}')[2]} must be there once, with text", entry_id=entry_id)
    return found[0].text or ""


def _moment(text: str, read: Callable[[str], datetime], entry_id: str | None = None) -> None:
    try:
        is_aware = read(text).tzinfo is not None
    except ValueError:
        is_aware = False
    if not is_aware:
        raise RenderError(f"{text} is not a time with a zone", entry_id=entry_id)


_CHECKS = {Format.ATOM: _check_atom, Format.RSS: _check_rss, Format.JSON: _check_json}
