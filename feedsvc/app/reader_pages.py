"""The pages of subscribers: from what somebody asks of a page to what it shows and does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.app.links import reader_links
from feedsvc.app.networks import network_of
from feedsvc.app.reader_forms import first_values, known_values, new_values, read_form, zone_names
from feedsvc.digests.tokens import Purpose
from feedsvc.errors import TokenError
from feedsvc.model import SubscriberState
from feedsvc.render.reader import Notice, ReaderForm, form_page, notice_page, page_language
from feedsvc.web import PageAnswer, PageRequest, ReaderPage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedsvc.app.links import ReaderLinks
    from feedsvc.digests import Defaults, Register, Wish
    from feedsvc.digests.rates import Limiter
    from feedsvc.digests.signup import Signup
    from feedsvc.digests.tokens import Tokens
    from feedsvc.model import Site, Subscriber
    from feedsvc.protocols import Clock, Store

_FULL_RETRY_S = 600


class Offer(NamedTuple):
    """What can be chosen now: defaults, and slugs and titles of all feeds."""

    defaults: Defaults
    feeds: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PageParts:
    """What the pages work with.

    Attributes:
        domain: The domain that bounces come back to.
        offer: Tells what can be chosen.
        ask: Hands over a wish to be confirmed by mail; False if too many wait.
        by_network: How often one network may ask.
        by_address: How often a letter goes to one address.
    """

    site: Site
    domain: str
    store: Store
    register: Register
    signup: Signup
    tokens: Tokens
    offer: Callable[[], Offer]
    ask: Callable[[Wish], bool]
    by_network: Limiter
    by_address: Limiter
    clock: Clock


class SubscriberPages:
    """Answers requests for pages; any thread may call it, several at once."""

    def __init__(self, parts: PageParts) -> None:
        self._parts, self._site = parts, parts.site
        self._pages: dict[ReaderPage, Callable[[PageRequest], PageAnswer]] = {
            ReaderPage.SUBSCRIBE: self._subscribe,
            ReaderPage.CONFIRM: self._confirm,
            ReaderPage.PREFERENCES: self._preferences,
            ReaderPage.UNSUBSCRIBE: self._unsubscribe,
        }

    def __call__(self, request: PageRequest) -> PageAnswer:
        """Return the page that was asked for; a token that is not ours gets one that tells nothing."""
        try:
            return self._pages[request.page](request)
        except TokenError:
            return self._notice(Notice.INVALID, request, None, status=404)

    def _subscribe(self, request: PageRequest) -> PageAnswer:
        offer, language = self._parts.offer(), self._language(request, None)
        if request.form is None:
            form = self._form(offer, new_values(offer.defaults, language), ())
            return PageAnswer(form_page(form, self._site, language))
        wish, faults = read_form(request.form, offer.defaults, self._parts.clock())
        if wish is None:
            values = new_values(offer.defaults, language) | first_values(request.form)
            form = self._form(offer, values, request.form.get("feeds", ()))._replace(faults=faults)
            return PageAnswer(form_page(form, self._site, language), 422)
        return self._asked(request, wish)

    def _asked(self, request: PageRequest, wish: Wish) -> PageAnswer:
        """Hand over a wish; known and unknown addresses get the same answer, before anybody looks which it is."""
        wait_s = self._parts.by_network.wait_s(network_of(request.client))
        may_mail = wait_s == 0 and self._parts.by_address.wait_s(wish.address.key) == 0
        if may_mail and not self._parts.ask(wish):
            wait_s = _FULL_RETRY_S
        language = page_language(wish.language, "", self._site.language)
        if wait_s > 0:
            page = notice_page(Notice.BUSY, self._site, language)
            return PageAnswer(page, 429, retry_after_s=math.ceil(wait_s))
        return PageAnswer(notice_page(Notice.ASKED, self._site, language))

    def _confirm(self, request: PageRequest) -> PageAnswer:
        subscriber_id = self._subject(Purpose.CONFIRM, request)
        if request.form is None:
            known = self._known(subscriber_id)
            if known is None or known.state is SubscriberState.GONE:
                raise TokenError
            return self._notice(Notice.CONFIRM, request, known)
        active = self._parts.signup.confirm(subscriber_id, f"confirmed{_from(request)}")
        if active is None:
            raise TokenError
        return self._notice(Notice.CONFIRMED, request, active, link=self._links(subscriber_id).preferences_url)

    def _preferences(self, request: PageRequest) -> PageAnswer:
        subscriber_id = self._subject(Purpose.PREFERENCES, request)
        known = self._known(subscriber_id)
        if known is None or known.state is not SubscriberState.ACTIVE:
            raise TokenError
        offer, faults, status = self._parts.offer(), frozenset[str](), 200
        values, followed = known_values(known), known.feeds
        if request.form is not None:
            wish, faults = read_form(request.form, offer.defaults, self._parts.clock(), known.address)
            if wish is None:
                values |= first_values(request.form)
                followed, status = tuple(request.form.get("feeds", ())), 422
            else:
                known = self._changed(subscriber_id, wish)
                values, followed = known_values(known), known.feeds
        form = self._form(offer, values, followed)._replace(
            faults=faults,
            is_new=False,
            is_saved=request.form is not None and not faults,
            unsubscribe_url=self._links(subscriber_id).unsubscribe_url,
        )
        return PageAnswer(form_page(form, self._site, known.language), status)

    def _changed(self, subscriber_id: str, wish: Wish) -> Subscriber:
        changed = self._parts.signup.change(subscriber_id, wish)
        if changed is None:  # they left meanwhile
            raise TokenError
        return changed

    def _unsubscribe(self, request: PageRequest) -> PageAnswer:
        """Let somebody go; who is gone already, or was erased, gets the same answer."""
        subscriber_id = self._subject(Purpose.UNSUBSCRIBE, request)
        if request.form is None:
            return self._notice(Notice.LEAVE, request, self._known(subscriber_id))
        known = self._parts.register.withdraw(subscriber_id, f"unsubscribed{_from(request)}")
        return self._notice(Notice.LEFT, request, known)

    def _subject(self, purpose: Purpose, request: PageRequest) -> str:
        return self._parts.tokens.subject_of(purpose, request.token, self._parts.clock())

    def _known(self, subscriber_id: str) -> Subscriber | None:
        with self._parts.store.reading() as unit:
            return unit.subscribers([subscriber_id]).get(subscriber_id)

    def _links(self, subscriber_id: str) -> ReaderLinks:
        return reader_links(self._site.url, self._parts.domain, self._parts.tokens, subscriber_id)

    def _form(self, offer: Offer, values: dict[str, str], followed: Sequence[str]) -> ReaderForm:
        """Return a form; who ticks nothing follows the first feed, which carries everything."""
        return ReaderForm(values, frozenset(followed) or frozenset([offer.feeds[0][0]]), offer.feeds, zone_names())

    def _notice(
        self, notice: Notice, request: PageRequest, known: Subscriber | None, *, status: int = 200, link: str = ""
    ) -> PageAnswer:
        page = notice_page(notice, self._site, self._language(request, known), preferences_url=link)
        return PageAnswer(page, status)

    def _language(self, request: PageRequest, known: Subscriber | None) -> str:
        """Return the language of a page: that of the subscriber's mails, else the one that the browser would like."""
        if known is not None:
            return known.language
        return page_language(request.language, request.accepted, self._site.language)


def _from(request: PageRequest) -> str:
    """Tell for the record of consent from where a page was used; only the network is kept, never a whole address."""
    network = network_of(request.client)
    return f" on the page from {network}" if network else " on the page"
