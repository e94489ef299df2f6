"""Subscribers in plain words, as a table, and as values for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.cli.words import count
from feedsvc.model import Frequency, SubscriberState
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feedsvc.digests import Details, ImportReport, RowFault
    from feedsvc.model import Consent, DigestSchedule, Subscriber, Suppression

LIST_HEADS = ("state", "address", "language", "digest", "feeds")
STATE_COLOURS: Mapping[str, str] = {
    SubscriberState.PENDING: "yellow",
    SubscriberState.ACTIVE: "green",
    SubscriberState.GONE: "bright_black",
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def schedule_words(schedule: DigestSchedule) -> str:
    """Return when digests come, such as ``weekly, on Monday at 07:00 Africa/Cairo``."""
    if schedule.frequency is Frequency.IMMEDIATE:
        return "at once"
    on = {
        Frequency.WEEKLY: f", on {_WEEKDAYS[(schedule.day - 1) % 7]}",
        Frequency.MONTHLY: f", on day {schedule.day}",
    }.get(schedule.frequency, "")
    return f"{schedule.frequency}{on} at {schedule.hour:02}:00 {schedule.zone.key}"


def _feeds(subscriber: Subscriber) -> str:
    return " ".join(subscriber.feeds) or "main"


def list_row(subscriber: Subscriber) -> tuple[str, ...]:
    """Return a subscriber in the columns of `LIST_HEADS`."""
    cells = (subscriber.state, subscriber.address, subscriber.language, schedule_words(subscriber.schedule))
    return (*cells, _feeds(subscriber))


def details_lines(details: Details) -> Iterator[str]:
    """Yield what is known of an address, indented below it."""
    known = details.subscriber
    yield f"{details.address}: {known.state if known else 'not subscribed'}"
    if known is not None:
        yield from (f"  {line}" for line in _about(known))
    if details.suppression is not None:
        yield f"  gets no mail: {details.suppression.reason}, since {rfc3339(details.suppression.at)}"
    for consent in details.consents:
        yield f"  consent {consent.event} {rfc3339(consent.at)}: {consent.words}"


def _about(known: Subscriber) -> Iterator[str]:
    yield f"id: {known.id}"
    yield f"language: {known.language}"
    yield f"digest: {schedule_words(known.schedule)}"
    yield f"feeds: {_feeds(known)}"
    yield f"since: {rfc3339(known.created)}"
    if known.paused_until is not None:
        yield f"paused until: {rfc3339(known.paused_until)}"


def import_words(report: ImportReport, *, dry_run: bool) -> str:
    """Return one line about an import."""
    rows = report.added + report.known + report.suppressed + report.faults
    parts = [f"{report.added} {'would be added' if dry_run else 'added'}", f"{report.known} known already"]
    if report.suppressed:
        parts.append(f"{report.suppressed} suppressed, not brought back")
    if report.faults:
        parts.append(f"{report.faults} skipped with a fault")
    return f"{count(rows, 'row', 'rows')}: {', '.join(parts)}"


def subscriber_value(one: Subscriber) -> dict[str, object]:
    """Return a subscriber as JSON values."""
    return {
        "id": one.id,
        "address": one.address,
        "state": one.state,
        "language": one.language,
        "timezone": one.schedule.zone.key,
        "frequency": one.schedule.frequency,
        "hour": one.schedule.hour,
        "day": one.schedule.day,
        "feeds": one.feeds,
        "created": one.created,
        "confirmed": one.confirmed,
        "paused_until": one.paused_until,
        "consent": one.consent,
    }


def details_value(details: Details) -> dict[str, object]:
    """Return all that is known of an address as JSON values."""
    return {
        "address": details.address,
        "subscriber": subscriber_value(details.subscriber) if details.subscriber else None,
        "suppression": _suppression_value(details.suppression) if details.suppression else None,
        "consents": [_consent_value(consent) for consent in details.consents],
    }


def _suppression_value(suppression: Suppression) -> dict[str, object]:
    return {"reason": suppression.reason, "at": suppression.at}


def _consent_value(consent: Consent) -> dict[str, object]:
    return {"event": consent.event, "at": consent.at, "words": consent.words}


def import_value(report: ImportReport, faults: Iterable[RowFault], warnings: Iterable[str]) -> dict[str, object]:
    """Return the report of an import as JSON values."""
    return {
        "added": report.added,
        "known": report.known,
        "suppressed": report.suppressed,
        "faults": [
            {
                "line": fault.line,
                "field": fault.error.field,
                "found": fault.error.found,
                "cause": fault.error.cause,
                "fix": fault.error.fix,
            }
            for fault in faults
        ],
        "warnings": list(warnings),
    }
