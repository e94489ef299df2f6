"""A digest to look at before anybody gets one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedsvc.app.project import MAIN, open_project
from feedsvc.app.queries import site_store
from feedsvc.errors import FeedsvcError
from feedsvc.files import write_atomic
from feedsvc.model import Digest, DigestPeriod, Frequency, MailSender, Recipient, folder_feed
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from feedsvc.app.project import Project
    from feedsvc.model import Entry, Feed, Site
    from feedsvc.protocols import ReadUnit
    from feedsvc.settings import Settings

_NEWEST = 20
_MOST = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """Where a preview was written to, and what it shows."""

    html: Path
    text: Path
    message: Path
    subject: str
    shown: int
    left_out: int


def preview_digest(
    settings: Settings,
    folder: Path,
    *,
    language: str | None = None,
    feeds: Sequence[str] = (),
    days: int | None = None,
) -> Preview:
    """Write a digest of the newest entries to *folder*, as HTML, as text, and as the message that would be sent.

    Args:
        settings: The settings.
        folder: Made if it is not there.
        language: BCP 47 tag; None for that of the site.
        feeds: Slugs of the feeds to show; none for the feed of everything.
        days: Age of the oldest entry; None for the newest ones whatever their age.

    Raises:
        FeedsvcError: There is no such feed, nothing to show, or a template cannot be used.
    """
    project = open_project(settings)
    with site_store(project) as store, store.reading() as unit:
        digest = _digest(project, unit, language or settings.site.language, feeds or (MAIN,), days)
    return write_preview(settings, folder, digest, _reader(project.site))


def write_preview(settings: Settings, folder: Path, digest: Digest, recipient: Recipient) -> Preview:
    """Write the mail of *digest* to *recipient* to *folder*, as HTML, as text, and as the message that would be sent.

    Raises:
        FeedsvcError: A template cannot be used.
    """
    from feedsvc.render.mail import load_templates, personalise, render_digest

    rendered = render_digest(digest, load_templates(str(settings.template_folder)))
    message = personalise(rendered, recipient)
    html, text, raw = folder / "digest.html", folder / "digest.txt", folder / "digest.eml"
    folder.mkdir(parents=True, exist_ok=True)
    parts = _parts(message)
    for path, data in zip((text, html, raw), (*parts, message), strict=True):
        write_atomic(str(path), data)
    return Preview(html, text, raw, rendered.subject, rendered.shown, rendered.left_out)


def _parts(message: bytes) -> list[bytes]:
    """Return the text and the HTML of *message* with the line ends of a file."""
    parts = [part.get_payload(decode=True) for part in message_from_bytes(message).walk() if not part.is_multipart()]
    return [part.replace(b"\r\n", b"\n") for part in parts if isinstance(part, bytes)]


def _digest(project: Project, unit: ReadUnit, language: str, slugs: Sequence[str], days: int | None) -> Digest:
    from feedsvc.render.mail import digest_entry, mail_language

    end = utc_now().replace(microsecond=0)
    feeds = _feeds(project, unit, slugs)
    entries = _newest(unit, slugs, days, end)
    carried = unit.feeds_with([entry.id for entry in entries])
    tag, direction = mail_language(language)
    start = min(entry.published for entry in entries)
    return Digest(
        site=project.site,
        sender=MailSender("", f"digests@{_host(project.site)}"),
        language=tag,
        direction=direction,
        period=DigestPeriod(_frequency(days), min(start, end), end, project.settings.site.zone),
        made=end,
        entries=tuple(
            digest_entry(entry, [feed for feed in feeds if feed.slug in carried[entry.id]], project.site)
            for entry in entries
        ),
        left_out=0,
        more_url=project.site.feed_url(slugs[0]),
    )


def _feeds(project: Project, unit: ReadUnit, slugs: Sequence[str]) -> list[Feed]:
    """Return the feeds with these *slugs*, those of folders among them."""
    known = {record.slug: folder_feed(record.folder or record.slug, record.slug) for record in unit.feeds()}
    known |= {feed.slug: feed for feed in project.feeds}
    for slug in slugs:
        if slug not in known:
            raise FeedsvcError(f"there is no feed {slug!r}; the feeds are: {', '.join(sorted(known))}")
    return [known[slug] for slug in slugs]


def _newest(unit: ReadUnit, slugs: Sequence[str], days: int | None, end: datetime) -> list[Entry]:
    limit = _NEWEST if days is None else _MOST
    found = {entry.id: entry for slug in slugs for entry in unit.window(slug, limit)}
    first = None if days is None else end - timedelta(days=days)
    entries = [entry for entry in found.values() if first is None or entry.published >= first]
    if not entries:
        when = "" if days is None else f" of the last {days} days"
        raise FeedsvcError(f"there is no entry{when} to show; was the inbox read? (feedsvc run, or feedsvc build)")
    return sorted(entries, key=lambda entry: entry.published, reverse=True)[:limit]


def _frequency(days: int | None) -> Frequency:
    if days is None or days <= 1:
        return Frequency.DAILY
    return Frequency.WEEKLY if days <= 7 else Frequency.MONTHLY


def _host(site: Site) -> str:
    return urlsplit(site.url).hostname or "localhost"


def _reader(site: Site) -> Recipient:
    """Return somebody who is not there, with links that lead nowhere."""
    token, host = "sample-" + "0" * 40, _host(site)
    return Recipient(
        address="reader@example.org",
        unsubscribe_url=f"{site.url}/-/unsubscribe/{token}",
        preferences_url=f"{site.url}/-/preferences/{token}",
        unsubscribe_address=f"unsubscribe+{token}@{host}",
        envelope_sender=f"bounce+{token}@{host}",
        message_seed="preview",
    )
