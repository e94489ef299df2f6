"""What an operator does with subscribers, beside a running daemon or without one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from feedsvc import digests
from feedsvc.app.address_secret import load_hasher
from feedsvc.app.project import open_project
from feedsvc.model import Frequency, SubscriberState, address_key
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from feedsvc.app.project import Project
    from feedsvc.model import Subscriber
    from feedsvc.settings import Settings
    from feedsvc.store import SqlStore

_PAGE = 1_000
"""Rows that are read in one go: a view that stays open long keeps the log of the database from being folded in."""


def add_subscriber(settings: Settings, values: Mapping[str, str], *, again: bool = False) -> Subscriber:
    """Add somebody on the operator's word that they agreed.

    Args:
        settings: The settings.
        values: What is said about them, by the names of `digests.COLUMNS`.
        again: Also if they had left.

    Raises:
        SubscriberFieldError: Something said cannot be used, or they are a subscriber already, or had left.
    """
    with _register(settings) as (project, store, register):
        return register.add(digests.read_wish(values, subscriber_defaults(project, store)), again=again)


def import_subscribers(
    settings: Settings,
    table: digests.Table,
    *,
    on_fault: Callable[[digests.RowFault], None],
    on_batch: Callable[[int], None],
    dry_run: bool = False,
    consent: str = "",
) -> digests.ImportReport:
    """Add the people of a table; see `digests.import_table`."""
    with _register(settings) as (project, store, register):
        defaults = subscriber_defaults(project, store)
        return digests.import_table(
            register, table, defaults, on_fault=on_fault, on_batch=on_batch, dry_run=dry_run, consent=consent
        )


def all_subscribers(settings: Settings, state: SubscriberState | None = None) -> Iterator[Subscriber]:
    """Yield all subscribers, or those in one state, in the order of their addresses."""
    with _store(open_project(settings)) as store:
        page = _page(store, "", state)
        while page:
            yield from page
            page = _page(store, address_key(page[-1].address), state)


def export_subscribers(settings: Settings) -> Iterator[str]:
    """Yield the lines of a table of all active subscribers."""
    return digests.export_lines(all_subscribers(settings, SubscriberState.ACTIVE))


def subscriber_details(settings: Settings, address: str) -> digests.Details:
    """Return all that is known of an address.

    Raises:
        SubscriberFieldError: It is no address.
    """
    with _register(settings) as (_, _, register):
        return register.details(address)


def remove_subscriber(settings: Settings, address: str) -> Subscriber:
    """Unsubscribe somebody, and return what they were.

    Raises:
        SubscriberFieldError: Nobody subscribed with this address.
    """
    with _register(settings) as (_, _, register):
        return register.remove(address)


def erase_subscriber(settings: Settings, address: str) -> digests.Details:
    """Forget all about an address but its keyed hash, and return what was known of it.

    Raises:
        SubscriberFieldError: It is no address.
    """
    with _register(settings) as (_, store, register):
        before = register.erase(address)
        store.fold_log()
        return before


def _page(store: SqlStore, after: str, state: SubscriberState | None) -> list[Subscriber]:
    with store.reading() as unit:
        return unit.subscriber_page(after, _PAGE, state)


@contextmanager
def _store(project: Project) -> Iterator[SqlStore]:
    store = project.open_store()
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _register(settings: Settings) -> Iterator[tuple[Project, SqlStore, digests.Register]]:
    project = open_project(settings)
    with _store(project) as store:
        hasher = load_hasher(settings.state_folder, store)
        yield project, store, digests.Register(store, hasher, utc_now)


def subscriber_defaults(project: Project, store: SqlStore) -> digests.Defaults:
    """Return what holds for subscribers who do not say it, with the feeds that there are now."""
    settings = project.settings
    with store.reading() as unit:
        of_folders = {feed.slug for feed in unit.feeds()}
    return digests.Defaults(
        language=settings.site.language,
        zone=ZoneInfo(settings.site.timezone),
        frequency=Frequency(settings.digests.default_frequency),
        hour=settings.digests.default_hour,
        feeds=frozenset({*of_folders, *(feed.slug for feed in project.feeds)}),
    )
