"""What templates get to see: every text finished for the form in which it is shown."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.model import Frequency
from feedsvc.render.mail import body
from feedsvc.render.mail.columns import shortened
from feedsvc.render.mail.headers import ascii_url
from feedsvc.render.mail.plain import plain
from feedsvc.render.mail.words import words_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from feedsvc.model import Digest, DigestEntry, Direction
    from feedsvc.render.mail.plain import Form
    from feedsvc.render.mail.words import Words

MAX_TITLE = 300
MAX_SUMMARY = 600
MAX_SUBJECT = 120
_MAX_NAME = 80
_MAX_NAMES = 5
_PREVIEWED = 3
_DOT = " · "
_KNOWN_ENTRIES = 4_096
"""Entries stand in the digests of many people, who rarely read the same ones all."""


class MailEntry(NamedTuple):
    """An entry in a template.

    Attributes:
        start: ``left`` or ``right``: where its lines begin.
        label: The feeds that it is from; empty if all entries are from the same.
        byline: Its authors and its day.
    """

    title: str
    summary: str
    url: str
    language: str
    direction: Direction
    start: str
    label: str
    byline: str


class MailView(NamedTuple):
    """The variables of a template; ``docs/digests.md`` explains them to those who write one."""

    subject: str
    site: str
    site_url: str
    language: str
    direction: Direction
    start: str
    end: str
    label: str
    total: str
    preview: str
    entries: tuple[MailEntry, ...]
    more: str
    more_url: str
    because: str
    preferences: str
    preferences_url: str
    unsubscribe: str
    unsubscribe_url: str


def view_of(digest: Digest, shown: int, slot: str, form: Form) -> MailView:
    """Return what a template in *form* sees of *digest*, of which it shows the first *shown* entries."""
    words = words_of(digest.language)
    direction: Direction = digest.direction if words.language != "en" else "ltr"
    site, is_labelled = site_name(digest), _has_labels(digest)
    left_out = digest.left_out + len(digest.entries) - shown
    return MailView(
        subject=subject_of(digest),
        site=form.insert(site, direction),
        site_url=f"{ascii_url(digest.site.url)}/",
        language=words.language,
        direction=direction,
        start=_start(direction),
        end=_start("ltr" if direction == "rtl" else "rtl"),
        label=_DOT.join((_period_name(digest.period.frequency, words), words.period(digest.period))),
        total=_counted("{n} new entry", "{n} new entries", left_out + shown, words),
        preview=_DOT.join(shortened(plain(each.title), MAX_SUBJECT) for each in digest.entries[1 : 1 + _PREVIEWED]),
        entries=tuple(_entry(each, words, digest.period.zone, form, is_labelled) for each in digest.entries[:shown]),
        more=_counted("{n} more entry on the site", "{n} more entries on the site", left_out, words)
        if left_out
        else "",
        more_url=ascii_url(digest.more_url),
        because=form.sentence(
            words.text("You receive this mail because {address} is subscribed to {site}."),
            address=form.address(slot + body.ADDRESS),
            site=form.insert(site, direction),
        ),
        preferences=words.text("Change feeds, hour or language"),
        preferences_url=slot + body.PREFERENCES,
        unsubscribe=words.text("Unsubscribe"),
        unsubscribe_url=slot + body.UNSUBSCRIBE,
    )


def subject_of(digest: Digest) -> str:
    """Return the subject: the first title, and how many more there are; shortened before anything is encoded."""
    return digest.mark + _subject(digest)


def _subject(digest: Digest) -> str:
    words = words_of(digest.language)
    more = len(digest.entries) + digest.left_out - 1
    title = plain(digest.entries[0].title) if digest.entries else ""
    if not title:
        return shortened(site_name(digest), MAX_SUBJECT)
    if more == 0:
        return shortened(title, MAX_SUBJECT)
    template = words.counted("{title} and {n} more", "{title} and {n} more", more)
    return template.format(title=shortened(title, MAX_SUBJECT), n=words.number(more))


def site_name(digest: Digest) -> str:
    """Return the name of the site on one line, never empty."""
    return shortened(plain(digest.site.title), _MAX_NAME) or "feedsvc"


def sender_name(digest: Digest) -> str:
    """Return the name that mails are from: its own, else that of the site."""
    return shortened(plain(digest.sender.name), _MAX_NAME) or site_name(digest)


@lru_cache(maxsize=_KNOWN_ENTRIES)
def _entry(entry: DigestEntry, words: Words, zone: tzinfo, form: Form, is_labelled: bool) -> MailEntry:
    own = entry.direction
    title = shortened(plain(entry.title), MAX_TITLE)
    day = words.day(entry.published, zone)
    return MailEntry(
        title=form.prose(title or plain(entry.url), own),
        summary=form.prose(shortened(plain(entry.summary), MAX_SUMMARY), own),
        url=ascii_url(entry.url),
        language=entry.language,
        direction=own,
        start=_start(own),
        label=_joined(entry.feeds if is_labelled else (), own, form),
        byline=_joined((*entry.authors[:_MAX_NAMES], day), own, form),
    )


def _has_labels(digest: Digest) -> bool:
    """Tell whether feeds are worth naming: not if all entries are from the same."""
    return any(entry.feeds != digest.entries[0].feeds for entry in digest.entries)


def _joined(names: tuple[str, ...], around: Direction, form: Form) -> str:
    """Return *names* with dots between, each isolated from the others."""
    shown = [shortened(plain(name), _MAX_NAME) for name in names[: _MAX_NAMES + 1]]
    values = [form.insert(name, around) for name in shown if name]
    return form.sentence(_DOT.join(["{}"] * len(values)), *values)


def _counted(one: str, many: str, n: int, words: Words) -> str:
    return words.counted(one, many, n).format(n=words.number(n))


def _period_name(frequency: Frequency, words: Words) -> str:
    match frequency:
        case Frequency.IMMEDIATE:
            return words.text("Just published")
        case Frequency.DAILY:
            return words.text("Daily digest")
        case Frequency.WEEKLY:
            return words.text("Weekly digest")
        case Frequency.MONTHLY:
            return words.text("Monthly digest")


def _start(direction: Direction) -> str:
    return "right" if direction == "rtl" else "left"
