"""Mail that comes back, as mail servers of several makes write it; addresses and tokens are put in by the test."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from contextlib import closing
from typing import TYPE_CHECKING

from feedsvc.app.links import ReaderLinks, reader_links
from feedsvc.app.token_keys import load_tokens

if TYPE_CHECKING:
    from pathlib import Path

DOMAIN = "news.example.org"
MESSAGE_ID = "digest-1@news.example.org"

ORIGINAL = f"""\
Return-Path: <{{box}}>
From: News <digests@news.example.org>
To: reader@example.org
Subject: Tram line 4 runs again
Message-ID: <{MESSAGE_ID}>
List-Unsubscribe: <https://news.example.org/-/unsubscribe/x>,
 <mailto:{{unsubscribe}}?subject=unsubscribe>
"""


def report(box: str, fields: str, *, message_id: str = MESSAGE_ID, head: str = "Return-Path: <>") -> bytes:
    """Return a report about a digest (RFC 3464) with these *fields* of its recipients."""
    original = ORIGINAL.format(box=box, unsubscribe="unsubscribe@x").replace(MESSAGE_ID, message_id)
    return f"""\
{head}
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {box}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9B095B5ADSN=_01/mx"

This is a MIME-encapsulated message.

--9B095B5ADSN=_01/mx
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--9B095B5ADSN=_01/mx
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Tue, 24 Nov 2026 08:00:00 +0000 (UTC)

{fields.strip()}

--9B095B5ADSN=_01/mx
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{original}
--9B095B5ADSN=_01/mx--
""".encode()


def failed(status: str, diagnostic: str = "", action: str = "failed") -> str:
    """Return the fields of one recipient."""
    lines = ["Final-Recipient: rfc822; reader@example.org", f"Action: {action}", f"Status: {status}"]
    return "\n".join([*lines, *([f"Diagnostic-Code: {diagnostic}"] if diagnostic else [])]) + "\n"


def complaint(to: str, box: str, unsubscribe: str = "unsubscribe@x", kind: str = "abuse") -> bytes:
    """Return a complaint (RFC 5965) about a digest, sent to the address *to*."""
    return f"""\
Return-Path: <fbl@provider.example>
From: feedback@provider.example
To: {to}
Subject: complaint about message from 192.0.2.1
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=part

--part
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.
--part
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider-FBL/1.0
Version: 1
Original-Mail-From: <{box}>

--part
Content-Type: message/rfc822
Content-Disposition: inline

{ORIGINAL.format(box=box, unsubscribe=unsubscribe)}
The tram runs again.
--part--
""".encode()


def in_any_script(box: str) -> bytes:
    """Return a report about an Arabic mailbox (RFC 6533): UTF-8 in its fields, in parts of other types."""
    text = report(box, failed("5.1.1", "smtp; 550 5.1.1 لا يوجد")).decode()
    text = text.replace("rfc822; reader@", "utf-8; قارئ@")
    text = text.replace("message/delivery-status", "message/global-delivery-status")
    return text.replace("text/rfc822-headers", "message/global-headers").encode()


def encoded(box: str) -> bytes:
    """Return a report whose fields travel in base 64, which is against the rules, and done."""
    plain = report(box, failed("5.1.1"))
    head, mark, rest = plain.partition(b"Content-Type: text/rfc822-headers\n\n")
    body, end, tail = rest.partition(b"\n--9B")
    return head + mark.rstrip() + b"\nContent-Transfer-Encoding: base64\n\n" + b64encode(body) + end + tail


def answer(box: str) -> bytes:
    """Return what a machine answers for somebody who is away, with our mail below it."""
    return f"""\
Return-Path: <>
From: reader@example.org
To: {box}
Subject: Out of office: Tram line 4 runs again
Auto-Submitted: auto-replied (vacation)
X-Auto-Response-Suppress: All
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=part

--part
Content-Type: text/plain; charset=utf-8

I am away until Monday. 550 5.1.1 User unknown; Action: failed
--part
Content-Type: message/rfc822

{report(box, failed("5.1.1")).decode()}
--part--
""".encode()


def asked(root: Path, query: str) -> list[str]:
    """Return the first column of what a query of the database of the project at *root* answers."""
    with closing(sqlite3.connect(root / ".feedsvc" / "feedsvc.sqlite3")) as database:
        return [row[0] for row in database.execute(query)]


def links_of(root: Path, subscriber_id: str = "") -> ReaderLinks:
    """Return the addresses in the mails of a subscriber, by default of the only one of the project at *root*."""
    known = subscriber_id or asked(root, "select id from subscribers")[0]
    return reader_links(f"https://{DOMAIN}", DOMAIN, load_tokens(root / ".feedsvc"), known)
