"""Media on a real socket: whole and in parts, with answers that caches may keep for ever."""

from __future__ import annotations

import socket
from email import message_from_bytes
from hashlib import sha256
from typing import TYPE_CHECKING

import psutil
import pytest
from web_client import exchange, fetch, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = b"".join(number.to_bytes(4) for number in range(250_000))
SIZE = len(DATA)
NAME = f"{sha256(DATA).hexdigest()}.mp3"
ADDRESS = f"/media/{NAME}"
TAG = f'"{NAME[:32]}"'
OTHERS = {".m4a": "audio/mp4", ".wav": "audio/wav", ".webm": "video/webm", ".epub": "application/epub+zip",
          ".aac": "audio/aac", ".ogg": "audio/ogg", ".pdf": "application/pdf", ".avif": "image/avif"}  # fmt: skip


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    root: Path = tmp_path_factory.mktemp("site") / "feeds"
    (root / "media").mkdir(parents=True)
    (root / "media" / NAME).write_bytes(DATA)
    for suffix in OTHERS:
        (root / "media" / f"{'a' * 64}{suffix}").write_bytes(b"x")
    (root / "media" / f"{'b' * 64}.mp3").write_bytes(b"")
    (root / "secret").write_bytes(b"secret")
    (root / "media" / f"{'c' * 64}.mp3").symlink_to(root / "secret")
    with serving(root) as server:
        yield server.port


def test_the_whole_file(port: int) -> None:
    """The bytes come with type, length, a strong tag, and the permission to keep them for ever."""
    answer = fetch(port, ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert (answer.status, answer.body) == (200, DATA)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["etag"] == TAG
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


def test_head_says_the_same_without_the_bytes(port: int) -> None:
    """A player that asks first learns the size, also where it asks for a part."""
    get, head = fetch(port, ADDRESS), fetch(port, ADDRESS, "HEAD", {"Range": "bytes=0-9"})
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")


@pytest.mark.parametrize(("suffix", "kind"), OTHERS.items())
def test_each_kind_has_its_type(port: int, suffix: str, kind: str) -> None:
    """What a feed says of an enclosure is what the server says of it."""
    assert fetch(port, f"/media/{'a' * 64}{suffix}").headers["content-type"] == kind


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=999000-", 999_000, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        ("bytes=7-899999", 7, 900_000),
        ("bytes=0-9,5-19", 0, 20),
    ],
)
def test_one_part(port: int, asked: str, start: int, end: int) -> None:
    """A player that seeks gets exactly the part, and is told where it lies."""
    answer = fetch(port, ADDRESS, headers={"Range": asked})
    assert (answer.status, answer.body) == (206, DATA[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["etag"] == TAG


def test_several_parts(port: int) -> None:
    """Parts that lie apart come in one answer that any MIME reader can take apart."""
    answer = fetch(port, ADDRESS, headers={"Range": "bytes=0-3,1000-1999,-4"})
    assert answer.status == 206
    assert "content-range" not in answer.headers
    assert answer.headers["content-length"] == str(len(answer.body))
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + answer.body).get_payload()
    assert isinstance(parts, list)
    read = [(part["content-range"], part["content-type"], part.get_payload(decode=True)) for part in parts]
    assert [(place, kind) for place, kind, _ in read] == [
        (f"bytes {place}/{SIZE}", "audio/mpeg") for place in ("0-3", "1000-1999", f"{SIZE - 4}-{SIZE - 1}")
    ]
    raw = answer.body.split(b"\r\n\r\n")
    assert raw[1].startswith(DATA[:4])
    assert DATA[1000:2000] in answer.body


def test_nothing_there_is_refused(port: int) -> None:
    """A part behind the end is refused with the true size."""
    answer = fetch(port, ADDRESS, headers={"Range": f"bytes={SIZE}-"})
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")
    empty = fetch(port, f"/media/{'b' * 64}.mp3", headers={"Range": "bytes=0-"})
    assert (empty.status, empty.headers["content-range"]) == (416, "bytes */0")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Range": "bytes=9-0"}, 200),
        ({"Range": "lines=0-9"}, 200),
        ({"Range": "bytes=0-9", "If-Range": TAG}, 206),
        ({"Range": "bytes=0-9", "If-Range": '"older"'}, 200),
        ({"Range": "bytes=0-9", "If-Range": f"W/{TAG}"}, 200),
        ({"Range": "bytes=0-9", "If-None-Match": TAG}, 304),
        ({"Range": "bytes=0-9", "If-Match": '"older"'}, 412),
        ({"If-None-Match": TAG}, 304),
        ({"If-Match": TAG}, 200),
    ],
)
def test_conditions_come_first(port: int, headers: dict[str, str], status: int) -> None:
    """Preconditions are decided before parts, and a resumed download of another file starts anew."""
    answer = fetch(port, ADDRESS, headers=headers)
    assert answer.status == status
    if status == 200:
        assert answer.body == DATA
    if status == 304:
        assert answer.headers["etag"] == TAG
        assert answer.body == b""


def test_nothing_else_is_reached_by_this_way(port: int) -> None:
    """A missing file, a link and a method that writes are refused as everywhere."""
    assert fetch(port, f"/media/{'d' * 64}.mp3").status == 404
    assert fetch(port, f"/media/{'c' * 64}.mp3").status == 404
    assert fetch(port, ADDRESS, "POST").status == 405


def test_one_connection_serves_many_parts(port: int) -> None:
    """A player keeps its connection: each answer ends where its length says."""
    request = f"GET {ADDRESS} HTTP/1.1\r\nHost: x\r\nRange: bytes=%d-%d\r\n".encode()
    first, second = (request % (place, place + 3) for place in (400_000, 8))
    reply = exchange(port, first + b"\r\n" + second + b"Connection: close\r\n\r\n")
    assert reply.count(b"HTTP/1.1 206") == 2
    assert reply.endswith(DATA[8:12])
    assert DATA[400_000:400_004] in reply


def test_a_listener_who_leaves_frees_the_file(port: int) -> None:
    """Someone who hangs up in the middle leaves nothing open behind."""
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"GET {ADDRESS} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            connection.recv(1000)
    assert fetch(port, ADDRESS).status == 200
    for _ in range(200):
        if not any(file.path.endswith(NAME) for file in psutil.Process().open_files()):
            break
        fetch(port, "/nothing")
    assert not any(file.path.endswith(NAME) for file in psutil.Process().open_files())
