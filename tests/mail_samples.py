"""Digests with fixed values, shared by the tests of mails: a town's newsroom in Arabic and in English."""

from __future__ import annotations

import base64
import email
import quopri
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from feedsvc.model import Digest, DigestEntry, DigestPeriod, Frequency, MailSender, Recipient, RenderedDigest, Site
from feedsvc.render.mail import MailTemplates, load_templates, personalise, render_digest

if TYPE_CHECKING:
    from email.message import EmailMessage

_WORD = re.compile(r"=\?utf-8\?([bq])\?([^? ]*)\?=")
"""An encoded word (RFC 2047 section 2)."""

SITE = Site(
    url="https://news.example",
    title="City Voice",
    description="",
    language="en",
    author="",
    namespace=UUID("5d3f5f8e-1111-4222-8333-123456789abc"),
)
SENDER = MailSender("", "digests@news.example")
DUE = datetime(2026, 11, 24, 5, tzinfo=UTC)
CAIRO = ZoneInfo("Africa/Cairo")
TOKEN = "t0k3n-" + "Zx_9" * 48
READER = Recipient(
    address="mona@reader.example",
    unsubscribe_url=f"https://news.example/-/unsubscribe/{TOKEN}",
    preferences_url=f"https://news.example/-/preferences/{TOKEN}",
    unsubscribe_address="leave+Zx_9@news.example",
    envelope_sender="bounce+Zx_9@news.example",
    message_seed="run 7, mona",
)
TRAM = DigestEntry(
    title="Council approves the harbour tram after a long night",
    summary="By 31 votes to 17 the council agreed on Monday to build the line from the harbour to the university. Work "
    "begins in spring; the first trams are to run in 2029.",
    url="https://news.example/entries/tram/",
    language="en",
    direction="ltr",
    authors=("Ada Smith", "منى علي"),
    feeds=("City", "Traffic"),
    published=datetime(2026, 11, 23, 19, 30, tzinfo=UTC),
)
LIBRARY = TRAM._replace(
    title="The library opens on Sundays",
    summary="From December on, readers find it open from 10 to 18.",
    url="https://news.example/entries/library/",
    authors=(),
    feeds=("Culture",),
    published=datetime(2026, 11, 23, 9, tzinfo=UTC),
)
TRAM_ARABIC = DigestEntry(
    title="المجلس البلدي يوافق على خط الترام الجديد بعد نقاش طويل حول التكلفة والمسار",
    summary="صوّت المجلس مساء الاثنين لصالح خط يربط الميناء بالجامعة، وقالت شركة Siemens AG إن العمل يبدأ في الربيع. "
    "للاستفسار: +20 2 2577 1234 أو https://news.example/tram?lang=ar.",
    url="https://news.example/entries/%D8%AA%D8%B1%D8%A7%D9%85/",
    language="ar",
    direction="rtl",
    authors=("منى علي", "Ada Smith"),
    feeds=("المدينة",),
    published=datetime(2026, 11, 23, 18, tzinfo=UTC),
)
APP_ARABIC = TRAM_ARABIC._replace(
    title="تطبيق البلدية 3.2.1 متاح الآن لأجهزة Android 15",
    summary="يعالج الإصدار v3.2.1 مشكلة تسجيل الدخول (راجع الملف config/app.toml).",
    url="https://news.example/entries/app/",
    authors=(),
    feeds=("التقنية",),
)
ENGLISH = Digest(
    site=SITE,
    sender=SENDER,
    language="en",
    direction="ltr",
    period=DigestPeriod(Frequency.DAILY, DUE - timedelta(days=1), DUE, CAIRO),
    made=DUE,
    entries=(TRAM, TRAM_ARABIC, LIBRARY),
    left_out=12,
    more_url="https://news.example/main/",
)
ARABIC = replace(
    ENGLISH,
    site=replace(SITE, title="صوت المدينة"),
    language="ar",
    direction="rtl",
    period=DigestPeriod(Frequency.WEEKLY, DUE - timedelta(days=7), DUE, CAIRO),
    entries=(TRAM_ARABIC, APP_ARABIC, TRAM),
)


@cache
def shipped() -> MailTemplates:
    """The templates of the program."""
    return load_templates()


def rendered(digest: Digest = ENGLISH, **changes: Any) -> RenderedDigest:
    """Render *digest* with *changes*."""
    return render_digest(replace(digest, **changes), shipped())


def mailed(digest: Digest = ENGLISH, recipient: Recipient = READER, **changes: Any) -> bytes:
    """Return the message of *digest* with *changes* for *recipient*."""
    return personalise(rendered(digest, **changes), recipient)


def parsed(message: bytes) -> EmailMessage:
    """Read a message as the standard library does today."""
    return email.message_from_bytes(message, policy=policy.default)  # type: ignore[return-value]


def content(message: bytes, subtype: str) -> str:
    """Return the decoded ``plain`` or ``html`` part of a message, with LF line ends."""
    part = parsed(message).get_body((subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def decoded_by_hand(value: str) -> str:
    """Decode encoded words as RFC 2047 sections 4 and 6.2 say, without any parser of mails."""
    value = re.sub(r"(\?=)\s+(?==\?utf-8\?)", r"\1", value)

    def text(word: re.Match[str]) -> str:
        raw = word[2].encode()
        return (base64.b64decode(raw) if word[1] == "b" else quopri.decodestring(raw, header=True)).decode()

    return _WORD.sub(text, value)
