"""Headers of a digest: what programs read in them, in any script, and what nobody can put into them."""

from __future__ import annotations

import re
from dataclasses import replace
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser

import pytest
from mail_samples import ARABIC, ENGLISH, READER, SENDER, SITE, TRAM, decoded_by_hand, mailed, parsed, rendered

from feedsvc.errors import RenderError
from feedsvc.model import MailSender

SUBJECTS = [
    "Council approves the harbour tram",
    "خبر المدينة café новость المدينة 新聞",
    "新聞 naïve المدينة long approves café 新聞",
    "المجلس البلدي يوافق على خط الترام الجديد بعد نقاش طويل حول التكلفة والمسار والموعد",
    "市议会经过漫长的讨论批准了从港口到大学的新电车线路，工程将于明年春天开工，首班车将于2029年运行。",
    "x" * 115,
    "=?utf-8?q?not_ours?= and =?broken",
    "👩🏽‍🚀🇪🇬 emoji 👩🏽‍🚀🇪🇬 emoji 👩🏽‍🚀🇪🇬 emoji 👩🏽‍🚀🇪🇬 emoji",
    'quotes " and \\ backslashes, commas; <angles> (and comments)',
    "a " * 50 + "end",
]


def head(message: bytes) -> bytes:
    """Return the headers of a message."""
    return message.partition(b"\r\n\r\n")[0]


def header(message: bytes, name: str) -> str:
    """Return the one header *name* as it stands there, unfolded."""
    found = re.findall(rf"^{name}: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", head(message).decode(), re.MULTILINE)
    assert len(found) == 1, found
    return str(found[0]).replace("\r\n", "")


def titled(title: str) -> bytes:
    """Return a mail with one entry, whose title is its subject."""
    return mailed(entries=(TRAM._replace(title=title),), left_out=0)


def test_all_headers_of_a_digest_are_there() -> None:
    """Each has the value that receivers expect of it, and stands there once."""
    mail = parsed(mailed())
    assert dict(mail.items()) == {
        "To": "mona@reader.example",
        "Message-ID": mail["Message-ID"],
        "List-Unsubscribe": f"<{READER.unsubscribe_url}>, <mailto:leave+Zx_9@news.example?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "From": "City Voice <digests@news.example>",
        "Subject": "Council approves the harbour tram after a long night and 14 more",
        "Date": "Tue, 24 Nov 2026 05:00:00 +0000",
        "List-Id": "City Voice <digests.news.example>",
        "List-Archive": "<https://news.example/>",
        "Feedback-ID": "daily:en:digest:5d3f5f8e1111",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": mail["Content-Type"],
    }
    assert re.fullmatch(r"<[0-9a-f]{40}@news\.example>", mail["Message-ID"])


def test_the_address_to_unsubscribe_stays_in_one_piece() -> None:
    """A token of 200 characters is neither encoded nor folded, which the standard library does to it."""
    line = f"List-Unsubscribe: <{READER.unsubscribe_url}>,\r\n".encode()
    assert len(READER.unsubscribe_url) > 200
    assert line in mailed()
    trap = EmailMessage(policy=policy.SMTP)
    trap["List-Unsubscribe"] = f"<{READER.unsubscribe_url}>, <mailto:leave@news.example>"
    assert READER.unsubscribe_url.encode() not in trap.as_bytes()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_come_back_exactly(subject: str) -> None:
    """Three independent decoders read what was written, and no line is too long for RFC 2047 section 2."""
    message = titled(subject)
    assert parsed(message)["Subject"] == subject
    assert decoded_by_hand(header(message, "Subject")) == subject
    old = BytesHeaderParser(policy=policy.compat32).parsebytes(message)["Subject"]
    assert str(make_header(decode_header(old.replace("\r\n", "")))) == subject or "=?broken" in subject
    lines = head(message).split(b"\r\n")
    assert all(len(line) <= 76 for line in lines if not line.startswith(b"List-Unsubscribe:"))


def test_spaces_between_scripts_survive() -> None:
    """The standard library loses one of them in this subject; ours keeps it."""
    subject = SUBJECTS[1]
    trap = EmailMessage(policy=policy.SMTP)
    trap["Subject"] = subject
    assert parsed(titled(subject))["Subject"] == subject
    if parsed(trap.as_bytes())["Subject"] == subject:
        pytest.skip("the standard library of this Python keeps the space")


@pytest.mark.parametrize(
    "title",
    [
        "one\r\nBcc: all@example.org",
        "one\nBcc: x",
        "one\u2028Bcc: x",
        "one\0Bcc: x",
        "one\x1b[31mBcc: x",
        "one\x85Bcc: x",
    ],
)
def test_no_title_adds_a_header(title: str) -> None:
    """Line ends and controls of a title become spaces, and the headers stay those of any other digest."""
    message = titled(title)
    assert parsed(message).keys() == parsed(mailed()).keys()
    assert re.fullmatch(r"one (\[31m)?Bcc: [a-z@.]+", parsed(message)["Subject"])
    assert re.search(rb"[\0\x1b\x85]", head(message)) is None


