"""Saved mails: names instead of addresses, text instead of attachments, a reason instead of a guess."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from feedsvc.errors import EntryParseError
from feedsvc.parse.context import ParseContext
from feedsvc.parse.mail import Mail, read_mail

if TYPE_CHECKING:
    from feedsvc.model import Notice

CONTEXT = ParseContext(path="a.eml", language="en", zone=ZoneInfo("UTC"), origin="https://feeds.example.org")


def mail(data: bytes, notices: list[Notice] | None = None) -> Mail:
    """Read a mail."""
    return read_mail(data, CONTEXT, [] if notices is None else notices)


def nested(depth: int) -> bytes:
    """Return a mail whose text lies so many multiparts deep."""
    begin = "".join(f"Content-Type: multipart/mixed; boundary=b{n:03}\n\n--b{n:03}\n" for n in range(depth))
    end = "".join(f"\n--b{n:03}--\n" for n in reversed(range(depth)))
    return f"{begin}Content-Type: text/plain\n\nDeep text.\n{end}".encode()


def parts(*inner: str) -> bytes:
    """Return a mail of such parts."""
    return (
        "Content-Type: multipart/mixed; boundary=b\n\n" + "".join(f"--b\n{p}\n" for p in inner) + "--b--\n"
    ).encode()


PLAIN = "Content-Type: text/plain\n\nPlain."
HTML = "Content-Type: text/html\n\n<p>Rich.</p>"
IMAGE = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo="


def test_a_plain_mail() -> None:
    """Subject, name, date and text are read."""
    read = mail(
        b"From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\r\nSubject: =?utf-8?b?2LPZhNin2YU=?=\r\n"
        b"Date: Tue, 24 Nov 2026 10:00:00 +0300\r\n\r\nHello.\r\nWorld.\r\n"
    )
    published = datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert read == Mail("سلام", "Hello.\nWorld.\n", False, ("Zoë",), published)


@pytest.mark.parametrize(
    ("sender", "authors"),
    [
        ("ann@example.org", ("ann",)),
        ('"ann@example.org" <ann@example.org>', ("ann",)),
        ("Ann <a@example.org>, Ben <b@example.org>, Ann <c@example.org>", ("Ann", "Ben")),
        ("Zoë <z@example.org>", ("Zoë",)),
        ("Doe, Jane <j@example.org>", ("Doe, Jane",)),
        ("Doe, Jr., Jane <j@example.org>, Ben <b@example.org>", ("Doe, Jr., Jane", "Ben")),
        ("Doe, Jane", ("Doe, Jane",)),
        ("root, ann@example.org", ("root", "ann")),
        ("undisclosed-recipients:;", ()),
        ("Desk: ann@example.org, Ben <b@example.org>;", ("ann", "Ben")),
        ("(" * 2_000, ()),
        ("Ann " + "(" * 2_000 + " <a@example.org>", ()),
        ('"@" <"@"@example.org>', ()),
        ("", ()),
    ],
)
def test_authors_never_show_an_address(sender: str, authors: tuple[str, ...]) -> None:
    """Names are published, or the part before the at sign; addresses are not."""
    assert mail(f"From: {sender}\n\nText.".encode()).authors == authors


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Tue, 24 Nov 2026 10:00:00 -0000", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("Tue, 31 Feb 2026 10:00:00 +0000", None),
        ("1 Jan 9999 00:00:00 +9999", None),
        ("1 Jan 1850 00:00:00 +0000", None),
    ],
)
def test_dates(date: str, published: datetime | None) -> None:
    """A date that does not exist is none, and no reason to refuse the mail."""
    notices: list[Notice] = []
    assert mail(f"Date: {date}\n\nText.".encode(), notices).published == published
    assert [notice.code for notice in notices] == ([] if published else ["W_DATE"])


def test_mail_without_a_date_draws_no_warning() -> None:
    """What is not there cannot be wrong."""
    notices: list[Notice] = []
    assert mail(b"Subject: x\n\nText.", notices).published is None
    assert notices == []


@pytest.mark.parametrize(
    ("data", "text", "is_html"),
    [
        (parts(HTML, PLAIN), "Plain.", False),
        (parts(HTML), "<p>Rich.</p>", True),
        (parts("Content-Type: text/plain\n\n ", HTML), "<p>Rich.</p>", True),
        (b"\nText.\n-- \nPhone 123", "Text.\n", False),
        (b"\nText.\n--\nMore", "Text.\n--\nMore", False),
        (b"Content-Type: text/html\n\n<p>a</p>\n-- \nb", "<p>a</p>\n-- \nb", True),
        (b"Content-Type: text/plain; charset=iso-8859-1\n\n\xe9", "é", False),
        (b"Content-Type: text/plain; charset=us-ascii\n\n\xc3\xa9", "é", False),
        (b"Content-Transfer-Encoding: quoted-printable\n\n=C3=A9", "é", False),
        (nested(20), "Deep text.\n", False),
    ],
)
def test_texts(data: bytes, text: str, is_html: bool) -> None:
    """Plain text is preferred, is decoded as declared, and loses its signature."""
    read = mail(data)
    assert (read.text, read.is_html) == (text, is_html)


@pytest.mark.parametrize(("count", "words"), [(1, "1 attachment was"), (2, "2 attachments were")])
def test_attachments_are_counted(count: int, words: str) -> None:
    """The editor learns that attachments are not published."""
    notices: list[Notice] = []
    assert mail(parts(PLAIN, *[IMAGE] * count), notices).text == "Plain."
    assert [notice.code for notice in notices] == ["W_ATTACHMENT"]
    assert notices[0].message.startswith(words)


def test_an_attached_text_is_not_the_text() -> None:
    """A text with a file name is an attachment."""
    attached = "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nNo."
    assert mail(parts(attached, PLAIN)).text == "Plain."


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "E_NO_BODY"),
        (b"Subject: x\n\n", "E_NO_BODY"),
        (parts(IMAGE), "E_NO_BODY"),
        (b"Content-Type: text/plain; charset=nonsense\n\nText.", "E_ENCODING"),
        (b"Content-Type: text/plain; charset=punycode\n\nText.", "E_ENCODING"),
        (b"Content-Type: text/plain; charset=base64\n\nText.", "E_ENCODING"),
        (b"\n\xff\xfe", "E_ENCODING"),
        (b"Subject: \xff\n\nText.", "E_ENCODING"),
        (b"Subject: " + b"x" * 6000 + b"\n\nText.", "E_LIMIT"),
        (b"Content-Type: text/plain; a=" + b"x" * 6000 + b"\n\nText.", "E_LIMIT"),
        (nested(21), "E_LIMIT"),
        (nested(150), "E_LIMIT"),
        (nested(5000), "E_LIMIT"),
        (parts(*[PLAIN] * 201), "E_LIMIT"),
        (parts(*["\nText."] * 201), "E_LIMIT"),
        (parts(*["\nText."] * 6000), "E_LIMIT"),
    ],
)
def test_refused_mails(data: bytes, code: str) -> None:
    """What cannot be read for certain is refused with the code that says why."""
    with pytest.raises(EntryParseError) as caught:
        mail(data)
    assert caught.value.code == code


def test_a_subject_cannot_bring_headers() -> None:
    """Encoded line ends in a subject make no new line and no control character."""
    assert mail(b"Subject: =?utf-8?q?a=0D=0ABcc:_b=00?=\n\nText.").title == "a Bcc: b"


def test_controls_leave_the_text() -> None:
    """Controls that no feed may carry are removed, and said so."""
    notices: list[Notice] = []
    assert mail(b"\na\x00\x08b", notices).text == "ab"
    assert [notice.code for notice in notices] == ["W_CTRL"]


def test_too_many_open_boundaries_are_refused() -> None:
    """The parser compares each line with all of them."""
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(40))
    with pytest.raises(EntryParseError, match="21 parts that hold others") as caught:
        mail(b"Subject: A\n" + nested + b"x\n" * 1000)
    assert caught.value.code == "E_LIMIT"
