"""Leaving: the one-click request of mail programs (RFC 8058) and the page that people see, on real sockets."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from reader_site import FORM, START, TOKENS, ReaderSite, keep, links_of, reader, reader_site
from web_client import exchange

from feedsvc.app.links import confirm_url
from feedsvc.digests.tokens import Purpose, Tokens
from feedsvc.model import SubscriberState, SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = (
    b'--part\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--part--\r\n',
    "multipart/form-data; boundary=part",
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ReaderSite]:
    """Serve a site without subscribers."""
    with reader_site(tmp_path) as running:
        yield running


@pytest.mark.parametrize(("body", "kind"), [(ONE_CLICK, FORM), MULTIPART, (b"", "text/plain")])
def test_one_request_is_enough_to_leave(site: ReaderSite, body: bytes, kind: str) -> None:
    """The answer is a page, no redirect, no cookie; the person is gone, kept out, and the record says so."""
    mona = reader()
    keep(site, mona)
    answer = site.post(links_of(mona).unsubscribe_url, body, kind, X_Forwarded_For="192.0.2.77")
    assert answer.status == 200
    assert not {"location", "set-cookie", "www-authenticate"} & set(answer.headers)
    assert site.person(mona.address) == replace(mona, state=SubscriberState.GONE)
    assert site.reason(mona.address) is SuppressionReason.UNSUBSCRIBED
    assert site.consents(mona) == [("withdrawn", "unsubscribed on the page from 192.0.2.0/24")]


def test_looking_at_the_page_changes_nothing(site: ReaderSite) -> None:
    """Programs that follow every link in a mail leave everything as it is; the page has one button and no script."""
    mona = reader()
    keep(site, mona)
    page = site.get(links_of(mona).unsubscribe_url)
    heads = [site.get(links_of(mona).unsubscribe_url, method) for method in ("HEAD", "GET", "OPTIONS") * 20]
    assert {answer.status for answer in heads} == {200, 204}
    assert site.person(mona.address) == mona
    assert site.reason(mona.address) is None
    assert page.body.count(b'<form method="post">') == page.body.count(b"<button") == 1
    assert b"<script" not in page.body


def test_a_thousand_prefetches_change_nothing(site: ReaderSite) -> None:
    """Every link that a mail can hold is looked at a thousand times, many at once; no file of the store is written."""
    mona, kim = reader(), replace(reader("kim@reader.example"), state=SubscriberState.PENDING)
    keep(site, mona, kim)
    links = [links_of(mona).unsubscribe_url, links_of(mona).preferences_url]
    links.append(confirm_url("https://news.example", TOKENS, kim.id, START))
    asked = [(link, method) for method in ("GET", "HEAD") * 500 for link in links]
    before = written(site)
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda request: site.get(*request).status, asked))
    assert (len(answers), set(answers)) == (3_000, {200})
    assert written(site) == before
    assert (site.person(mona.address), site.person(kim.address)) == (mona, kim)


def written(site: ReaderSite) -> list[tuple[str, int, int]]:
    """Return size and time of the files that a transaction of the store would change."""
    files = [file for file in (site.folder / ".feedsvc").glob("*.sqlite3*") if not file.name.endswith("-shm")]
    return sorted((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)


def test_leaving_twice_is_leaving_once(site: ReaderSite) -> None:
    """A second request gets the same page and writes nothing, and neither do ten at the same time."""
    mona = reader()
    keep(site, mona)
    url = links_of(mona).unsubscribe_url
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda _: site.post(url, ONE_CLICK), range(10)))
    site.clock.pass_by(days=3)
    answers.append(site.post(url, ONE_CLICK))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert len(site.consents(mona)) == 1


def test_who_was_erased_gets_the_same_answer(site: ReaderSite) -> None:
    """A genuine link of somebody of whom nothing is known any more tells that no mail will come, which is true."""
    mona = reader()
    keep(site, mona)
    known = site.post(links_of(mona).unsubscribe_url, ONE_CLICK)
    assert site.post(links_of(reader("nobody@reader.example")).unsubscribe_url, ONE_CLICK) == known


def test_other_tokens_are_refused_without_a_reason(site: ReaderSite) -> None:
    """Tokens for other pages, of other sites, damaged or made up: all get one page that tells nothing."""
    mona = reader()
    keep(site, mona)
    tokens = [TOKENS.sign(purpose, mona.id) for purpose in Purpose if purpose is not Purpose.UNSUBSCRIBE]
    genuine = TOKENS.sign(Purpose.UNSUBSCRIBE, mona.id)
    tokens += [Tokens((b"x" * 32,)).sign(Purpose.UNSUBSCRIBE, mona.id), genuine[:-1], "x", "%00", "..%2f", "%ff"]
    tokens.append(TOKENS.sign(Purpose.UNSUBSCRIBE, str(uuid4()), START))
    answers = [site.post(f"/-/unsubscribe/{token}", ONE_CLICK) for token in tokens]
    answers += [site.get(f"/-/unsubscribe/{token}") for token in tokens if "2f" not in token]
    assert {answer.status for answer in answers} == {404}
    bodies = {answer.body for answer in answers if answer.headers["content-type"].startswith("text/html")}
    assert len(bodies) == 1
    assert b"reader.example" not in bodies.pop()
    assert site.person(mona.address) == mona


def test_links_outlive_a_new_key(site: ReaderSite) -> None:
    """A link that was signed with an older key goes on working; capitals do no harm."""
    mona = reader()
    keep(site, mona)
    old = Tokens(TOKENS.keys[1:])
    url = links_of(mona, old).unsubscribe_url
    assert site.post(url[:-52] + url[-52:].upper(), ONE_CLICK).status == 200
    assert site.reason(mona.address) is SuppressionReason.UNSUBSCRIBED


def test_leaving_works_while_others_write(site: ReaderSite) -> None:
    """A request that comes during a long transaction waits for its end and is then carried out."""
    mona = reader()
    keep(site, mona)
    asked = threading.Thread(target=lambda: answers.append(site.post(links_of(mona).unsubscribe_url, ONE_CLICK)))
    answers: list[object] = []
    with site.store.writing() as unit:
        asked.start()
        asked.join(0.3)
        unit.set_meta("anything", "written meanwhile")
        assert not answers
        assert site.get("/-/health").status == 200
    asked.join(60)
    assert [answer.status for answer in answers] == [200]  # type: ignore[attr-defined]
    assert site.reason(mona.address) is SuppressionReason.UNSUBSCRIBED


def test_pages_are_nobody_elses_business(site: ReaderSite) -> None:
    """Pages are not stored, leak no address with the token, run nothing, and cannot be framed."""
    headers = site.get(links_of(reader()).unsubscribe_url).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
    assert "script" not in policy


@pytest.mark.parametrize(("language", "words"), [("ar", 'lang="ar" dir="rtl"'), ("fr", "Se désabonner")])
def test_the_page_speaks_the_language_of_the_mails(site: ReaderSite, language: str, words: str) -> None:
    """A subscriber sees their own language, a stranger the one of their browser."""
    mona = reader(language=language)
    keep(site, mona)
    assert words in site.get(links_of(mona).unsubscribe_url).body.decode()
    stranger = links_of(reader()).unsubscribe_url
    assert words in site.get(stranger, Accept_Language=f"xx, en;q=0.4, {language}-XX;q=0.8").body.decode()


def test_large_bodies_are_not_read_to_their_end(site: ReaderSite) -> None:
    """More than 16 KB are refused, with or without an announced length, and nothing is done."""
    mona = reader()
    keep(site, mona)
    url = links_of(mona).unsubscribe_url
    assert site.post(url, b"x" * 16_384).status == 200
    keep(site, mona)
    assert site.post(url, b"x" * 16_385).status == 413
    path = url.removeprefix("https://news.example")
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: {FORM}\r\n\r\n"
    endless = head.encode() + b"2000\r\n" + b"x" * 0x2000 + b"\r\n2001\r\n" + b"x" * 0x2001 + b"\r\n"
    assert exchange(site.server.port, endless).startswith(b"HTTP/1.1 413")
    assert site.person(mona.address) == mona


def test_a_site_without_pages_has_none(tmp_path: Path) -> None:
    """The web application alone knows no pages of subscribers."""
    from web_client import fetch, serving

    with serving(tmp_path) as server:
        assert fetch(server.port, "/-/subscribe").status == 404
