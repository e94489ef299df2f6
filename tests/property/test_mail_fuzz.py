"""Thousands of digests in twelve languages under hostile subjects: every one is a mail that any program reads right.

Their number grows with the square of the scale (``FEEDSVC_TEST_SCALE``): at 6 they are 10,368.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from random import Random
from typing import TYPE_CHECKING

import needs
import pytest
from mail_samples import ARABIC, ENGLISH, READER, SITE, TRAM, decoded_by_hand, parsed, rendered

from feedsvc.deliver.content import stuffed
from feedsvc.model import DigestEntry, MailSender
from feedsvc.render.mail import LANGUAGES, MAX_PART_BYTES, finish_mail, mail_language
from feedsvc.render.mail.view import sender_name
from feedsvc.render.words import direction_of

if TYPE_CHECKING:
    from email.message import EmailMessage

    from feedsvc.model import Digest, Recipient, RenderedDigest

PHRASES = {
    "ar": ("المجلس البلدي يوافق", "خط الترام رقم 4", "ارتفاعُ الأسعارِ", "الإصدار v3.2.1 متاح", "«قرار جديد»"),
    "zh": ("市议会批准新电车线路", "图书馆周日开放", "工程将于2029年完成", "《城市之声》", "最新消息："),
    "en": ("Council approves the tram", "Rents rise by 4.5 %", "naïve café", "A & B <agree>", 'It\'s "done"'),
    "fr": ("Le conseil approuve", "L’été à la bibliothèque", "« Œuvre » du siècle", "Dès demain : la grève", "3 €"),
    "ru": ("Совет одобрил трамвай", "Цены на жильё выросли", "«Голос города»", "Ёлки и съезд", "Итоги №7"),
    "es": ("El concejo aprueba", "¿Quién paga la obra?", "¡Abre la biblioteca!", "Mañana, año nuevo", "Nº 5: la señal"),
    "fa": ("شورای شهر تصویب کرد", "کتابخانه یکشنبه‌ها باز است", "نسخهٔ ۳٫۲ منتشر شد", "می‌خواهم", "«صدای شهر»"),
    "he": ("המועצה אישרה את הרכבת", "גרסה 3.2.1", "מחירים עלו ב־4%", "שָׁלוֹם", 'צה"ל ומשטרה'),
    "ur": ("کونسل نے ٹرام کی منظوری دی", "قیمتوں میں اضافہ", "نئی خبریں۔", "شہر کی آواز", "ورژن 3.2.1"),
    "hi": ("परिषद ने ट्राम को मंज़ूरी दी", "पुस्तकालय रविवार को खुला", "कीमतें बढ़ीं", "संस्करण ३.२", "शहर की आवाज़।"),
    "ja": ("市議会が新路線を承認", "サーバーの障害について", "「街の声」", "ﾊﾝｶｸｶﾅ", "２０２９年に完成"),
    "tr": ("Meclis tramvayı onayladı", "İstanbul’da ışıklar", "Çağrı ve ölçü", "IĞDIR ILICA", "%50 artış"),
}
HOSTILE = (
    *(
        "\r\nBcc: all@example.org",
        "\nSubject: other",
        "\r\n\r\n<p>body</p>",
        "\u2028Bcc: x",
        "\x85Bcc: x",
        "\0",
        "\x1b[2J",
    ),
    *(
        "=?utf-8?q?forged?=",
        "=?utf-8?b?",
        "?= =?",
        "=?x-unknown?q?a?=",
        "&amp;",
        "</title>",
        "<!--",
        "{{ 7*7 }}",
        "{title}",
    ),
    *("\ud800", "\udfff", "\ufffe", "\U0010ffff", "\u202e", "\u2066", "\u200f", "\u200d", "\u00ad", "\ufeff", "\t"),
    *(
        "\u3000",
        "\u00a0",
        "👩🏽‍🚀",
        "🇪🇬🇫🇷",
        "e\u0301" * 20,
        "\u0301",
        "𝕿𝖗𝖆𝖒",
        "中" * 90,
        "x" * 200,
        "ع" * 200,
        "a" * 74,
    ),
    *(
        "é" * 37,
        " " * 80,
        ",",
        '"',
        "\\",
        '\\"',
        "<a@b.example>",
        "(comment)",
        "group:;",
        "@",
        ";",
        ".",
        "..",
        "--=_",
        "%s%n",
    ),
    *("From ", ">From ", "https://a.example/?b=1&c=2"),
)
NAMES = (
    *("To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "From", "Subject", "Date", "List-Id"),
    *("List-Archive", "Feedback-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"),
)
TOKEN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MANY = 5_000


def text(chance: Random, language: str, longest: int) -> str:
    """Return phrases of a language with something hostile among them."""
    pieces = [chance.choice(PHRASES[language]) for _ in range(chance.randint(0, longest))]
    for _ in range(chance.randint(0, 3)):
        pieces.insert(chance.randint(0, len(pieces)), chance.choice(HOSTILE))
    if chance.random() < 0.2:
        pieces.append(chance.choice(PHRASES[chance.choice(sorted(PHRASES))]))
    return chance.choice((" ", " ", "", "  ")).join(pieces)


def entry(chance: Random, language: str) -> DigestEntry:
    """Return an entry in a language, its title hostile."""
    return TRAM._replace(
        title=text(chance, language, 12),
        summary=text(chance, language, 20),
        language=language,
        direction=direction_of(language),
        authors=(text(chance, language, 2),),
        feeds=(text(chance, language, 2),),
    )


def digest(chance: Random, language: str, count: int) -> Digest:
    """Return a digest for a reader of a language, with entries in that and other ones."""
    tag, direction = mail_language(language)
    others = [language] * 3 + [chance.choice(sorted(PHRASES))]
    some = tuple(entry(chance, chance.choice(others)) for _ in range(min(count, 25)))
    return replace(
        chance.choice((ENGLISH, ARABIC)),
        language=tag,
        direction=direction,
        site=replace(SITE, title=text(chance, language, 4)),
        sender=MailSender(text(chance, language, 3), ENGLISH.sender.address),
        entries=(some * (count // len(some)))[:count] if some else (),
        left_out=chance.choice((0, 0, 3)),
    )


def reader(chance: Random) -> Recipient:
    """Return somebody whose links hold tokens of 200 characters."""
    token = "".join(chance.choices(TOKEN_LETTERS, k=200))
    return replace(
        READER,
        unsubscribe_url=f"https://news.example/-/unsubscribe/{token}",
        preferences_url=f"https://news.example/-/preferences/{token[::-1]}",
        message_seed=token,
    )


@pytest.mark.parametrize("language", PHRASES)
def test_no_subject_spoils_a_mail(language: str) -> None:
    """No defect, every header exactly as meant, no line too long, the way out whole, and all of it small enough."""
    chance = Random(f"digests in {language}")
    for number in range(round(24 * needs.scale() ** 2)):
        count = MANY if number % 432 == 0 else chance.choice((0, 1, 1, 2, 3, 25))
        meant, person = digest(chance, language, count), reader(chance)
        made = rendered(meant)
        message, is_wire_ready = finish_mail(made, person)
        try:
            assert stuffed(message) == message or not is_wire_ready
            check_lines(message, person)
            check_headers(message, made, person, mail_language(language)[0], sender_name(meant))
            check_parts(parsed(message), made, person)
        except AssertionError as error:
            error.add_note(f"number {number} in {language}, {count} entries, subject {made.subject!r}")
            raise
        assert count < MANY or made.left_out > MANY - 2_000


def check_lines(message: bytes, person: Recipient) -> None:
    """At most 78 octets (RFC 5322 section 2.1.1), but for the one line that must not be folded: below 998."""
    lines = message.split(b"\r\n")
    assert message.count(b"\r") == message.count(b"\n") == len(lines) - 1
    assert message.isascii()
    assert [line for line in lines if len(line) > 78] == [f"List-Unsubscribe: <{person.unsubscribe_url}>,".encode()]
    assert max(map(len, lines)) <= 998


def check_headers(message: bytes, made: RenderedDigest, person: Recipient, language: str, name: str) -> None:
    """Each is there once, and reads back as what was meant: by the library of today, by its old one, and by hand."""
    mail, old = parsed(message), message_from_bytes(message)
    assert tuple(mail.keys()) == NAMES
    assert [header.defects for header in mail.values()] == [()] * len(NAMES)
    by_hand = {name: decoded_by_hand(unfolded(old[name])) for name in NAMES}
    assert mail["Subject"] == by_hand["Subject"] == made.subject
    (sender,) = mail["From"].addresses
    assert sender.addr_spec == "digests@news.example"
    assert sender.display_name.replace(" ", "") == name.replace(" ", "")  # it puts spaces between encoded words
    assert name_of(old["From"]) == name_of(old["List-Id"]) == name
    assert mail["List-Id"] == by_hand["List-Id"]
    assert by_hand["List-Id"].endswith(" <digests.news.example>")
    assert by_hand["List-Unsubscribe"] == (
        f"<{person.unsubscribe_url}>, <mailto:{person.unsubscribe_address}?subject=unsubscribe>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (mail["To"], mail["List-Archive"]) == (person.address, "<https://news.example/>")
    assert re.fullmatch(r"<[0-9a-f]{40}@news\.example>", mail["Message-ID"])
    assert parsedate_to_datetime(mail["Date"]) == ENGLISH.made
    assert re.fullmatch(rf"(daily|weekly):{language}:digest:5d3f5f8e1111", mail["Feedback-ID"])
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", language)
    assert language in LANGUAGES


def unfolded(value: str) -> str:
    """Return a header on one line (RFC 5322 section 2.2.3)."""
    return value.replace("\r\n", "")


def name_of(mailbox: str) -> str:
    """Return the display name in front of an address (RFC 5322 section 3.4)."""
    name = unfolded(mailbox).rpartition(" <")[0]
    return name[1:-1] if name.startswith('"') else decoded_by_hand(name)


def check_parts(mail: EmailMessage, made: RenderedDigest, person: Recipient) -> None:
    """Text first, both whole, small, with both links, and nothing in them that controls anything."""
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    for part in mail.iter_parts():
        assert len(part.get_payload()) < MAX_PART_BYTES
        shown = part.get_content().replace("\r\n", "\n")
        assert person.unsubscribe_url in shown
        assert person.preferences_url in shown
        assert made.slot not in shown
        assert re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]", shown) is None
    assert "</html>" in shown
    assert shown.count("<h2") == made.shown
