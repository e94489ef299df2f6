"""Whatever the bytes of a mail are, it is read or refused."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import EntryParseError
from feedsvc.parse.context import ParseContext
from feedsvc.parse.mail import read_mail

_CONTEXT = ParseContext(path="a.eml", language="en", zone=ZoneInfo("UTC"), origin="https://feeds.example.org")
_SCRAPS = st.sampled_from([
    b"From: ", b"Subject: ", b"Date: ", b"Content-Type: ", b"Content-Transfer-Encoding: ", b"Content-Disposition: ",
    b"multipart/mixed; boundary=b", b"multipart/digest; boundary=c", b"message/rfc822", b"text/plain", b"text/html",
    b"; charset=", b"utf-8", b"utf-7", b"idna", b"base64", b"quoted-printable", b"x-uuencode", b"attachment",
    b"begin 6 a",
    b"; filename*0*=", b"'", b'"', b"\\", b"<", b">", b"@", b",", b":", b";", b"(", b")", b"[", b"]",
    b"=?utf-8?q?", b"=?",
    b"?=", b"=00", b"\n", b"\r\n", b"\n\n", b"\n ", b"--b\n", b"--b--\n", b"--c\n", b"-- \n",
    b"1 Jan 2026 99:00", b" +9999",
    b"a", b"a@b.c", b"\xff", b"\xc3\xa9", b"\0", b" ",
])  # fmt: skip
_MAILS = st.one_of(st.binary(max_size=200), st.lists(_SCRAPS, max_size=30).map(b"".join))


@settings(max_examples=400, deadline=None)
@given(_MAILS)
def test_mails_are_read_or_refused(data: bytes) -> None:
    """Nothing but the one error is raised, no line end enters a title, and no address is a name."""
    try:
        read = read_mail(data, _CONTEXT, [])
    except EntryParseError:
        return
    assert len(read.title.splitlines()) <= 1
    assert not any("@" in name for name in read.authors)
    assert read.text.strip()
