"""Hostile files: what the worst single file of five megabytes costs, against the limits of 5 s and 100 MB.

Each file is read in a process of its own, so that its memory is its own: the highest resident set beyond what the
process held before. Attacks on headers have a limit of 200 ms.

Run: ``python benchmarks/hostile.py [WORD]`` to run only attacks whose names hold WORD.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE = 5 * 1024 * 1024 - 300
_LIMIT_S, _HEADER_LIMIT_S, _LIMIT_MB = 5.0, 0.2, 100


class Cost(NamedTuple):
    """What reading one file cost, and what became of it."""

    seconds: float
    megabytes: float
    outcome: str


def main() -> None:
    """Measure every attack and print a row for each."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    names = [name for name in ATTACKS if word in name]
    over = 0
    for name in names:
        cost = _measured(name)
        limit = _HEADER_LIMIT_S if name.startswith("header") else _LIMIT_S
        is_over = cost.seconds > limit or cost.megabytes > _LIMIT_MB
        over += is_over
        print(
            f"{name:28} {cost.seconds:7.3f} s of {limit:3.1f} {cost.megabytes:6.0f} MB of {_LIMIT_MB}  {cost.outcome}"
            + ("  OVER THE LIMIT" if is_over else "")
        )
    print(f"{len(names)} attacks, {over} over the limit")
    raise SystemExit(bool(over))


def _measured(name: str) -> Cost:
    answer = subprocess.run([sys.executable, __file__, "--one", name], check=True, capture_output=True, text=True)
    return Cost(*json.loads(answer.stdout))


