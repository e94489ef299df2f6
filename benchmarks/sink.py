"""A mail server that takes everything and keeps nothing, as fast as it can, for benchmarks.

Run: ``python benchmarks/sink.py DELAY_MS FEATURE...``. It prints its port. Each batch of replies comes DELAY_MS late,
as from a server at that distance.
"""

from __future__ import annotations

import asyncio
import sys

_END = b"\r\n.\r\n"
_REPLIES = {b"MAIL": b"250 2.1.0 ok\r\n", b"RCPT": b"250 2.1.5 ok\r\n", b"RSET": b"250 2.0.0 ok\r\n"}


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self, delay_s: float, features: list[str]) -> None:
        self._delay_s = delay_s
        lines = ["sink", *features, "SIZE 0"]
        text = "".join(f"250{' ' if number == len(lines) - 1 else '-'}{line}\r\n" for number, line in enumerate(lines))
        self._replies = {**_REPLIES, b"EHLO": text.encode()}
        self._waiting, self._is_content = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all commands that have arrived, together."""
        self._waiting += data
        replies = []
        while (reply := self._next()) is not None:
            replies.append(reply)
        if replies:
            self._say(b"".join(replies))

    def _next(self) -> bytes | None:
        mark = _END if self._is_content else b"\r\n"
        at = self._waiting.find(mark)
        if at < 0:
            return None
        command, self._waiting = self._waiting[:4].upper(), self._waiting[at + len(mark) :]
        if self._is_content:
            self._is_content = False
            return b"250 2.0.0 taken\r\n"
        self._is_content = command == b"DATA"
        return b"354 go\r\n" if self._is_content else self._replies.get(command, b"221 bye\r\n")

    def _say(self, text: bytes) -> None:
        if self._delay_s:
            asyncio.get_running_loop().call_later(self._delay_s, self._write, text)
        else:
            self._write(text)

    def _write(self, text: bytes) -> None:
        self._transport.write(text)
        if text.startswith(b"221"):
            self._transport.close()


async def main() -> None:
    """Serve until killed."""
    delay_s, features = float(sys.argv[1]) / 1000, sys.argv[2:]
    server = await asyncio.get_running_loop().create_server(lambda: Sink(delay_s, features), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
