"""Published media: files named by their content, of any size, whole or in parts, streamed piece by piece."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from time import time
from typing import TYPE_CHECKING, NamedTuple

from anyio import create_task_group
from anyio.to_thread import run_sync

from feedsvc.files import open_beneath
from feedsvc.model import MEDIA_FOLDER
from feedsvc.web.conditional import Conditions, EntityTag, Verdict, decide
from feedsvc.web.headers import media_type, note_headers, shared_media_headers, validators
from feedsvc.web.ranges import ByteRange, is_range_wanted, parse_range

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from feedsvc.web.headers import Headers

_PIECE_BYTES = 256 * 1024
_NAME = re.compile(rf"{MEDIA_FOLDER}/([0-9a-f]{{64}})\.[0-9a-z]{{1,8}}")
_CONDITIONS = {
    b"if-match": "if_match",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
    b"if-unmodified-since": "if_unmodified_since",
}


def is_medium(path: str) -> bool:
    """Tell whether the file at *path* is a medium: its name stands for its content, so that it never changes."""
    return _NAME.fullmatch(path) is not None


class _Part(NamedTuple):
    """What is sent: a piece of text, or a part of the file."""

    head: bytes
    span: ByteRange


class _Plan(NamedTuple):
    status: int
    headers: Headers
    parts: tuple[_Part, ...] = ()
    tail: bytes = b""

    def length(self) -> int:
        """Return the bytes of the body."""
        return sum(len(part.head) + part.span.end - part.span.start for part in self.parts) + len(self.tail)


async def send_medium(folder: str, path: str, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer a GET or HEAD for the medium at *path* below *folder*; False if it is not there and nothing was sent."""
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(open_beneath(folder, path))
        except OSError:
            return False
        plan = _plan(path, scope, os.fstat(handle))
        length = [] if plan.status == 304 else [(b"content-length", str(plan.length()).encode())]
        await send({"type": "http.response.start", "status": plan.status, "headers": [*plan.headers, *length]})
        if scope["method"] == "HEAD" or not plan.length():
            await send({"type": "http.response.body", "body": b""})
        else:
            await _stream_while_heard(handle, plan, receive, send)
    return True


def _plan(path: str, scope: Scope, status: os.stat_result) -> _Plan:
    asked = {name: value.decode("latin-1") for name, value in scope["headers"]}
    modified_s, size = min(int(status.st_mtime), int(time())), status.st_size
    tag = _tag(path)
    verdict = decide(Conditions(**{key: asked.get(name) for name, key in _CONDITIONS.items()}), tag, modified_s)
    shared = [*shared_media_headers(), *validators(tag, modified_s)]
    if verdict is Verdict.PRECONDITION_FAILED:
        return _note(412, "The file is not in the state that the request asks for.")
    if verdict is Verdict.NOT_MODIFIED:
        return _Plan(304, shared)
    kind = media_type(path)
    whole = _Plan(200, [(b"content-type", kind.encode()), *shared], (_Part(b"", ByteRange(0, size)),))
    wanted = asked.get(b"range") if scope["method"] == "GET" else None
    if wanted is None or not is_range_wanted(asked.get(b"if-range"), tag, modified_s):
        return whole
    ranges = parse_range(wanted, size)
    if ranges is None:
        return whole
    if not ranges:
        return _note(416, f"The file has {size} bytes.", (b"content-range", f"bytes */{size}".encode()))
    return _one_part(kind, shared, ranges[0], size) if len(ranges) == 1 else _several(kind, shared, ranges, size, tag)


def _tag(path: str) -> EntityTag:
    found = _NAME.fullmatch(path)
    return EntityTag(found[1][:32] if found else "")


def _one_part(kind: str, shared: Headers, span: ByteRange, size: int) -> _Plan:
    headers = [(b"content-type", kind.encode()), *shared, (b"content-range", span.content_range(size).encode())]
    return _Plan(206, headers, (_Part(b"", span),))


def _several(kind: str, shared: Headers, ranges: list[ByteRange], size: int, tag: EntityTag) -> _Plan:
    """Plan an answer of type ``multipart/byteranges`` (RFC 9110 section 14.6); no file of ours holds the border."""
    border = f"feedsvc-{tag.opaque}"
    parts = tuple(
        _Part(
            f"\r\n--{border}\r\nContent-Type: {kind}\r\nContent-Range: {span.content_range(size)}\r\n\r\n".encode(),
            span,
        )
        for span in ranges
    )
    headers = [(b"content-type", f"multipart/byteranges; boundary={border}".encode()), *shared]
    return _Plan(206, headers, parts, f"\r\n--{border}--\r\n".encode())


def _note(status: int, text: str, *headers: tuple[bytes, bytes]) -> _Plan:
    body = f"{text}\n".encode()
    plain = [header for header in note_headers(body) if header[0] != b"content-length"]
    return _Plan(status, [*plain, *headers], tail=body)


# Streaming


async def _stream_while_heard(handle: int, plan: _Plan, receive: Receive, send: Send) -> None:
    """Send the body, and stop as soon as nobody listens: a server may swallow what is sent to a closed connection."""

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with create_task_group() as group:
        group.start_soon(listen)
        await _stream(handle, plan, send)
        group.cancel_scope.cancel()


async def _stream(handle: int, plan: _Plan, send: Send) -> None:
    for part in plan.parts:
        if part.head:
            await send({"type": "http.response.body", "body": part.head, "more_body": True})
        at = part.span.start
        while at < part.span.end:
            piece = await run_sync(os.pread, handle, min(_PIECE_BYTES, part.span.end - at), at)
            if not piece:
                raise ConnectionAbortedError("a published file became shorter while it was sent")
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            at += len(piece)
    await send({"type": "http.response.body", "body": plan.tail})
