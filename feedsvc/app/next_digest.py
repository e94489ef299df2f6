"""What somebody would get if their hour were now; asking changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from feedsvc.app.address_secret import load_hasher
from feedsvc.app.issues import IssueRenderer
from feedsvc.app.links import reader_links
from feedsvc.app.mail import MailTrial, envelope_domain, load_signer, sender_address, try_envelope
from feedsvc.app.project import open_project
from feedsvc.app.queries import site_store
from feedsvc.app.subscribers import subscriber_defaults
from feedsvc.app.token_keys import load_tokens
from feedsvc.digests import Register
from feedsvc.digests.news import MAIN, News, Newspaper
from feedsvc.digests.runs import Issue
from feedsvc.errors import FeedsvcError
from feedsvc.model import DigestCursor, DigestSchedule, Envelope, Recipient, Subscriber, SubscriberState
from feedsvc.render.mail import load_templates, personalise, render_digest
from feedsvc.render.mail.headers import header_address
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.app.project import Project
    from feedsvc.digests import Details
    from feedsvc.model import Digest
    from feedsvc.protocols import ReadUnit
    from feedsvc.settings import Settings
    from feedsvc.store import SqlStore

_NEWEST = 20
_MARK = "[Test] "


@dataclass(frozen=True, slots=True)
class NextDigest:
    """A digest for one person, and why it looks as it does.

    Attributes:
        details: What is known of the address.
        reader: Whose wishes it follows; somebody who wishes nothing where nobody subscribed.
        has_news: It holds what is new to them; else the newest entries stand in.
    """

    details: Details
    reader: Subscriber
    digest: Digest
    recipient: Recipient
    has_news: bool


@dataclass(frozen=True, slots=True)
class DigestTrial:
    """What became of a test digest."""

    made: NextDigest
    subject: str
    shown: int
    trial: MailTrial


def next_digest(settings: Settings, address: str, *, must_be_known: bool = True) -> NextDigest:
    """Return what the person with *address* would get now: their language, zone and feeds, from their cursor on.

    Args:
        settings: The settings.
        address: In any spelling.
        must_be_known: Refuse an address with which nobody subscribed; else such a person gets the site's defaults.

    Raises:
        FeedsvcError: It is no address, nobody subscribed with it, there is nothing to show, or a template is broken.
    """
    project = open_project(settings)
    with site_store(project) as store:
        details = Register(store, load_hasher(settings.state_folder, store), utc_now).details(address)
        reader = details.subscriber
        if reader is None and must_be_known:
            raise FeedsvcError(f"{details.address}: nobody subscribed with it; see feedsvc subscribers list")
        reader = reader or _newcomer(details.address, project, store)
        with store.reading() as unit:
            digest, has_news = _digest(project, unit, reader)
    return NextDigest(details, reader, digest, _recipient(project, reader), has_news)


def send_test(settings: Settings, address: str) -> DigestTrial:
    """Send a digest to *address* the way that all mails go, marked as a test; nothing is written down about it.

    Raises:
        FeedsvcError: As `next_digest`, or the address gets no mail.
    """
    made = next_digest(settings, address, must_be_known=False)
    if made.details.suppression is not None:
        raise FeedsvcError(f"{made.details.address}: this address gets no mail ({made.details.suppression.reason})")
    templates = load_templates(str(settings.template_folder))
    rendered = render_digest(replace(made.digest, mark=_MARK), templates)
    message = personalise(rendered, made.recipient)
    recipient = header_address(made.reader.address)
    # not the sender that bounces of subscribers come back to: a test must not count against them
    envelope = Envelope(sender_address(settings.mail), recipient, message)
    trial = try_envelope(settings, envelope, load_signer(settings))
    return DigestTrial(made, rendered.subject, rendered.shown, trial)


def _newcomer(address: str, project: Project, store: SqlStore) -> Subscriber:
    """Return somebody who subscribed a moment ago and wished for nothing special."""
    defaults = subscriber_defaults(project, store)
    schedule = DigestSchedule(defaults.frequency, defaults.zone, defaults.hour)
    return Subscriber(
        str(uuid4()), address, defaults.language, schedule, (), SubscriberState.ACTIVE, utc_now(), consent=""
    )


def _digest(project: Project, unit: ReadUnit, reader: Subscriber) -> tuple[Digest, bool]:
    now = utc_now()
    cursor = unit.digest_cursors([reader.id]).get(reader.id) or DigestCursor(reader.id, unit.last_seq(), now)
    news = Newspaper(unit, unit.last_seq()).news(cursor.last_seq, reader.feeds, cursor.joined)
    news = news.without(news.known_to(unit.mailed_seqs(reader.id)))
    has_news = bool(news.entries)
    if not has_news:
        news = _newest(unit, reader.feeds or (MAIN,))
    start = cursor.told_until if has_news else min(entry.published for entry in news.entries)
    schedule = reader.schedule
    issue = Issue(reader.language, schedule.frequency, schedule.zone.key, start, reader.feeds, cursor.last_seq)
    renderer = IssueRenderer(project, load_templates(str(project.settings.template_folder)), unit)
    return renderer.digest(issue, news, now), has_news


def _newest(unit: ReadUnit, slugs: Sequence[str]) -> News:
    found = {entry.id: entry for slug in slugs for entry in unit.window(slug, _NEWEST)}
    if not found:
        raise FeedsvcError("there is no entry to show; was the inbox read? (feedsvc run, or feedsvc build)")
    entries = sorted(found.values(), key=lambda entry: (entry.published, entry.id), reverse=True)[:_NEWEST]
    carried = unit.feeds_with(entry.id for entry in entries)
    feeds = {entry.id: tuple(slug for slug in slugs if slug in carried[entry.id]) for entry in entries}
    return News(tuple(entries), feeds)


def _recipient(project: Project, reader: Subscriber) -> Recipient:
    """Return the reader with their own links, and a Message-ID that no mail has or will have."""
    settings = project.settings
    tokens, domain = load_tokens(settings.state_folder), envelope_domain(settings.mail)
    links = reader_links(project.site.url, domain, tokens, reader.id)
    return Recipient(
        address=reader.address,
        unsubscribe_url=links.unsubscribe_url,
        preferences_url=links.preferences_url,
        unsubscribe_address=links.unsubscribe_address,
        envelope_sender=links.envelope_sender,
        message_seed=f"test {uuid4()}",
    )
