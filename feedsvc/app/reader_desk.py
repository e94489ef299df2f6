"""Builds what serves subscribers: their pages, and the thread that writes to those who ask."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from feedsvc.app.address_secret import load_hasher
from feedsvc.app.letters import Letters
from feedsvc.app.links import confirm_url, reader_links
from feedsvc.app.mail import envelope_domain, load_signer, open_transport, sender_address
from feedsvc.app.project import MAIN
from feedsvc.app.reader_pages import Offer, PageParts, SubscriberPages
from feedsvc.app.subscribers import subscriber_defaults
from feedsvc.app.token_keys import load_tokens
from feedsvc.digests import Register
from feedsvc.digests.rates import Limiter, Rate
from feedsvc.digests.signup import Signup
from feedsvc.model import Envelope, SubscriberState, folder_feed
from feedsvc.render.mail.headers import header_address
from feedsvc.render.reader import Letter, render_letter
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedsvc.app.project import Project
    from feedsvc.digests.tokens import Tokens
    from feedsvc.model import Subscriber
    from feedsvc.protocols import Clock
    from feedsvc.store import SqlStore

BY_NETWORK = Rate(burst=20, every_s=60)
BY_ADDRESS = Rate(burst=3, every_s=3_600)


class ReaderDesk(NamedTuple):
    """The pages of subscribers, and the thread behind them, which is not started yet."""

    pages: SubscriberPages
    letters: Letters


def open_desk(project: Project, store: SqlStore, clock: Clock = utc_now) -> ReaderDesk:
    """Return what serves the subscribers of a site.

    Raises:
        FeedsvcError: A secret that is needed is lost.
    """
    settings = project.settings
    signer = load_signer(settings)
    hasher, tokens = load_hasher(settings.state_folder, store), load_tokens(settings.state_folder)
    signup = Signup(store, hasher, clock)
    letters = Letters(signup, _letter_maker(project, tokens, clock), lambda: open_transport(settings, signer))
    parts = PageParts(
        site=project.site,
        domain=envelope_domain(settings.mail),
        store=store,
        register=Register(store, hasher, clock),
        signup=signup,
        tokens=tokens,
        offer=lambda: _offer(project, store),
        ask=letters.ask,
        by_network=Limiter(BY_NETWORK, time.monotonic),
        by_address=Limiter(BY_ADDRESS, time.monotonic),
        clock=clock,
    )
    return ReaderDesk(SubscriberPages(parts), letters)


def _letter_maker(project: Project, tokens: Tokens, clock: Clock) -> Callable[[Subscriber], Envelope]:
    """Return what makes the letter to somebody who asked."""
    mail, site_url = project.settings.mail, project.site.url

    def letter_to(person: Subscriber) -> Envelope:
        links = reader_links(site_url, envelope_domain(mail), tokens, person.id)
        is_known, now = person.state is SubscriberState.ACTIVE, clock()
        letter = Letter(
            id=uuid4().hex,
            site=project.site.title,
            sender=sender_address(mail),
            sender_name=mail.from_name or project.site.title,
            recipient=person.address,
            language=person.language,
            link=links.preferences_url if is_known else confirm_url(site_url, tokens, person.id, now),
            made=now,
            is_known=is_known,
        )
        return Envelope(links.envelope_sender, header_address(person.address), render_letter(letter))

    return letter_to


def _offer(project: Project, store: SqlStore) -> Offer:
    """Return what can be chosen now, the main feed first."""
    with store.reading() as unit:
        known = {record.slug: folder_feed(record.folder or record.slug, record.slug) for record in unit.feeds()}
    known |= {feed.slug: feed for feed in project.feeds}
    feeds = sorted(known.values(), key=lambda feed: (feed.slug != MAIN, feed.title.casefold()))
    return Offer(subscriber_defaults(project, store), [(feed.slug, feed.title) for feed in feeds])
