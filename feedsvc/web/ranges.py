"""Parts of a file: reading ``Range`` and ``If-Range`` (RFC 9110 sections 13.1.5 and 14)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.web.conditional import parse_http_date, parse_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedsvc.web.conditional import EntityTag

_MAX_RANGES = 16
"""More of them are no player that seeks; they get the whole file."""

_BYTES = re.compile(r"bytes[ \t]*=(.*)", re.IGNORECASE | re.DOTALL)
_SPEC = re.compile(r"(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")


class ByteRange(NamedTuple):
    """A part of a file: ``start <= position < end``, never empty."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """Return the value of ``Content-Range`` for this part of a file of *size* bytes."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parse_range(text: str, size: int) -> list[ByteRange] | None:
    """Read the value of ``Range`` for a file of *size* bytes.

    Returns:
        The parts, in the order of the request, with parts joined that overlap or touch; an empty list if none of them
        lies in the file (416); None if the header is to be ignored, as one that is malformed, of another unit, or asks
        for too many parts.
    """
    unit = _BYTES.fullmatch(text.strip(" \t"))
    if unit is None:
        return None
    members = [member.strip(" \t") for member in unit[1].split(",", 4 * _MAX_RANGES)]
    specs = [_SPEC.fullmatch(member) for member in members if member]
    if not specs or len(specs) > _MAX_RANGES:
        return None
    found: list[ByteRange] = []
    for spec in specs:
        if spec is None or (part := _part(spec["first"], spec["last"], size)) is None:
            return None
        if part.start < part.end:
            found.append(part)
    return list(_joined(found))


def _part(first: str, last: str, size: int) -> ByteRange | None:
    """Return the part that a member means, an empty one where it lies outside; None if the member is malformed."""
    if not first:
        return ByteRange(max(size - int(last), 0), size) if last else None
    if last and int(last) < int(first):
        return None
    return ByteRange(int(first), min(int(last) + 1, size) if last else size)


def _joined(parts: Iterable[ByteRange]) -> Iterable[ByteRange]:
    """Join neighbours that overlap or touch: a file is never sent twice in one answer (RFC 9110 section 14.2)."""
    kept: list[ByteRange] = []
    for part in parts:
        near = [other for other in kept if part.start <= other.end and other.start <= part.end]
        if not near:
            kept.append(part)
            continue
        joined = ByteRange(min(part.start, *(n.start for n in near)), max(part.end, *(n.end for n in near)))
        place = kept.index(near[0])
        kept = [joined if n == place else other for n, other in enumerate(kept) if n == place or other not in near]
    return kept


def is_range_wanted(if_range: str | None, current: EntityTag, modified_s: int) -> bool:
    """Tell whether the client's parts belong to the present file: the same strong tag, or exactly its date."""
    if if_range is None:
        return True
    tags = parse_tags(if_range)
    if tags.tags:
        return not tags.is_any and tags.has_strongly(current)
    date = parse_http_date(if_range.strip(" \t"))
    return date is not None and int(date.timestamp()) == modified_s
