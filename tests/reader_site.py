"""A site with the pages of subscribers, on a real socket and a real store."""

from __future__ import annotations

import email
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email import policy
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from web_client import SITE, WELL, Answer, fetch

from feedsvc.app.address_secret import load_hasher
from feedsvc.app.links import ReaderLinks, reader_links
from feedsvc.app.project import open_project
from feedsvc.app.reader_desk import open_desk
from feedsvc.digests.tokens import Tokens
from feedsvc.model import DigestSchedule, Frequency, Subscriber, SubscriberState, SuppressionReason, address_key
from feedsvc.settings import load_settings
from feedsvc.web import WebServer, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import EmailMessage
    from pathlib import Path

    from feedsvc.app.reader_desk import ReaderDesk
    from feedsvc.store import SqlStore

SETTINGS = f"""
[site]
url = "{SITE}"
title = "City Voice"
[mail]
from_address = "news@news.example"
[[feed]]
slug = "sport"
title = "Sport & more"
"""
START = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
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

    folder: Path
    store: SqlStore
    server: WebServer
    clock: Clock
    desk: ReaderDesk

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
            found = unit.suppressions([self.address_hash(address)])
        return next((each.reason for each in found.values()), None)

    def address_hash(self, address: str) -> str:
        """Return what stands for an address in the list of those that get no mail."""
        return load_hasher(self.folder / ".feedsvc", self.store)(address_key(address))

    def letters(self) -> list[EmailMessage]:
        """Wait until all wishes were dealt with, and return the letters that were mailed, in their order."""
        self.desk.letters.stop(60)
        self.desk.letters.start()
        files = (self.folder / ".feedsvc" / "spool" / "new").glob("*")
        found = [file.read_bytes() for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]
        return [email.message_from_bytes(data, policy=policy.default) for data in found]

    def consents(self, subscriber: Subscriber) -> list[tuple[str, str]]:
        """Return the record of consent of somebody."""
        with self.store.reading() as unit:
            return [(each.event.value, each.words) for each in unit.consents_of(subscriber.id)]


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@contextmanager
def reader_site(folder: Path, settings: str = SETTINGS) -> Iterator[ReaderSite]:
    """Serve the pages of a site for the length of the block; letters go into its spool."""
    (folder / "config").mkdir()
    (folder / "config" / "feedsvc.toml").write_text(settings, encoding="utf-8")
    (folder / ".feedsvc").mkdir()
    project, clock = open_project(load_settings(folder, {})), Clock()
    (folder / ".feedsvc" / "token.keys").write_text(f"# two keys\n{b'k'.hex() * 32}\n\n{b'o'.hex() * 32}\n")
    with closing(project.open_store()) as store:
        desk = open_desk(project, store, clock)
        app = create_app(str(folder), SITE, lambda: WELL, max_age_s=60, pages=desk.pages)
        server = WebServer(app, "127.0.0.1", 0)
        desk.letters.start()
        server.start()
        try:
            yield ReaderSite(folder, store, server, clock, desk)
        finally:
            server.stop(10)
            desk.letters.stop(10)


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
