"""One conversation with a client, in SMTP or LMTP (RFC 5321, RFC 2033), and the room for all of them."""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, syntax

_LONGEST_S = 600.0
"""However busy it is; a mail server that has more to bring calls again."""


class Room:
    """The open conversations, of which there may be only so many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: set[asyncio.Transport] = set()

    def enter(self, transport: asyncio.Transport) -> bool:
        """Let a conversation in, if there is room for it."""
        if len(self._open) >= self._limit:
            return False
        self._open.add(transport)
        return True

    def leave(self, transport: asyncio.Transport) -> None:
        """Make room again."""
        self._open.discard(transport)

    def clear(self) -> None:
        """Hang up on everybody."""
        for transport in list(self._open):
            transport.abort()


class Conversation(SMTP):
    """What aiosmtpd does for one connection, with LMTP beside SMTP and an end to patience."""

    line_length_limit = 65_536
    """Programs that bounce what others wrote do not count characters."""

    def __init__(self, handler: object, room: Room, **options: Any) -> None:  # noqa: ANN401 - aiosmtpd's own
        super().__init__(handler, **options)
        self._room = room
        self._own_transport: asyncio.Transport | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, or tell it to come again."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - it listens on streams only
        if not self._room.enter(transport):
            transport.write(b"421 4.3.2 too many connections, come again\r\n")
            transport.close()
            return
        self._own_transport = transport
        self._end = self.loop.call_later(_LONGEST_S, transport.abort)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for the next."""
        if self._own_transport is not None and self._end is not None:
            self._end.cancel()
            self._room.leave(self._own_transport)
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the client was told to come again."""
        if self._own_transport is not None:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """End a conversation that the client ended."""
        return super().eof_received() if self._own_transport is not None else False

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd looks for this name
        """Greet a client that speaks LMTP."""
        await self.smtp_EHLO(hostname)