@pytest.mark.parametrize("name", ["Ада, Ltd.", 'Town "Hall" & Co', "صوت المدينة", "City Voice", ""])
def test_the_sender_is_named(name: str) -> None:
    """Any name is read back as the display name of the one sender; without a name, the site's stands in."""
    mail = parsed(mailed(sender=MailSender(name, SENDER.address)))
    (sender,) = mail["From"].addresses
    assert sender.addr_spec == SENDER.address
    assert sender.display_name == (name or SITE.title)
    assert not mail["From"].defects


@pytest.mark.parametrize("name", ["صوت المدينة والميناء والجامعة وما حولها", "x" * 90, "The news of the town " * 3])
def test_long_names_are_folded(name: str) -> None:
    """They take several encoded words, with the address behind them."""
    message = mailed(sender=MailSender(name, SENDER.address))
    shown = name.strip() if len(name.strip()) <= 80 else f"{'x' * 79}…"
    assert decoded_by_hand(header(message, "From")) == f"{shown} <{SENDER.address}>"
    assert parsed(message)["From"].addresses[0].addr_spec == SENDER.address
    assert max(map(len, re.findall(rb"From: .*?\r\n(?=[^ ])", message, re.DOTALL)[0].split(b"\r\n"))) <= 76


def test_long_subjects_are_shortened_before_they_are_encoded() -> None:
    """A subject ends between words, with an ellipsis, and is still valid."""
    subject = parsed(titled("كلمة طويلة " * 40))["Subject"]
    assert subject.endswith(("كلمة…", "طويلة…"))
    assert len(subject) <= 120


def test_the_subject_counts_what_is_not_named() -> None:
    """Also what did not fit, in the grammar of the language."""
    assert rendered().subject.endswith(" and 14 more")
    assert rendered(ARABIC, left_out=0).subject.endswith("ومادتان أخريان")
    assert rendered(entries=(TRAM,), left_out=0).subject == TRAM.title
    assert rendered(entries=(), left_out=0).subject == "City Voice"


@pytest.mark.parametrize(
    "address",
    ["", "mona", "a@b@c", "a b@example.org", "a@example.org\r\nBcc: x@example.org", "<a@example.org>", "a,b@c.d"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Nothing that could turn into another header, or into a second recipient, is mailed to."""
    with pytest.raises(RenderError, match="cannot be written as a mail address"):
        mailed(recipient=replace(READER, address=address))


def test_addresses_of_all_scripts() -> None:
    """Domains are written in ASCII; a local part in another script stays as it is (RFC 6532)."""
    assert b"To: mona@xn--4gbrim.example\r\n" in mailed(recipient=replace(READER, address="mona@موقع.example"))
    assert "To: منى@reader.example\r\n".encode() in mailed(recipient=replace(READER, address="منى@reader.example"))


@pytest.mark.parametrize(
    "url", ["https://a.example/ b", "javascript:alert(1)", "https://a.example/>x", "https://" + "x" * 990]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    """A way to unsubscribe that no program could follow is an error, not a header."""
    with pytest.raises(RenderError, match="cannot be written in a header"):
        mailed(recipient=replace(READER, unsubscribe_url=url))


def test_one_click_needs_https() -> None:
    """Without it RFC 8058 does not apply, and the header that promises it is left out."""
    mail = parsed(mailed(recipient=replace(READER, unsubscribe_url="http://127.0.0.1:8080/-/unsubscribe/x")))
    assert "List-Unsubscribe-Post" not in mail
    assert mail["List-Unsubscribe"].startswith("<http://127.0.0.1:8080/-/unsubscribe/x>")


@pytest.mark.parametrize(
    ("url", "list_id"),
    [
        ("https://news.example/a", "digests.news.example"),
        ("http://127.0.0.1:8080", f"digests.{SITE.namespace.hex}.localhost"),
        ("http://[::1]:8080", f"digests.{SITE.namespace.hex}.localhost"),
        ("http://localhost", f"digests.{SITE.namespace.hex}.localhost"),
        ("https://موقع.example", "digests.xn--4gbrim.example"),
    ],
)
def test_list_id_is_a_domain(url: str, list_id: str) -> None:
    """A site without a domain has an id that nobody else has (RFC 2919 section 3)."""
    mail = parsed(mailed(site=replace(SITE, url=url)))
    assert mail["List-Id"] == f"City Voice <{list_id}>"
    assert mail["List-Archive"].isascii()


def test_message_id_names_the_mail() -> None:
    """The same at each try, another for another mail."""
    ids = {parsed(mailed(recipient=replace(READER, message_seed=seed)))["Message-ID"] for seed in ("1", "2", "2")}
    assert len(ids) == 2
    assert mailed() == mailed()


def test_language_of_the_mail() -> None:
    """What there are no words for is written in English, and says so."""
    assert parsed(mailed(ARABIC))["Content-Language"] == "ar"
    assert parsed(mailed(replace(ENGLISH, language="zh-Hant-TW")))["Content-Language"] == "zh"
    assert parsed(mailed(replace(ARABIC, language="he")))["Content-Language"] == "en"
