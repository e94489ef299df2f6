"""Addresses: relative ones made absolute, and only those schemes that a reader may safely follow."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

_SAFE = "!#$%&'()*+,/:;=?@[]~"
"""Reserved characters of RFC 3986 section 2.2 and the percent sign stay; everything else is encoded."""


def absolute_link(text: str, base: str) -> str:
    """Return the web address that *text* names, seen from *base*.

    Raises:
        ValueError: *text* names no ``http`` or ``https`` address.
    """
    if text[:4].casefold() == "www.":
        text = f"https://{text}"
    if "\\" in text:
        raise ValueError("a web address has no backslash")
    joined = resolve(text, base)
    parts = urlsplit(joined)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a web address")
    return joined


def resolve(reference: str, base: str) -> str:
    """Return *reference* resolved against *base* and percent-encoded (RFC 3986 section 5.2, RFC 3987 section 3.1).

    Raises:
        ValueError: *reference* is malformed.
    """
    joined = urljoin(base, reference)
    if joined.isascii() and " " not in joined:
        return joined
    parts = urlsplit(joined)
    return parts._replace(
        path=quote(parts.path, _SAFE), query=quote(parts.query, _SAFE), fragment=quote(parts.fragment, _SAFE)
    ).geturl()
