"""Coming: the form, the letter with the question, and the page that confirms; on real sockets, with a real spool."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from reader_site import CAIRO, START, ReaderSite, keep, links_of, reader, reader_site

from feedsvc.model import ChangeKind, DigestCursor, DigestSchedule, Frequency, SubscriberState, SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = {
    "address": "Mona@Reader.example",
    "frequency": "weekly",
    "weekday": "5",
    "monthday": "31",
    "hour": "18",
    "timezone": "Africa/Cairo",
    "language": "ar",
    "feeds": ["main", "sport"],
}
MONA = "Mona@reader.example"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ReaderSite]:
    """Serve a site without subscribers."""
    with reader_site(tmp_path) as running:
        yield running


def link_in(site: ReaderSite) -> str:
    """Return the link in the newest letter."""
    text = site.letters()[-1].get_content()
    (link,) = [line for line in text.splitlines() if "://" in line]
    return link


def faults(body: bytes) -> set[str]:
    """Return the names of the fields beside which a page shows an error that programs find too."""
    page = BeautifulSoup(body, "html.parser")
    return {fault["id"].removesuffix("-fault") for fault in page.select("form .fault[id]")}


def test_from_the_form_to_the_first_mail(site: ReaderSite) -> None:
    """Who fills in the form gets one letter; only the button behind its link makes them a subscriber."""
    answer = site.fill_in("/-/subscribe", WANTED)
    assert (answer.status, "set-cookie" in answer.headers) == (200, False)
    link = link_in(site)
    pending = site.person(MONA)
    assert pending is not None
    asked = ("asked", "the question was mailed")
    assert (pending.state, pending.consent, site.consents(pending)) == (SubscriberState.PENDING, "", [asked])
    for method in ("GET", "HEAD") * 10:
        assert site.get(link, method).status == 200
    assert site.person(MONA) == pending
    site.clock.pass_by(hours=47)
    done = site.post(link, X_Forwarded_For="198.51.100.7, 2001:db8:1:2::3")
    active = site.person(MONA)
    words = "confirmed on the page from 2001:db8:1::/48"
    assert done.status == 200
    assert active == replace(
        pending, state=SubscriberState.ACTIVE, confirmed=START + timedelta(hours=47), consent=words
    )
    assert active.schedule == DigestSchedule(Frequency.WEEKLY, CAIRO, 18, 5)
    assert (active.language, active.feeds) == ("ar", ("main", "sport"))
    assert site.consents(active) == [asked, ("given", words)]
    assert site.post(link) == done
    assert len(site.consents(active)) == 2
    assert links_of(active).preferences_url in done.body.decode()


def test_the_letter_is_a_plain_question(site: ReaderSite) -> None:
    """One part, one link, in the language that was chosen, to nobody else, and no robot answers it."""
    site.fill_in("/-/subscribe", WANTED)
    (letter,) = site.letters()
    assert letter.get_content_type() == "text/plain"
    assert (letter["To"], letter["From"]) == (MONA, "City Voice <news@news.example>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Subject"] == "أكّد اشتراكك في City Voice"
    assert letter["Content-Language"] == "ar"
    assert letter["Delivered-To"] == MONA
    assert letter["Return-Path"] == f"<{links_of(site.person(MONA)).envelope_sender}>"  # type: ignore[arg-type]
    assert letter.get_content().count("https://news.example/-/confirm/") == 1
    assert max(len(line) for line in letter.as_bytes().splitlines()) < 998


@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "ru", "zh"])
def test_each_language_has_its_letter_and_its_pages(site: ReaderSite, language: str) -> None:
    """Form, answer, letter and confirmation are all in the language that was chosen."""
    page = BeautifulSoup(site.get(f"/-/subscribe?lang={language}").body, "html.parser")
    html = page.select_one("html")
    assert html is not None
    assert (html["lang"], html["dir"]) == (language, "rtl" if language == "ar" else "ltr")
    chosen = page.select_one("select#language option[selected]")
    assert chosen is not None
    assert chosen["value"] == language
    answer = site.fill_in(f"/-/subscribe?lang={language}", {"address": MONA, "language": language})
    assert f'lang="{language}"' in answer.body.decode()
    assert site.letters()[0]["Content-Language"] == language
    assert f'lang="{language}"' in site.post(link_in(site)).body.decode()


def test_nobody_learns_who_is_subscribed(site: ReaderSite) -> None:
    """Known, unknown, gone and suppressed addresses get the same answer; what follows goes to the address only."""
    people = [reader(f"{name}@reader.example") for name in ("active", "gone", "dead", "angry", "erased")]
    people[1] = replace(people[1], state=SubscriberState.GONE)
    keep(site, *people)
    reasons = {1: SuppressionReason.UNSUBSCRIBED, 2: SuppressionReason.BOUNCED, 3: SuppressionReason.COMPLAINED}
    with site.store.writing() as unit:
        for number, reason in {**reasons, 4: SuppressionReason.ERASED}.items():
            unit.suppress([site.address_hash(people[number].address)], reason, START)
    asked = [*(one.address for one in people), "new@reader.example"]
    answers = [site.fill_in("/-/subscribe", {**WANTED, "address": address}) for address in asked]
    assert len(set(map(str, answers))) == 1
    letters = {letter["To"]: letter["Subject"] for letter in site.letters()}
    assert set(letters) == {"active@reader.example", "gone@reader.example", "new@reader.example"}
    assert letters["active@reader.example"] == "Your subscription to City Voice"
    assert site.person("active@reader.example") == people[0]
    assert site.person("dead@reader.example") == people[2]


def test_who_had_left_comes_back_by_asking_again(site: ReaderSite) -> None:
    """Asking lifts nothing; confirming does, the record tells the whole story, and what was missed is not mailed."""
    mona = reader(MONA)
    keep(site, mona)
    old = DigestCursor(mona.id, 0, START - timedelta(days=400), "2025-10-20", date(2025, 10, 20))
    with site.store.writing() as unit:
        unit.put_digest_cursors([old])
        seq = unit.add_changes([("urn:uuid:x", 1, ChangeKind.PUBLISHED)], START)
    site.post(links_of(mona).unsubscribe_url)
    site.fill_in("/-/subscribe", WANTED)
    link = link_in(site)
    assert site.reason(MONA) is SuppressionReason.UNSUBSCRIBED
    assert site.post(link).status == 200
    back = site.person(MONA)
    assert back is not None
    assert (back.id, back.state, site.reason(MONA)) == (mona.id, SubscriberState.ACTIVE, None)
    assert [event for event, _ in site.consents(back)] == ["withdrawn", "asked", "given"]
    with site.store.reading() as unit:
        assert unit.digest_cursors([mona.id])[mona.id] == replace(old, last_seq=seq, told_until=START)
    site.post(links_of(mona).unsubscribe_url)
    assert (site.post(link).status, site.get(link).status) == (404, 404)
    assert site.person(MONA) == replace(back, state=SubscriberState.GONE)


def test_links_of_letters_expire(site: ReaderSite) -> None:
    """After 48 hours the link confirms nothing; after 7 days nothing is known of who never confirmed."""
    gone = replace(reader("gone@reader.example"), state=SubscriberState.GONE)
    keep(site, gone)
    site.fill_in("/-/subscribe", WANTED)
    link = link_in(site)
    site.fill_in("/-/subscribe", {**WANTED, "address": gone.address})
    site.letters()
    site.clock.pass_by(hours=48)
    assert {site.get(link).status, site.post(link).status} == {404}
    forget = site.desk.letters._signup.forget_unconfirmed
    assert forget() == 0
    site.clock.pass_by(days=5)
    assert forget() == 2
    assert site.person(MONA) is None
    once = site.person(gone.address)
    assert once is not None
    assert once.state is SubscriberState.GONE


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("address", "mona", "address"),
        ("address", "", "address"),
        ("address", "mona@reader.example\r\nBcc: all@reader.example", "address"),
        ("frequency", "often", "frequency"),
        ("hour", "24", "hour"),
        ("weekday", "8", "weekday"),
        ("timezone", "Europe/Atlantis", "timezone"),
        ("timezone", "../../etc/passwd", "timezone"),
        ("language", "?!", "language"),
        ("feeds", ["main", "secret"], "feeds"),
    ],
)
def test_errors_stand_beside_their_fields(site: ReaderSite, field: str, value: object, fault: str) -> None:
    """What cannot be used is marked where it is, everything that was filled in stays, and nothing is done."""
    answer = site.fill_in("/-/subscribe", {**WANTED, field: value})
    assert (answer.status, faults(answer.body)) == (422, {fault})
    page = BeautifulSoup(answer.body, "html.parser")
    marked = page.select_one(f'[aria-describedby="{fault}-fault"]')
    assert marked is not None
    assert page.select_one("select#hour option[selected]") is None or field != "hour"
    assert page.select_one('input[value="Africa/Cairo"]') is not None or field == "timezone"
    assert not site.letters()


def test_all_errors_are_shown_at_once(site: ReaderSite) -> None:
    """Three wrong answers are three marks, and markup in them is only text."""
    answer = site.fill_in("/-/subscribe", {"address": '"><script>x', "hour": "x", "timezone": "<b>"})
    assert faults(answer.body) == {"address", "hour", "timezone"}
    assert b"<script" not in answer.body
    assert b"<b>" not in answer.body


def test_one_address_gets_few_letters(site: ReaderSite) -> None:
    """Who asks again and again for one address always hears the same; the address gets three letters an hour."""
    answers = [site.fill_in("/-/subscribe", WANTED, X_Forwarded_For=f"192.0.{n}.1") for n in range(8)]
    assert {answer.status for answer in answers} == {200}
    assert len(site.letters()) == 3


def test_one_network_asks_at_a_human_pace(site: ReaderSite) -> None:
    """A network that fills in the form for many addresses is told to wait; others are not."""

    def ask(number: int, client: str) -> tuple[int, str | None]:
        answer = site.fill_in(
            "/-/subscribe", {**WANTED, "address": f"n{number}@reader.example"}, X_Forwarded_For=client
        )
        return answer.status, answer.headers.get("retry-after")

    answers = [ask(number, f"192.0.2.{number}") for number in range(25)]
    assert [status for status, _ in answers] == [200] * 20 + [429] * 5
    assert all(0 < int(wait or 0) <= 60 for _, wait in answers[20:])
    assert ask(99, "198.51.100.1")[0] == 200


def test_wishes_are_changed_on_their_page(site: ReaderSite) -> None:
    """The page shows what holds, changes what is sent, and tells that it did; a pause is a day on the own clock."""
    mona = replace(reader(MONA), feeds=("sport",))
    keep(site, mona)
    url = links_of(mona).preferences_url
    shown = BeautifulSoup(site.get(url).body, "html.parser")
    assert [box["value"] for box in shown.select("input[type=checkbox][checked]")] == ["sport"]
    assert [each["value"] for each in shown.select("option[selected]")] == ["daily", "1", "1", "7", "en"]
    assert shown.select_one(f'a[href="{links_of(mona).unsubscribe_url}"]') is not None
    assert site.person(MONA) == mona
    answer = site.fill_in(url, {**WANTED, "address": "other@reader.example", "paused": "2026-12-24"})
    changed = site.person(MONA)
    assert answer.status == 200
    assert 'role="status"' in answer.body.decode()
    assert 'lang="ar"' in answer.body.decode()
    assert changed == replace(
        mona,
        language="ar",
        schedule=DigestSchedule(Frequency.WEEKLY, CAIRO, 18, 5),
        feeds=("main", "sport"),
        paused_until=START.replace(month=12, day=23, hour=22),
    )
    assert 'value="2026-12-24"' in answer.body.decode()
    assert site.person("other@reader.example") is None
    past = site.fill_in(url, {**WANTED, "paused": "2020-01-01"})
    assert past.status == 200
    assert site.person(MONA) == replace(changed, paused_until=None)
    wrong = site.fill_in(url, {**WANTED, "paused": "soon", "hour": "99"})
    assert (wrong.status, faults(wrong.body)) == (422, {"paused", "hour"})


def test_wishes_of_who_is_gone_are_not_shown(site: ReaderSite) -> None:
    """The page of somebody who left, or of nobody, is the one that tells nothing."""
    mona = reader(MONA)
    keep(site, mona)
    url = links_of(mona).preferences_url
    site.post(links_of(mona).unsubscribe_url)
    stranger = links_of(reader()).preferences_url
    answers = [site.get(url), site.get(stranger), site.fill_in(url, WANTED), site.fill_in(stranger, WANTED)]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1


def test_forms_come_in_one_encoding(site: ReaderSite) -> None:
    """Other bodies than forms are refused, and so are forms of thousands of fields."""
    assert site.post("/-/subscribe", b"{}", "application/json").status == 415
    assert site.post("/-/subscribe", b"a=1&" * 2_000).status == 400
