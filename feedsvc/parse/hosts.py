"""Which hosts of web addresses the public can reach; decided by the name alone, nothing is looked up."""

from __future__ import annotations

import re
import socket
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain")
_OTHER_DOTS = re.compile("[。．｡]")
_NUMERIC = re.compile(r"[0-9a-fx.]+")
_EMBEDDING = [ip_network(text) for text in ("64:ff9b::/32", "2002::/16", "2001::/32", "::/96", "192.0.0.0/24")]
"""Networks that `is_global` lets through though they lead to other addresses: NAT64, 6to4, Teredo and the like."""


def is_public_host(host: str) -> bool:
    """Tell whether *host*, a name or an address in any spelling, may be given to readers: nothing private or local."""
    plain = _OTHER_DOTS.sub(".", unicodedata.normalize("NFKC", host)).casefold().rstrip(".")
    if "%" in plain or not plain:
        return False
    address = _address(plain)
    if address is not None:
        return _is_public_address(address)
    return "." in plain and not plain.endswith(_LOCAL_ENDINGS)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that *host* is, also in the old forms such as ``0x7f.1`` and ``2130706433``."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    if _NUMERIC.fullmatch(host) is None:
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _is_public_address(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    is_embedding = any(address.version == net.version and address in net for net in _EMBEDDING)
    return address.is_global and not address.is_multicast and not is_embedding
