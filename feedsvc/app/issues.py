"""From news to a mail: what a group of readers gets, and what is personal in it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from feedsvc.app.mail import sender_address
from feedsvc.digests.news import MAIN
from feedsvc.model import (
    Digest,
    DigestPeriod,
    Envelope,
    MailSender,
    Recipient,
    RenderedDigest,
    folder_feed,
)
from feedsvc.render.mail import digest_entry, finish_mail, mail_language, message_id, render_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from feedsvc.app.links import ReaderLinks
    from feedsvc.app.project import Project
    from feedsvc.digests.news import News
    from feedsvc.digests.runs import Issue
    from feedsvc.model import Feed, QueuedDigest
    from feedsvc.protocols import ReadUnit
    from feedsvc.render.mail import MailTemplates

_MOST_IMMEDIATE = 50
"""More news than this at once are the newest and a count: a bulk drop is no flood of mail."""


class IssueRenderer:
    """Makes the body that a group of readers shares.

    Args:
        project: The site.
        templates: How mails look.
        unit: The store, for the feeds of folders.
    """

    def __init__(self, project: Project, templates: MailTemplates, unit: ReadUnit) -> None:
        self._site, self._templates = project.site, templates
        mail = project.settings.mail
        self._sender = MailSender(mail.from_name, sender_address(mail))
        self._feeds = _feeds(project, unit)

    def render(self, issue: Issue, news: News, end: datetime) -> bytes:
        """Return the packed body of *issue*."""
        return render_digest(self.digest(issue, news, end), self._templates).packed()

    def digest(self, issue: Issue, news: News, end: datetime) -> Digest:
        """Return what *issue* says."""
        tag, direction = mail_language(issue.language)
        shown = news.entries[:_MOST_IMMEDIATE]
        return Digest(
            site=self._site,
            sender=self._sender,
            language=tag,
            direction=direction,
            period=DigestPeriod(issue.frequency, min(issue.start, end), end, ZoneInfo(issue.zone)),
            made=end,
            entries=tuple(
                digest_entry(entry, [self._feeds[slug] for slug in news.feeds[entry.id]], self._site) for entry in shown
            ),
            left_out=len(news.entries) - len(shown),
            more_url=self._site.feed_url((issue.feeds or (MAIN,))[0]),
        )


def message_ids(project: Project) -> Callable[[str, str], str]:
    """Return what makes the Message-ID, without angle brackets, of the mail to a subscriber for a period."""
    domain = sender_address(project.settings.mail).rpartition("@")[2]
    return lambda subscriber_id, period_key: message_id(_seed(subscriber_id, period_key), domain)


def finisher(links: Callable[[str], ReaderLinks]) -> Callable[[QueuedDigest, bytes], Envelope]:
    """Return the function that makes the finished message of a queued digest: the same bytes at each call."""

    def finish(queued: QueuedDigest, packed: bytes) -> Envelope:
        personal = links(queued.subscriber_id)
        recipient = Recipient(
            address=queued.message.recipient,
            unsubscribe_url=personal.unsubscribe_url,
            preferences_url=personal.preferences_url,
            unsubscribe_address=personal.unsubscribe_address,
            envelope_sender=personal.envelope_sender,
            message_seed=_seed(queued.subscriber_id, queued.period_key),
        )
        finished = finish_mail(_unpacked(packed), recipient)
        return Envelope(personal.envelope_sender, queued.message.recipient, *finished)

    return finish


@lru_cache(maxsize=64)
def _unpacked(packed: bytes) -> RenderedDigest:
    return RenderedDigest.unpacked(packed)


def _seed(subscriber_id: str, period_key: str) -> str:
    return f"{subscriber_id} {period_key}"


def _feeds(project: Project, unit: ReadUnit) -> Mapping[str, Feed]:
    """Return all feeds by slug, those of folders among them."""
    of_folders = {record.slug: folder_feed(record.folder or record.slug, record.slug) for record in unit.feeds()}
    return of_folders | {feed.slug: feed for feed in project.feeds}
