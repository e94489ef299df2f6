"""The published folder on a real socket: what is served, what is refused, what is said about it."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from web_client import SITE, WELL, exchange, fetch, serving

from feedsvc.observe import HealthCheck, HealthReport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLUG = "خبر-عاجل"
FILES = {
    "index.html": b"<!doctype html><title>All feeds</title>",
    "main/index.html": b"<!doctype html><title>Main</title>" + b"<p>News</p>" * 100,
    "main/atom.xml": b"<feed/>",
    "main/rss.xml": b"<rss/>",
    "main/feed.json": b"{}",
    f"entries/{SLUG}/index.html": "<!doctype html><p>خبر".encode(),
    "media/photo.jpg": bytes(range(256)) * 40,
    "media/long.txt": "سطر\n".encode() * 300_000,
    "main/.atom.xml.1.tmp": b"half a feed",
    ".well-hidden/secret.txt": b"secret",
}
WRITTEN_HERE = b"evil.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("site")
    root = top / "feeds"
    for path, data in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    (top / "outside.txt").write_text("outside")
    (root / "main" / "link.txt").symlink_to(top / "outside.txt")
    (root / "linked").symlink_to(root / "main")
    os.mkfifo(root / "main" / "pipe")
    (root / "main" / "back\\slash").write_text("secret")
    return root


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with serving(folder) as server:
        yield server.port


@pytest.mark.parametrize(
    ("path", "file", "kind"),
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/main/", "main/index.html", "text/html; charset=utf-8"),
        ("/main/index.html", "main/index.html", "text/html; charset=utf-8"),
        ("/main/atom.xml", "main/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/main/atom.xml?from=reader", "main/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/main/rss.xml", "main/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/main/feed.json", "main/feed.json", "application/feed+json"),
        (f"/entries/{quote(SLUG)}/", f"entries/{SLUG}/index.html", "text/html; charset=utf-8"),
        ("/media/photo.jpg", "media/photo.jpg", "image/jpeg"),
        ("/media/long.txt", "media/long.txt", "text/plain; charset=utf-8"),
    ],
)
def test_documents(port: int, path: str, file: str, kind: str) -> None:
    """Every published file is served byte for byte at its address, with its media type."""
    answer = fetch(port, path)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, FILES[file], kind)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "coding"),
    [("/main/", "gzip"), ("/media/long.txt", "gzip"), ("/main/rss.xml", None), ("/media/photo.jpg", None)],
)
def test_only_worthwhile_bodies_are_compressed(port: int, path: str, coding: str | None) -> None:
    """Text above half a kilobyte is; smaller ones and pictures are not. What is, unpacks to the file."""
    plain, packed = fetch(port, path), fetch(port, path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers.get("content-encoding") == coding
    assert (gzip.decompress(packed.body) if coding else packed.body) == plain.body


def test_gzip_is_used_where_the_client_refuses_anything_else(port: int) -> None:
    """``identity;q=0`` gets even a small document compressed."""
    answer = fetch(port, "/main/rss.xml", headers={"Accept-Encoding": "gzip, identity;q=0"})
    assert gzip.decompress(answer.body) == b"<rss/>"
    assert answer.headers["etag"].endswith('-gz"')


@pytest.mark.parametrize(
    ("path", "location"),
    [("/main", "/main/"), (f"/entries/{quote(SLUG)}", f"/entries/{quote(SLUG)}/"), ("/main?x=1", "/main/")],
)
def test_a_folder_without_its_slash_is_redirected(port: int, path: str, location: str) -> None:
    """The address with the slash is the lasting one (308), whatever Host says."""
    answer = fetch(port, path)
    assert (answer.status, answer.headers["location"]) == (308, location)
    assert f"{SITE}{location}".encode() in answer.body


def test_a_site_in_a_sub_folder_of_its_host(folder: Path) -> None:
    """Behind a proxy that strips a prefix, links and redirects carry it."""
    with serving(folder, "https://example.org/نشرة/") as server:
        redirect, feed = fetch(server.port, "/main"), fetch(server.port, "/main/rss.xml")
    assert redirect.headers["location"] == "/%D9%86%D8%B4%D8%B1%D8%A9/main/"
    assert feed.headers["link"].startswith("<https://example.org/%D9%86%D8%B4%D8%B1%D8%A9/main/rss.xml>")


@pytest.mark.parametrize(
    "target",
    [
        b"/nothing",
        b"/main/nothing.xml",
        b"/main/atom.xml/",
        b"/main/atom.xml/x",
        b"/media/",
        b"/media",
        b"//",
        b"//main/",
        b"/../outside.txt",
        b"/main/../../outside.txt",
        b"/main/../atom.xml",
        b"/%2e%2e/outside.txt",
        b"/%2E%2e%2foutside.txt",
        b"/..%2foutside.txt",
        b"/main%2fatom.xml",
        b"/..%5coutside.txt",
        b"/..\\outside.txt",
        b"/main/back%5cslash",
        b"/main/atom.xml%00",
        b"/main/atom.xml%00.html",
        b"/main/.atom.xml.1.tmp",
        b"/main/%2eatom.xml.1.tmp",
        b"/.well-hidden/secret.txt",
        b"/%252e%252e/outside.txt",
        b"/%c0%ae%c0%ae/outside.txt",
        b"/%ff",
        b"/main/link.txt",
        b"/linked/atom.xml",
        b"/linked/",
        b"/linked",
        b"/main/pipe",
        b"/" + b"a" * 300,
        b"/" + b"a" * 6000,
        b"http://evil.example/../outside.txt",
    ],
)
def test_nothing_else_is_there(port: int, target: bytes) -> None:
    """Steps out of the folder, links, hidden and special files are plain 404s; no answer repeats the request."""
    answer = exchange(port, b"GET " + target + b" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 ")
    assert b"content-type: text/plain; charset=utf-8" in head
    assert b"x-content-type-options: nosniff" in head
    assert body == b"Nothing is published at this address; all feeds are listed at https://news.example/\n"


def test_preconditions_do_not_change_a_404(port: int) -> None:
    """RFC 9110 section 13.2.1: conditions count only where the answer would be a success."""
    assert fetch(port, "/nothing", headers={"If-Match": '"x"'}).status == 404
    assert fetch(port, "/nothing", headers={"If-None-Match": "*"}).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/main/atom.xml", "/nothing", "/.hidden"])
def test_the_site_can_only_be_read(port: int, method: str, path: str) -> None:
    """Any other method is refused with the list of those that work."""
    answer = fetch(port, path, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_options(port: int) -> None:
    """OPTIONS lists the methods; for a feed it lets scripts of other sites ask conditionally."""
    page, feed = fetch(port, "/main/", "OPTIONS"), fetch(port, "/main/atom.xml", "OPTIONS")
    assert (page.status, page.headers, page.body) == (204, {"allow": "GET, HEAD, OPTIONS"}, b"")
    assert (feed.status, feed.headers["access-control-allow-origin"]) == (204, "*")
    assert "If-None-Match" in feed.headers["access-control-allow-headers"]


def test_the_host_of_a_request_shows_nowhere(port: int) -> None:
    """No byte of any answer comes from Host or its relatives."""
    liars = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Forwarded-Proto": "evil.example"}
    for path in ("/", "/main", "/main/", "/main/atom.xml", "/nothing", "/-/health", "/-/ready", "/-/no", "/-"):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            answer = fetch(port, path, method, liars)
            assert WRITTEN_HERE not in repr(answer).encode()


def test_a_document_being_written_in_place_is_not_served_in_part() -> None:
    """A file whose size moves gets a 503 with a time to come back."""
    if not os.path.exists("/proc/version"):
        pytest.skip("needs a /proc, whose files have no size")
    with serving("/proc") as server:
        answer = fetch(server.port, "/version")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_health(folder: Path) -> None:
    """Every check is shown; one that fails makes it a 503, for people and machines."""
    with serving(folder) as server:
        well = fetch(server.port, "/-/health")
    assert (well.status, well.headers["cache-control"]) == (200, "no-store")
    assert json.loads(well.body) == {"status": "ok", "checks": {"store": {"ok": True, "detail": "writes"}}}

    sick = HealthReport((*WELL.checks, HealthCheck("watch", ok=False, detail="the inbox is gone")), is_ready=True)
    with serving(folder, probe=lambda: sick) as server:
        failing, ready = fetch(server.port, "/-/health"), fetch(server.port, "/-/ready")
    assert failing.status == 503
    assert json.loads(failing.body)["status"] == "failing"
    assert json.loads(failing.body)["checks"]["watch"] == {"ok": False, "detail": "the inbox is gone"}
    assert (ready.status, ready.body) == (200, b"ready\n")


def test_ready_tells_when_it_has_started(folder: Path) -> None:
    """Before that it answers 503, so that no balancer sends readers."""
    with serving(folder, probe=lambda: HealthReport(WELL.checks, is_ready=False)) as server:
        answer = fetch(server.port, "/-/ready")
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (503, b"starting\n", "no-store")


def test_a_probe_that_fails_is_a_failing_check(folder: Path) -> None:
    """An error inside the probe is shown as one, and documents are served all the same."""

    def probe() -> HealthReport:
        raise RuntimeError("the store is locked")

    with serving(folder, probe=probe) as server:
        health, ready = fetch(server.port, "/-/health"), fetch(server.port, "/-/ready")
        feed = fetch(server.port, "/main/atom.xml")
    assert json.loads(health.body)["checks"]["probe"]["detail"] == "RuntimeError: the store is locked"
    assert (health.status, ready.status, feed.status) == (503, 503, 200)


def test_other_addresses_of_the_operator(port: int) -> None:
    """Below ``/-/`` an unknown address names the known ones; methods are answered as everywhere."""
    nothing, post = fetch(port, "/-/nothing"), fetch(port, "/-/health", "POST")
    options = fetch(port, "/-/ready", "OPTIONS")
    assert (nothing.status, nothing.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert b"/-/health" in nothing.body
    assert (post.status, sorted(post.headers["allow"].split(", "))) == (405, ["GET", "HEAD"])
    assert (options.status, options.body) == (204, b"")
