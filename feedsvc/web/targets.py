"""From the target of a request to the path of a published file, or to nothing."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

INDEX = "index.html"
_MAX_BYTES = 4096
_FORBIDDEN = frozenset("/\\") | {chr(code) for code in (*range(0x20), 0x7F)}


@lru_cache(maxsize=1024)
def file_path(raw_path: bytes) -> str | None:
    """Return the path below the published folder that *raw_path*, still percent-encoded, asks for.

    None for everything that no published file can be called: parts that are empty or start with a dot, an encoded
    slash, a backslash, control characters, bytes that are not UTF-8. Each part is decoded once, after the split.
    """
    if not raw_path.startswith(b"/") or len(raw_path) > _MAX_BYTES:
        return None
    *folders, name = raw_path[1:].split(b"/")
    parts = [_part(raw) for raw in (*folders, name or INDEX.encode())]
    return None if None in parts else "/".join(part for part in parts if part is not None)


def _part(raw: bytes) -> str | None:
    try:
        part = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return None
    return part if part and not part.startswith(".") and _FORBIDDEN.isdisjoint(part) else None


def public_url(site_url: str, path: str) -> str:
    """Return the public address of the file at *path*, in ASCII; an index page is called by its folder."""
    return f"{site_url}/{quote(_without_index(path))}"


def _without_index(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return path if name != INDEX else f"{folder}/" if folder else ""


def ascii_url(url: str) -> str:
    """Return *url* without a trailing slash, everything outside ASCII and all delimiters of headers encoded."""
    return quote(url.rstrip("/"), safe=":/?#[]@!$&'()*+,;=%~")
