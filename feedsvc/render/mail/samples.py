"""Digests that templates are tried with: both directions, with and without everything that may be missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from feedsvc.model import Digest, DigestEntry, DigestPeriod, Frequency, MailSender, Site

_END = datetime(2026, 1, 5, 7, tzinfo=UTC)
_SITE = Site("https://news.example", "News & Notes", "", "en", "", UUID("5d3f5f8e-1111-4222-8333-123456789abc"))
_FULL = DigestEntry(
    title="{{ 7 * 7 }} <b>is not evaluated</b>",
    summary="A summary & more, from https://news.example/a?b=1&c=2 on.",
    url="https://news.example/entries/first/",
    language="en",
    direction="ltr",
    authors=("Ada Smith",),
    feeds=("News",),
    published=_END,
)
_BARE = DigestEntry("عنوان", "", "https://news.example/entries/second/", "ar", "rtl", (), (), _END)
_ENGLISH = Digest(
    site=_SITE,
    sender=MailSender("", "news@news.example"),
    language="en",
    direction="ltr",
    period=DigestPeriod(Frequency.DAILY, _END - timedelta(days=1), _END, ZoneInfo("UTC")),
    made=_END,
    entries=(_FULL, _BARE),
    left_out=0,
    more_url="https://news.example/main/",
)
_ARABIC = replace(
    _ENGLISH,
    language="ar",
    direction="rtl",
    period=DigestPeriod(Frequency.WEEKLY, _END - timedelta(days=7), _END, ZoneInfo("UTC")),
    entries=(_BARE,),
    left_out=3,
)
SAMPLES = (_ENGLISH, _ARABIC)
