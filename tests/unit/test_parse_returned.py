"""What mail that comes back says of itself, whoever wrote it."""

from __future__ import annotations

import pytest
import return_samples as samples

from feedsvc.model import DeliveryFailure, ReturnedMail, ReturnKind
from feedsvc.parse.returned import MAX_BYTES, read_returned

BOX = "bounce+token@news.example.org"
UNKNOWN = "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try 10.5.1.1"


def read_fields(fields: str) -> ReturnedMail:
    return read_returned(samples.report(BOX, fields))


def test_a_failure_is_read_with_all_that_it_says() -> None:
    """Status, address, words of the server, the message, where it was sent, and that nobody sent it."""
    assert read_fields(samples.failed("5.1.1", UNKNOWN)) == ReturnedMail(
        kind=ReturnKind.FAILURE,
        failures=(DeliveryFailure("5.1.1", "reader@example.org", UNKNOWN),),
        message_id=samples.MESSAGE_ID,
        recipients=(BOX,),
        sender="",
    )


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=["crlf", "lf", "cr"])
def test_line_ends_do_not_matter(end: bytes) -> None:
    """A pipe gives LF, a connection CRLF."""
    mail = read_returned(samples.report(BOX, samples.failed("5.2.2")).replace(b"\n", end))
    assert [failure.status for failure in mail.failures] == ["5.2.2"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (samples.failed("5.2.2 (mailbox full)"), "5.2.2"),
        (samples.failed("5.0.0", UNKNOWN), "5.1.1"),  # as Exim writes it
        (samples.failed("5.0.0"), "5.0.0"),
        (samples.failed("", "smtp; 550 5.7.1 refused"), "5.7.1"),
        (samples.failed("", "smtp; 550 no such user at 10.5.1.1"), ""),
        (samples.failed("5.4.4", UNKNOWN), "5.4.4"),
        (samples.failed("5.1.10", "smtp; 550 5.7.1 x"), "5.1.10"),
        (samples.failed("permanent"), ""),
        (samples.failed("5.1.1", action="Failed (with a comment)"), "5.1.1"),
        (samples.failed("5.1.1", action="error"), "5.1.1"),
    ],
)
def test_the_status_is_that_of_the_report_unless_it_says_nothing(fields: str, status: str) -> None:
    """Some servers write 5.0.0 for everything, and the truth into the words of the other server."""
    mail = read_fields(fields)
    assert (mail.kind, [failure.status for failure in mail.failures]) == (ReturnKind.FAILURE, [status])


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (samples.failed("4.4.1", action="delayed"), ReturnKind.DELAY),
        (samples.failed("2.0.0", action="delivered"), ReturnKind.OTHER),
        (samples.failed("2.0.0", action="relayed"), ReturnKind.OTHER),
        (samples.failed("5.1.1") + "\n" + samples.failed("2.0.0", action="delivered"), ReturnKind.OTHER),
        (samples.failed("5.1.1") + "\n" + samples.failed("4.4.1", action="delayed"), ReturnKind.DELAY),
        (samples.failed("5.1.1") + "\n" + samples.failed("4.4.1"), ReturnKind.FAILURE),
        ("X-Nothing: here", ReturnKind.OTHER),
    ],
)
def test_only_what_failed_for_everybody_is_a_failure(fields: str, kind: ReturnKind) -> None:
    """A delay, a success, or a success for one of those that mail is forwarded to is none."""
    assert read_fields(fields).kind is kind


def test_reports_in_other_dress_are_read() -> None:
    """For mailboxes in any script, and with parts that are encoded."""
    for data in (samples.in_any_script(BOX), samples.encoded(BOX)):
        mail = read_returned(data)
        assert (mail.kind, mail.message_id) == (ReturnKind.FAILURE, samples.MESSAGE_ID)
        assert [failure.status for failure in mail.failures] == ["5.1.1"]


def test_a_report_inside_a_mailing_list_footer_is_found_and_one_that_is_quoted_is_not() -> None:
    """Virus scanners wrap reports; people and machines attach what they got."""
    wrapped = b"Content-Type: multipart/mixed; boundary=o\n\n--o\n" + samples.report(
        BOX, samples.failed("5.1.1"), head="X: y"
    )
    assert read_returned(wrapped + b"\n--o--\n").kind is ReturnKind.FAILURE
    assert read_returned(samples.answer(BOX)).kind is ReturnKind.OTHER


def test_a_complaint_names_the_addresses_of_the_message() -> None:
    """Where it came from and where it could be left, from the report and from the message in it."""
    mail = read_returned(samples.complaint("fbl@news.example.org", BOX, "unsubscribe+x@news.example.org"))
    assert mail.kind is ReturnKind.COMPLAINT
    assert mail.concerned == (BOX, "unsubscribe+x@news.example.org")
    assert (mail.recipients, mail.sender) == (("fbl@news.example.org",), "fbl@provider.example")


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", ""])
def test_other_feedback_is_no_complaint(kind: str) -> None:
    """Somebody who took a mail out of the spam folder does not complain."""
    mail = read_returned(samples.complaint("x@y", BOX, kind=kind))
    assert (mail.kind, mail.concerned) == (ReturnKind.OTHER, ())


def test_recipients_are_looked_for_in_the_headers_that_servers_add() -> None:
    """Those that tell of the delivery come before those that the writer wrote."""
    data = b"To: A <a@x>, b@y\nDelivered-To: c@z\nX-Original-To: d@z\nCc: \xff\xfe@q, a@x\n\nHello"
    assert read_returned(data).recipients[:4] == ("d@z", "c@z", "a@x", "b@y")
    assert read_returned(data).sender is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 1000,
        b"Content-Type: message/delivery-status\n\n" + b"\n" * 2 * MAX_BYTES,
        b"a: b\n" * 300_000,
        b"Content-Type: message/rfc822\n\n" * 30_000,
        b"Content-Type: multipart/report; " + b"a=b; " * 200_000 + b"\n\n",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(15_000)),
        b'Content-Type: multipart/report; boundary="' + b'\\"' * 400_000 + b'"\n\n',
        b"To: " + b"a@b," * 250_000 + b"\n\n",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 20 + b"--b\n" * 230_000,
    ],
    ids=["empty", "zeros", "blocks", "headers", "nested", "parameters", "multiparts", "quotes", "addresses", "lines"],
)
def test_what_is_made_to_hurt_is_nothing_special(data: bytes) -> None:
    """It is read in the time of any mail, and means nothing."""
    mail = read_returned(data)
    assert mail.kind is ReturnKind.OTHER
    assert len(mail.recipients) <= 50


def test_what_follows_the_limit_does_not_matter() -> None:
    """A report that carries more of our message than anybody wants is read up to a point."""
    data = samples.report(BOX, samples.failed("5.1.1")).rstrip(b"-\n") + b"\n" + b"A line.\n" * 300_000
    assert len(data) > 2 * MAX_BYTES
    assert read_returned(data).kind is ReturnKind.FAILURE