def _one(name: str) -> Cost:
    from feedsvc.errors import EntryParseError
    from feedsvc.parse import ParseContext, parse_file

    path, make = ATTACKS[name]
    data = make()
    context = ParseContext(path, "en", ZoneInfo("UTC"), "https://site.invalid")
    warm = b'{"body": "Good."}' if path.endswith(("json", "jsonl")) else b"Subject: A\n\nGood.\n"
    parse_file(warm, context)
    before, begin = _resident(), time.perf_counter()
    try:
        outcome = f"{len(parse_file(data, context).entries)} entries"
    except EntryParseError as error:
        outcome = error.code
    seconds = time.perf_counter() - begin
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Cost(seconds, max(highest - before, 0) / 1e6, outcome)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _filled(unit: bytes, head: bytes = b"", tail: bytes = b"") -> Callable[[], bytes]:
    return lambda: head + unit * ((_SIZE - len(head) - len(tail)) // len(unit)) + tail


def _times(count: int, unit: bytes, head: bytes = b"", tail: bytes = b"") -> Callable[[], bytes]:
    return lambda: head + unit * count + tail


def _header(*lines: bytes) -> Callable[[], bytes]:
    return lambda: b"\n".join((b"---", *lines, b"---", b"Text.", b""))


def _nested_mail(depth: int) -> bytes:
    body = b"Content-Type: text/plain\n\n" + b"word " * ((_SIZE - 8_000) // 5)
    for n in range(depth):
        body = b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n%s\n--b%d--\n' % (n, n, body, n)
    return b"From: a@b.example\nSubject: S\n" + body


_BULLETIN = b"---\nprofile: bulletin\nitems: %s\n---\n"
_KEYS = b"\n".join(b"k%d: 1" % n for n in range(100_000))

ATTACKS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "header depth yaml": ("a.md", _header(b"a: " + b"[" * 5_000)),
    "header keys yaml": ("a.md", _header(_KEYS)),
    "header aliases yaml": ("a.md", _header(b"a: &a [x, x]", b"b: &b [*a, *a]")),
    "header merge keys yaml": ("a.md", _header(b"a: &a {x: 1}", b"b: {<<: *a}")),
    "header number yaml": ("a.md", _header(b"date: " + b"9" * 10_000)),
    "header object yaml": ("a.md", _header(b"a: !!python/object/apply:os.system [ls]")),
    "header keys toml": ("a.md", lambda: b"+++\n" + _KEYS.replace(b": ", b" = ") + b"\n+++\nText.\n"),
    "header depth json": ("a.md", lambda: b'{"title": ' + b"[" * 100_000),
    "header keys lines": ("a.txt", lambda: b"Title: a\n" + _KEYS + b"\n\nText.\n"),
    "header depth json file": ("a.json", lambda: b"[" * 100_000),
    "header keys json file": (
        "a.json",
        lambda: b"[{" + b",".join(b'"k%d":1' % n for n in range(100_000)) + b"}]",
    ),
    "text one word": ("a.txt", _filled(b"a")),
    "text words": ("a.txt", _filled(b"word ")),
    "text arabic words": ("a.txt", _filled("كلمة ".encode())),
    "text emoji": ("a.txt", _filled("😀 ".encode())),
    "text marks": ("a.txt", _filled("\u0301".encode(), b"a")),
    "text controls": ("a.txt", _filled(b"a\x0b")),
    "text bidi": ("a.txt", _filled("\u202ea ".encode())),
    "text bidi 49,000": ("a.txt", _times(49_000, "\u202ea ".encode() + b"word " * 20)),
    "text bidi closers": ("a.txt", ("\u202a" * 24_000 + "\u2069" * 24_000 + " word").encode),
    "text a million lines": ("a.txt", _times(1_000_000, b"a b\n")),
    "text a million paragraphs": ("a.txt", _times(1_000_000, b"a\n\n")),
    "text 99,000 paragraphs": ("a.txt", _times(49_500, b"a (b: c\n\n")),
    "text 400,000 addresses": ("a.txt", _filled(b"http://a.b ")),
    "text 49,000 addresses": ("a.txt", _times(49_000, b"http://a.b/c " + b"word " * 18)),
    "text utf-16": ("a.txt", lambda: ("word " * (_SIZE // 10)).encode("utf-16")),
    "markdown emphasis": ("a.md", _filled(b"*a* ")),
    "markdown links": ("a.md", _filled(b"[x](y) ")),
    "markdown brackets": ("a.md", _filled(b"[")),
    "markdown stars": ("a.md", _filled(b"*")),
    "markdown quotes": ("a.md", _filled(b"> ")),
    "markdown lists": ("a.md", _filled(b"- ")),
    "markdown numbers": ("a.md", _filled(b"1. ")),
    "markdown nested quotes": ("a.md", _times(10_000, b"> " * 99 + b"a\n\n")),
    "markdown tables": ("a.md", _filled(b"|a", b"|a|b|\n|-|-|\n")),
    "markdown html": ("a.md", _filled(b"<b>a</b> ")),
    "markdown references": ("a.md", _filled(b"&amp;")),
    "markdown footnotes": ("a.md", _filled(b"[^1]", tail=b"\n\n[^1]: x")),
    "markdown 119,000 marks": ("a.md", _times(59_500, b"*a* " + b"word " * 12)),
    "markdown 39,000 links": ("a.md", _times(39_000, b"[x](y) " + b"word " * 25)),
    "markdown 59,000 paragraphs": ("a.md", _times(59_000, b"word " * 12 + b"\n\n")),
    "markdown 39,000 quotes": ("a.md", _times(39_000, b"> a\n\n")),
    "html depth": ("a.html", _filled(b"<div>")),
    "html breaks": ("a.html", _filled(b"<br>")),
    "html cells": ("a.html", _filled(b"<td>a", b"<table>")),
    "html scripts": ("a.html", _filled(b"<script>")),
    "html comments": ("a.html", _filled(b"<!--")),
    "html attributes": ("a.html", _filled(b"b=c ", b"<a ", b">x</a>")),
    "html words": ("a.html", _filled(b"word ")),
    "mail 19 levels": ("a.eml", lambda: _nested_mail(19)),
    "mail 21 levels": ("a.eml", lambda: _nested_mail(21)),
    "mail lines": ("a.eml", _filled(b"a b\n", b"From: a@b.example\n\n")),
    "mail headers": ("a.eml", _filled(b"X: y\n", b"From: a@b.example\n", b"\nText.")),
    "mail names": ("a.eml", _filled(b"a@b.example, ", b"From: ", b"a@b.example\n\nText.")),
    "mail brackets": ("a.eml", _filled(b"(", b"From: ", b"\n\nText.")),
    "mail base64": (
        "a.eml",
        _filled(b"d29yZCB3b3JkIHdvcmQg" * 3 + b"\n", b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n"),
    ),
    "json 4,999 items": (
        "a.json",
        lambda: b"[" + b",".join([b'{"body":"%s"}' % (b"word " * 190)] * 4_999) + b"]",
    ),
    "json values": ("a.json", _filled(b'"a",', b'[{"paragraphs":[', b'"b"]}]')),
    "json numbers": ("a.json", _filled(b"12,", b'[{"a":[', b"1]}]")),
    "json paragraphs": ("a.json", _filled(b"a\\n\\n", b'[{"body":"', b'"}]')),
    "json lines": ("a.jsonl", _filled(b"{\n")),
    "bulletin paragraphs": ("a.txt", _filled(b"a\n", _BULLETIN % b"paragraph")),
    "bulletin separators": ("a.md", _filled(b"---\n", _BULLETIN % b"separator")),
    "bulletin headings": ("a.md", _filled(b"# a" + b" " * 990 + b"b\n", _BULLETIN % b"heading")),
    "bulletin blocks": ("a.md", _filled(b"\ntitle: a\n\nb\n", _BULLETIN % b"blocks")),
    "bulletin 4,990 items": (
        "a.md",
        _times(4_990, b"*word* " * 140 + b"\n\n---\n\n", _BULLETIN % b"separator"),
    ),
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_one(sys.argv[2])))
    else:
        main()
