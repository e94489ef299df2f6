"""Response headers: what each kind of published file says about itself."""

from __future__ import annotations

import mimetypes
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.model import FORMATS, MEDIA_SUFFIXES
from feedsvc.web.targets import INDEX, public_url

if TYPE_CHECKING:
    from feedsvc.web.conditional import EntityTag
    from feedsvc.web.documents import Representation

    Headers = list[tuple[bytes, bytes]]

VARIES = ((b"vary", b"Accept-Encoding"),)
NO_SNIFF = (b"x-content-type-options", b"nosniff")
ALLOWED_METHODS = "GET, HEAD, OPTIONS"

_FEED_TYPES = {facts.file_name: facts.media_type for facts in FORMATS.values()}
_NOT_FEEDS = frozenset({"entries", "media"})
_MEDIA_TYPES = mimetypes.MimeTypes()  # Python's own table: the same answers on every machine
for _kind, _suffix in (
    *MEDIA_SUFFIXES.items(),
    ("audio/opus", ".opus"),
    ("font/woff2", ".woff2"),
    ("application/xhtml+xml", ".xhtml"),
):
    _MEDIA_TYPES.add_type(_kind, _suffix)
_ACTIVE = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml"})
"""Types that a browser would run scripts in."""
_COMPRESSIBLE = frozenset({"application/json", "application/xml", "application/javascript", "image/svg+xml"})
_PAGE_HEADERS = [
    (
        b"content-security-policy",
        b"; ".join(
            (
                b"default-src 'none'",
                b"style-src 'unsafe-inline'",
                b"img-src https: http: data: 'self'",
                b"media-src https: http: data: 'self'",
                b"base-uri 'none'",
                b"form-action 'self'",
                b"frame-ancestors 'none'",
            )
        ),
    ),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
_OPEN_TO_ALL = (b"access-control-allow-origin", b"*")
_FEED_HEADERS = [_OPEN_TO_ALL, (b"access-control-expose-headers", b"ETag, Link")]
_PREFLIGHT_HEADERS = [
    _OPEN_TO_ALL,
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since, If-Match, If-Unmodified-Since"),
]


class Facts(NamedTuple):
    """The headers of a file that depend on nothing but its path.

    Attributes:
        revalidated: Those that a 304 repeats (RFC 9110 section 15.4.5).
        full: All of them.
    """

    is_compressible: bool
    revalidated: Headers
    full: Headers


def media_type(path: str) -> str:
    """Return the ``Content-Type`` of the file at *path*; XML and text say that they are UTF-8."""
    plain = _FEED_TYPES[path.rpartition("/")[2]] if is_feed(path) else _guessed_type(path)
    return f"{plain}; charset=utf-8" if plain.startswith("text/") or plain.endswith("xml") else plain


def _guessed_type(path: str) -> str:
    kind, packing = _MEDIA_TYPES.guess_type(f"/{path}")  # the slash: a name like "data:,x" is no URL here
    return kind if kind is not None and packing is None else "application/octet-stream"


def is_feed(path: str) -> bool:
    """Tell whether the file at *path* is a feed document."""
    folder, _, name = path.rpartition("/")
    return name in _FEED_TYPES and _holds_feed(folder)


def _is_feed_page(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name == INDEX and _holds_feed(folder)


def _holds_feed(folder: str) -> bool:
    return folder != "" and folder.partition("/")[0] not in _NOT_FEEDS


def _is_compressible(content_type: str) -> bool:
    plain = content_type.partition(";")[0]
    return plain.startswith("text/") or plain in _COMPRESSIBLE or plain in _FEED_TYPES.values()


def link_header(path: str, site_url: str) -> str | None:
    """Return the ``Link`` value (RFC 8288) of the file at *path*, None if it has no relatives."""
    if is_feed(path):
        page = path.rpartition("/")[0] + "/" + INDEX
        return f'<{public_url(site_url, path)}>; rel="self", <{public_url(site_url, page)}>; rel="alternate"'
    if _is_feed_page(path):
        folder = path.removesuffix(INDEX)
        feeds = ((public_url(site_url, folder + name), kind) for name, kind in _FEED_TYPES.items())
        return ", ".join(f'<{url}>; rel="alternate"; type="{kind}"' for url, kind in feeds)
    return None


def facts_of(path: str, site_url: str, max_age_s: int) -> Facts:
    """Return the constant headers of the file at *path* on the site at *site_url*."""
    content_type = media_type(path)
    is_compressible = _is_compressible(content_type)
    revalidated: Headers = [(b"cache-control", f"public, max-age={max_age_s}".encode())]
    if is_compressible:
        revalidated.extend(VARIES)
    if is_feed(path):
        revalidated.extend(_FEED_HEADERS)
    full: Headers = [(b"content-type", content_type.encode()), *revalidated, (b"accept-ranges", b"none"), NO_SNIFF]
    link = link_header(path, site_url)
    if link is not None:
        full.append((b"link", link.encode("ascii")))
    if content_type.partition(";")[0] in _ACTIVE:
        full.extend(_PAGE_HEADERS)
    return Facts(is_compressible, revalidated, full)


def shared_media_headers() -> Headers:
    """Return the headers that all answers about media share: they never change, and may be asked for in parts."""
    return [
        (b"cache-control", b"public, max-age=31536000, immutable"),  # RFC 8246
        (b"accept-ranges", b"bytes"),
        _OPEN_TO_ALL,
        NO_SNIFF,
    ]


@lru_cache(maxsize=1024)
def validators(tag: EntityTag, modified_s: int) -> Headers:
    """Return ``ETag`` and ``Last-Modified``."""
    return [(b"etag", str(tag).encode()), (b"last-modified", formatdate(modified_s, usegmt=True).encode())]


def body_headers(form: Representation) -> Headers:
    """Return the headers that describe the bytes of *form*."""
    length = (b"content-length", str(len(form.body)).encode())
    return [length] if form.coding == "identity" else [length, (b"content-encoding", form.coding.encode())]


def note_headers(text: bytes) -> Headers:
    """Return the headers of a short plain text that is not a document of the site."""
    return [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-cache"),
        NO_SNIFF,
    ]


def options_headers(path: str | None) -> Headers:
    """Return the headers of the answer to ``OPTIONS``; feeds may be read by any web page, also conditionally."""
    allow: Headers = [(b"allow", ALLOWED_METHODS.encode())]
    return allow + _PREFLIGHT_HEADERS if path is not None and is_feed(path) else allow
