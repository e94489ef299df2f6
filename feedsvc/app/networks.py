"""The network that somebody writes from: enough to count and to prove, too little to tell who it was."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

_BITS = {4: 24, 6: 48}


def network_of(client: str) -> str:
    """Return the network of an IP address, its first 24 bits, or 48 of IPv6; empty for what is no address."""
    try:
        address = ip_address(client)
    except ValueError:
        return ""
    return str(ip_network((address.packed, _BITS[address.version]), strict=False))
