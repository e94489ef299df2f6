"""Mutated files: whatever bytes arrive under whatever name, the answer is entries or a refusal with a known code."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feedsvc.errors import EntryParseError
from feedsvc.parse import ACCEPTED_SUFFIXES, ParseContext, parse_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import ParsedFile

SCALE = float(os.environ.get("FEEDSVC_TEST_SCALE", "1"))
PAGE = (
    b'<!doctype html><html lang="ar" dir="rtl"><head><title>A</title></head><body><h1>B</h1><p onclick="x">C &amp; d'
    b'<table><tr><td>e</table><script>f</script><a href="javascript:g">h</a></body></html>\n'
)
MAIL = (
    b"From: =?utf-8?q?M=C3=B6na?= <m@a.example>\nSubject: =?windows-1256?B?x8jK?=\n"
    b"Date: Tue, 24 Feb 2026 10:00:00 +0200\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nT=C3=A9xt.\n"
    b"--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+eDwvcD4=\n"
    b"--b\nContent-Type: message/rfc822\n\nSubject: C\n\nd\n--b--\n"
)
SEEDS = [
    b"---\ntitle: A\ndate: 2026-02-24 10:00 +02:00\ntags: [a, b]\n---\nText with https://a.example/x.\n\nMore.\n",
    b"---\nprofile: bulletin\nitems: heading\n---\n# One\nText.\n\n# Two\n- a\n- b\n",
    b"---\nprofile: bulletin\nitems: blocks\n---\ntitle: One\n\nText.\n\n---\ntitle: Two\ndate: 2026-02-24\n\nTwo.\n",
    "---\ntitle: خبر\nfirst_line: lead\nprofile: bulletin\n---\nعنوان\nنص الخبر الأول.\nنص الخبر الثاني.\n".encode(),
    b'[{"title": "a", "body": "b", "date": "2026-02-24"}, {"paragraphs": ["c", "d"], "tags": ["e"]}]',
    b'{"title": "a", "body": "b"}\n{"title": "c", "text": "d"}\n',
    b"# Head\n\n| a | b |\n|---|---|\n| c | d |\n\nText[^1] <b>x</b> ![i](/p.png)\n\n[^1]: note\n",
    b"Title\n=====\n\n```\ncode\n```\n\n<div dir=rtl><p>x</div>\n",
    b'+++\ntitle = "A"\ndate = 2026-02-24T14:30:00+02:00\ntags = ["a", """b"""]\n[x]\ny = {z = 1}\n+++\nText.\n',
    b".. title: A\n.. date: 2026-02-24\n.. tags: a, b\n\nText.\n",
    b"#+TITLE: A\n#+DATE: <2026-02-24 Tue>\n\nText.\n",
    "Title: خبر\nTags: فن، خط\nDate: 2026/02/24 10:00:00\n\nالنص.\n".encode(),
    PAGE,
    MAIL,
]
"""Texts of our own, one for each way of reading."""

TOKENS = [
    b"---\n",
    b"+++\n",
    b"\n\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"[" * 50,
    b"{" * 50,
    b"<div>" * 50,
    b"> " * 50,
    b"*" * 50,
    b"&#0;",
    b"\\ud800",
    b"key: value\n",
    b": ",
    b"\t",
    b'"',
    b"'",
    b"#",
    b"* * *\n",
    b"title:",
    b"items: ",
    b"date: 0000-00-00\n",
    "٢٠٢٦-٠١-٠١".encode(),
    b"https://",
    b"](",
    b"![",
    b"[^1]",
    b"`",
    b"|",
    b"\x1b[31m",
    b"&a ",
    b"*a",
    b"boundary=",
    b"Content-Type: multipart/alternative; boundary=b\n",
    b"Content-Transfer-Encoding: base64\n",
    b"charset=utf-16\n",
    b"=?utf-8?b?",
    b"--b\n",
    b"first_line: lead\n",
    b"profile: bulletin\n",
    b'"""',
    b"<svg><style>",
    b"<!--",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
]
_CODE = re.compile(r"E_[A-Z_]+")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a seed with pieces cut out, doubled, spliced from other seeds, or replaced by tokens and bytes."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        is_text = draw(st.integers(0, 9)) > 0  # most random bytes are no UTF-8, and no parser is reached
        piece = draw(st.sampled_from(_pieces(data[start:end])) if is_text else st.binary(max_size=6))
        data = data[:start] + piece + data[end if draw(st.booleans()) else start :]
    return data[:20_000]


def _pieces(cut: bytes) -> Sequence[bytes]:
    return [b"", cut, cut * 2, *TOKENS, *SEEDS]


@pytest.mark.timeout(900)
@settings(max_examples=int(400 * SCALE), deadline=None, suppress_health_check=list(HealthCheck))
@example(b"---\nprofile: bulletin\nitems: blocks\n---\ntitle: [a\n", ".md")
@example(b"---\nprofile: bulletin\nitems: heading\n---\nNo heading.\n", ".md")
@example(b'[{"title": "\\ud800"}]', ".json")
@given(data=mutated(), suffix=st.sampled_from(sorted(ACCEPTED_SUFFIXES)))
def test_no_file_breaks_the_parser(data: bytes, suffix: str) -> None:
    """Only `EntryParseError` is raised, never for a failure of our own, and keys of items are all different."""
    context = ParseContext(f"a{suffix}", "en", ZoneInfo("Africa/Cairo"), "https://site.invalid")
    parsed = _parsed(data, context)
    if isinstance(parsed, EntryParseError):
        assert _CODE.fullmatch(parsed.code)
        assert parsed.code != "E_INTERNAL", parsed.__cause__
        return
    assert parsed.entries
    assert len({entry.key for entry in parsed.entries}) == len(parsed.entries)
    assert all(entry.title for entry in parsed.entries)


def _parsed(data: bytes, context: ParseContext) -> ParsedFile | EntryParseError:
    try:
        return parse_file(data, context)
    except EntryParseError as error:
        return error
