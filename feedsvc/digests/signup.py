"""What people do themselves: ask for digests, confirm it, and change what they want."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feedsvc.digests.beginning import cursors_from_here, cursors_with_feeds
from feedsvc.digests.register import subscriber_of
from feedsvc.model import Consent, ConsentEvent, SubscriberState, SuppressionReason, address_key

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.digests.addresses import AddressHasher
    from feedsvc.digests.wishes import Wish
    from feedsvc.model import Subscriber, Suppression
    from feedsvc.protocols import Clock, ReadUnit, Store

KEEP_UNCONFIRMED = timedelta(days=7)
_ASK_WITHIN = timedelta(days=2)
"""A question that comes later than this is no answer to anything any more."""
_AT_ONCE = 500


class Signup:
    """Double opt-in: who asks gets a question by mail, and digests only after answering it."""

    def __init__(self, store: Store, hasher: AddressHasher, clock: Clock) -> None:
        self._store, self._hash, self._clock = store, hasher, clock

    def ask(self, wish: Wish) -> Subscriber | None:
        """Note that somebody asked for digests, and return who gets a letter about it; None: nobody may.

        Who is active stays as they are, because nobody has proved yet that it is their wish. Only those who
        unsubscribed may come back: addresses that cannot be reached, complained or were erased get no letter.
        """
        with self._store.writing() as unit:
            known = unit.subscribers_at([wish.address.key]).get(wish.address.key)
            suppression = self._suppression(unit, wish.address.key)
            if not _may_return(suppression):
                return None
            if known is not None and known.state is SubscriberState.ACTIVE and suppression is None:
                return known
            now = self._clock()
            pending = replace(
                subscriber_of(wish, known, now),
                state=SubscriberState.PENDING,
                created=now,
                confirmed=known.confirmed if known else None,
                consent="",
            )
            unit.put_subscribers([pending])
        return pending

    def note_question(self, subscriber_id: str, words: str) -> None:
        """Note what became of the question to somebody who asked for digests, if they still wait for it."""
        with self._store.writing() as unit:
            known = unit.subscribers([subscriber_id]).get(subscriber_id)
            if known is not None and known.state is SubscriberState.PENDING:
                unit.add_consents([Consent(known.id, ConsentEvent.ASKED, self._clock(), words)])

    def unasked(self) -> list[Subscriber]:
        """Return who asked for digests a short while ago, and to whom no question has left yet."""
        since, after_id = self._clock() - _ASK_WITHIN, ""
        found: list[Subscriber] = []
        while batch := self._pending(after_id):
            after_id = batch[-1].id
            with self._store.reading() as unit:
                found += [one for one in batch if one.created > since and not _was_asked(unit, one)]
        return found

    def confirm(self, subscriber_id: str, words: str) -> Subscriber | None:
        """Make who asked active, and return them; None if nobody with this id waits for it or did.

        Args:
            subscriber_id: Who confirms.
            words: How that was done, in one line, for the record of consent.
        """
        with self._store.writing() as unit:
            known = unit.subscribers([subscriber_id]).get(subscriber_id)
            if known is None or known.state is not SubscriberState.PENDING:
                return known if known is not None and known.state is SubscriberState.ACTIVE else None
            key = address_key(known.address)
            if not _may_return(self._suppression(unit, key)):
                return None
            now = self._clock()
            active = replace(known, state=SubscriberState.ACTIVE, confirmed=now, consent=words)
            unit.lift_suppressions([self._hash(key)])
            unit.put_subscribers([active])
            unit.add_consents([Consent(known.id, ConsentEvent.GIVEN, now, words)])
            unit.put_digest_cursors(cursors_from_here(unit, [known.id], now))
        return active

    def change(self, subscriber_id: str, wish: Wish) -> Subscriber | None:
        """Give an active subscriber other wishes, and return them; None if nobody active has this id.

        The address and the consent of *wish* are not looked at.
        """
        with self._store.writing() as unit:
            known = unit.subscribers([subscriber_id]).get(subscriber_id)
            if known is None or known.state is not SubscriberState.ACTIVE:
                return None
            changed = replace(
                known,
                language=wish.language,
                schedule=wish.schedule,
                feeds=wish.feeds,
                paused_until=wish.paused_until,
            )
            unit.put_digest_cursors(cursors_with_feeds(unit, known, wish.feeds))
            unit.put_subscribers([changed])
        return changed

    def forget_unconfirmed(self) -> int:
        """Forget who asked seven days ago and never confirmed, and return how many; who had left has left again."""
        before, after_id, forgotten = self._clock() - KEEP_UNCONFIRMED, "", 0
        while batch := self._pending(after_id):
            after_id = batch[-1].id
            late = [one.id for one in batch if one.created <= before]
            if late:
                with self._store.writing() as unit:  # they are read again: one may have confirmed meanwhile
                    still = [one for one in unit.subscribers(late).values() if _waits_since(one, before)]
                    unit.set_subscriber_state([one.id for one in still if one.confirmed], SubscriberState.GONE)
                    unit.forget_subscribers([one.id for one in still if not one.confirmed])
                forgotten += len(still)
        return forgotten

    def _pending(self, after_id: str) -> list[Subscriber]:
        with self._store.reading() as unit:
            return unit.subscriber_batch(after_id, _AT_ONCE, SubscriberState.PENDING)

    def _suppression(self, unit: ReadUnit, key: str) -> Suppression | None:
        address_hash = self._hash(key)
        return unit.suppressions([address_hash]).get(address_hash)


def _may_return(suppression: Suppression | None) -> bool:
    return suppression is None or suppression.reason is SuppressionReason.UNSUBSCRIBED


def _was_asked(unit: ReadUnit, one: Subscriber) -> bool:
    record = unit.consents_of(one.id)
    return any(consent.event is ConsentEvent.ASKED and consent.at >= one.created for consent in record)


def _waits_since(one: Subscriber, before: datetime) -> bool:
    return one.state is SubscriberState.PENDING and one.created <= before
