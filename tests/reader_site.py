"""A site with the pages of subscribers, on a real socket and a real store."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from web_client import SITE, WELL, Answer, fetch

from feedsvc.app.links import ReaderLinks, reader_links
from feedsvc.app.reader_pages import SubscriberPages
from feedsvc.digests import AddressHasher, Register
from feedsvc.digests.tokens import Tokens
from feedsvc.model import DigestSchedule, Frequency, Site, Subscriber, SubscriberState, SuppressionReason, address_key
from feedsvc.store import open_sqlite
from feedsvc.web import WebServer, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from feedsvc.store import SqlStore

NEWS = Site(SITE, "City Voice", "", "en", "", UUID("5d3f5f8e-1111-4222-8333-123456789abc"))
START = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
HASHER = AddressHasher(b"h" * 32)
TOKENS = Tokens((b"k" * 32, b"o" * 32))
CAIRO = ZoneInfo("Africa/Cairo")


class Clock:
    """The time, as far as a test lets it go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def pass_by(self, **span: float) -> None:
        """Let time go on."""
        self.now += timedelta(**span)


class ReaderSite(NamedTuple):
    """A running site."""

    store: SqlStore
    server: WebServer
    clock: Clock

    def get(self, url: str, method: str = "GET", **headers: str) -> Answer:
        """Look at a page; underscores in names of headers stand for hyphens."""
        return fetch(self.server.port, _path(url), method, {k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, url: str, body: bytes = b"", content_type: str = FORM, **headers: str) -> Answer:
        """Send a body to a page."""
        named = {"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return fetch(self.server.port, _path(url), "POST", named, body)

    def fill_in(self, url: str, fields: Mapping[str, object], **headers: str) -> Answer:
        """Send a form as a browser does."""
        return self.post(url, urlencode(fields, doseq=True).encode(), **headers)

    def person(self, address: str) -> Subscriber | None:
        """Return what is known of an address."""
        with self.store.reading() as unit:
            return unit.subscribers_at([address_key(address)]).get(address_key(address))

    def reason(self, address: str) -> SuppressionReason | None:
        """Return why an address gets no mail."""
        with self.store.reading() as unit:
            found = unit.suppressions([HASHER(address_key(address))])
        return next((each.reason for each in found.values()), None)

    def consents(self, subscriber: Subscriber) -> list[tuple[str, str]]:
        """Return the record of consent of somebody."""
        with self.store.reading() as unit:
            return [(each.event.value, each.words) for each in unit.consents_of(subscriber.id)]


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@contextmanager
def reader_site(folder: Path, site: Site = NEWS) -> Iterator[ReaderSite]:
    """Serve the pages of *site* for the length of the block."""
    clock = Clock()
    store = open_sqlite(str(folder / "feedsvc.sqlite3"))
    pages = SubscriberPages(site, store, Register(store, HASHER, clock), TOKENS, clock)
    app = create_app(str(folder), site.url, lambda: WELL, max_age_s=60, pages=pages)
    server = WebServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield ReaderSite(store, server, clock)
    finally:
        server.stop(10)
        store.close()


def links_of(subscriber: Subscriber, tokens: Tokens = TOKENS) -> ReaderLinks:
    """Return the addresses that mails to somebody carry."""
    return reader_links(SITE, "news.example", tokens, subscriber.id)


def reader(address: str = "mona@reader.example", language: str = "en") -> Subscriber:
    """Return an active subscriber who is in no store yet."""
    schedule = DigestSchedule(Frequency.DAILY, CAIRO)
    state = SubscriberState.ACTIVE
    return Subscriber(str(uuid4()), address, language, schedule, (), state, START, START, None, "agreed at the desk")


def keep(site: ReaderSite, *people: Subscriber) -> None:
    """Put people into the store."""
    with site.store.writing() as unit:
        unit.put_subscribers(people)
