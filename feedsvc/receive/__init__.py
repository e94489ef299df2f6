"""Mail that comes in over the network, by SMTP or LMTP; needs the extra ``bounce`` (aiosmtpd)."""

from feedsvc.receive.listener import MAX_CONNECTIONS, MAX_MESSAGE_BYTES, Listener, Mailroom

__all__ = ["MAX_CONNECTIONS", "MAX_MESSAGE_BYTES", "Listener", "Mailroom"]
