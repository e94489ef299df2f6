"""Mails of any content: they parse, say what they should, fit, and control nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import needs
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_samples import ARABIC, ENGLISH, READER, TRAM, content, mailed, parsed, rendered

from feedsvc.deliver.content import canonical, stuffed
from feedsvc.model import Digest, DigestEntry, Direction, MailSender
from feedsvc.render.mail import LANGUAGES, MAX_PART_BYTES, finish_mail

VOID = {"meta", "br", "hr", "img", "link", "input"}
NASTY = (
    *(
        "\r\nBcc: x@y.z\r\n\r\n<p>",
        "=?utf-8?q?x?=",
        "<!--",
        "-->",
        "</style>",
        "</title>",
        "{{ 7*7 }}",
        "{% for",
        "&amp;",
        "]]>",
    ),
    *(
        "\0",
        "\x1b[31m",
        "\u2028",
        "\ud800",
        "\ufffe",
        "\u202e",
        "\u2066",
        "https://a.example/?b=1&c=2",
        "--=_",
        ".\n",
        "From ",
    ),
)
any_text = st.lists(st.text(max_size=30) | st.sampled_from(NASTY), max_size=6).map(" ".join)
directions: st.SearchStrategy[Direction] = st.sampled_from(("ltr", "rtl"))
entries = st.builds(
    DigestEntry,
    title=any_text,
    summary=any_text | st.text(min_size=500, max_size=900),
    url=st.sampled_from((TRAM.url, "https://موقع.example/نص?a=1&b=2", "https://news.example/a%20b")),
    language=st.sampled_from(("en", "ar", "zh-Hant", "x-none")),
    direction=directions,
    authors=st.lists(any_text, max_size=3).map(tuple),
    feeds=st.lists(any_text, max_size=3).map(tuple),
    published=st.datetimes(timezones=st.timezones()),
)


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    """A digest of any texts, in one of the six languages."""
    language = draw(st.sampled_from(LANGUAGES))
    some = draw(st.lists(entries, min_size=0, max_size=4))
    return replace(
        ARABIC if language == "ar" else ENGLISH,
        language=language,
        entries=tuple(some),
        left_out=draw(st.sampled_from((0, 1, 2, 1000))),
        site=replace(ENGLISH.site, title=draw(any_text)),
        sender=MailSender(draw(any_text), ENGLISH.sender.address),
    )


class Balance(HTMLParser):
    """Asserts that elements end in the order in which they began."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Note what is open."""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self.open.pop() == tag


@settings(max_examples=int(120 * needs.scale()), deadline=None)
@given(digest=digests(), times=st.sampled_from((1, 1, 1, 1, 1, 1, 90)))
def test_any_digest_is_a_good_mail(digest: Digest, times: int) -> None:
    """No defects, one subject that reads back exactly, the footer, all under the limit, no control characters."""
    digest = replace(digest, entries=digest.entries * times)
    made = rendered(digest)
    message, is_wire_ready = finish_mail(made, READER)
    assert message.isascii()
    assert canonical(message) == message
    assert stuffed(message) == message or not is_wire_ready
    assert all(len(line) <= 998 for line in message.split(b"\r\n"))
    mail = parsed(message)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert mail.get_all("Subject") == [made.subject]
    assert mail.keys() == parsed(mailed()).keys()
    assert made.shown + made.left_out == len(digest.entries) + digest.left_out
    for part in mail.iter_parts():
        assert len(part.get_payload()) <= MAX_PART_BYTES
        shown = part.get_content().replace("\r\n", "\n")
        assert READER.unsubscribe_url in shown
        assert READER.address in shown
        assert re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", shown) is None
        assert made.slot not in shown
    _assert_balanced(content(message, "html"), made.shown)


def _assert_balanced(html: str, shown: int) -> None:
    balance = Balance()
    balance.feed(html)
    balance.close()
    assert balance.open == []
    assert html.count("<h1") == 1
    assert html.count("<h2") == shown
    assert "<script" not in html
