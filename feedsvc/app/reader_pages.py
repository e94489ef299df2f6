"""The pages of subscribers: from what somebody asks of a page to what it shows and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.app.address_secret import load_hasher
from feedsvc.app.networks import network_of
from feedsvc.app.token_keys import load_tokens
from feedsvc.digests import Register
from feedsvc.digests.tokens import Purpose
from feedsvc.errors import TokenError
from feedsvc.render.reader import Notice, notice_page, page_language
from feedsvc.times import utc_now
from feedsvc.web import PageAnswer, PageRequest, ReaderPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedsvc.app.project import Project
    from feedsvc.digests.tokens import Tokens
    from feedsvc.model import Site, Subscriber
    from feedsvc.protocols import Clock, Store
    from feedsvc.store import SqlStore


def open_pages(project: Project, store: SqlStore) -> SubscriberPages:
    """Return the pages of a site.

    Raises:
        FeedsvcError: A secret that they need is lost.
    """
    folder = project.settings.state_folder
    register = Register(store, load_hasher(folder, store), utc_now)
    return SubscriberPages(project.site, store, register, load_tokens(folder))


class SubscriberPages:
    """Answers requests for pages; any thread may call it, several at once."""

    def __init__(self, site: Site, store: Store, register: Register, tokens: Tokens, clock: Clock = utc_now) -> None:
        self._site, self._store, self._register = site, store, register
        self._tokens, self._clock = tokens, clock
        self._pages: dict[ReaderPage, Callable[[PageRequest], PageAnswer]] = {
            ReaderPage.UNSUBSCRIBE: self._unsubscribe,
        }

    def __call__(self, request: PageRequest) -> PageAnswer:
        """Return the page that was asked for; a token that is not ours gets one that tells nothing."""
        try:
            return self._pages[request.page](request)
        except TokenError:
            return self._notice(Notice.INVALID, request, None, status=404)

    def _unsubscribe(self, request: PageRequest) -> PageAnswer:
        """Let somebody go; who is gone already, or was erased, gets the same answer."""
        subscriber_id = self._tokens.subject_of(Purpose.UNSUBSCRIBE, request.token, self._clock())
        if request.form is None:
            return self._notice(Notice.LEAVE, request, self._known(subscriber_id))
        known = self._register.withdraw(subscriber_id, f"unsubscribed{_from(request)}")
        return self._notice(Notice.LEFT, request, known)

    def _known(self, subscriber_id: str) -> Subscriber | None:
        with self._store.reading() as unit:
            return unit.subscribers([subscriber_id]).get(subscriber_id)

    def _notice(
        self, notice: Notice, request: PageRequest, known: Subscriber | None, *, status: int = 200
    ) -> PageAnswer:
        return PageAnswer(notice_page(notice, self._site, self._language(request, known)), status)

    def _language(self, request: PageRequest, known: Subscriber | None) -> str:
        """Return the language of a page: that of the subscriber's mails, else the one that the browser would like."""
        if known is not None:
            return known.language
        return page_language(request.language, request.accepted, self._site.language)


def _from(request: PageRequest) -> str:
    """Tell for the record of consent from where a page was used; only the network is kept, never a whole address."""
    network = network_of(request.client)
    return f" on the page from {network}" if network else " on the page"
