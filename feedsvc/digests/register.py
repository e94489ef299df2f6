"""Who gets digests: people come, go and are forgotten, and nobody comes back against their will."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING
from uuid import uuid4

from feedsvc.digests.addresses import normalise_address
from feedsvc.digests.beginning import cursors_from_here
from feedsvc.errors import SubscriberFieldError
from feedsvc.model import Consent, ConsentEvent, Subscriber, SubscriberState, SuppressionReason, address_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.digests.addresses import Address, AddressHasher
    from feedsvc.digests.wishes import Wish
    from feedsvc.model import Suppression
    from feedsvc.protocols import Clock, ReadUnit, Store, WriteUnit

_REMOVED = "removed by the operator"


class Verdict(Enum):
    """What becomes of somebody whom an operator brings."""

    ADDED = auto()
    KNOWN = auto()
    """Is a subscriber already; what they chose since is not overwritten."""
    SUPPRESSED = auto()
    """Has left, or cannot be reached, and is not brought back."""


@dataclass(frozen=True, slots=True)
class Details:
    """All that is known of an address."""

    address: str
    subscriber: Subscriber | None
    consents: tuple[Consent, ...]
    suppression: Suppression | None


def judge(known: Subscriber | None, suppression: Suppression | None, *, again: bool = False) -> Verdict:
    """Tell what becomes of somebody of whom the store knows this; *again* brings back who had left."""
    if not again and (suppression is not None or (known is not None and known.state is SubscriberState.GONE)):
        return Verdict.SUPPRESSED
    is_active = known is not None and known.state is SubscriberState.ACTIVE and suppression is None
    return Verdict.KNOWN if is_active else Verdict.ADDED


class Register:
    """The subscribers of a site."""

    def __init__(self, store: Store, hasher: AddressHasher, clock: Clock) -> None:
        self._store, self._hash, self._clock = store, hasher, clock

    def add(self, wish: Wish, *, again: bool = False) -> Subscriber:
        """Make somebody an active subscriber, on the operator's word that they agreed.

        Raises:
            SubscriberFieldError: They are one already, or have left and *again* is not set.
        """
        with self._store.writing() as unit:
            verdict = self._verdicts(unit, [wish], again=again)[0]
            if verdict is not Verdict.ADDED:
                raise self._refusal(unit, wish.address, verdict)
            if again:
                unit.lift_suppressions([self._hash(wish.address.key)])
            return self._put(unit, [wish])[0]

    def take_in(self, wishes: Sequence[Wish], *, dry_run: bool = False) -> list[Verdict]:
        """Add people in one transaction, and return what became of each; the first of several with one address counts.

        Args:
            wishes: Who to add.
            dry_run: Only tell.
        """
        if dry_run:
            with self._store.reading() as unit:
                return self._verdicts(unit, wishes)
        with self._store.writing() as unit:
            verdicts = self._verdicts(unit, wishes)
            self._put(unit, [wish for wish, verdict in zip(wishes, verdicts, strict=True) if verdict is Verdict.ADDED])
        return verdicts

    def details(self, found: str) -> Details:
        """Return all that is known of an address.

        Raises:
            SubscriberFieldError: It is no address.
        """
        address = normalise_address(found)
        with self._store.reading() as unit:
            return self._details(unit, address)

    def remove(self, found: str) -> Subscriber:
        """Unsubscribe somebody: the row stays and says that they once agreed, and no import brings them back.

        Raises:
            SubscriberFieldError: Nobody subscribed with this address.
        """
        address = normalise_address(found)
        with self._store.writing() as unit:
            known = unit.subscribers_at([address.key]).get(address.key)
            if known is None:
                fix = "see feedsvc subscribers list; subscribers erase keeps out an address that was never known"
                raise SubscriberFieldError("address", address.text, "nobody subscribed with it", fix)
            self._leave(unit, known, _REMOVED)
        return known

    def withdraw(self, subscriber_id: str, words: str) -> Subscriber | None:
        """Unsubscribe somebody at their own wish, and return what they were; None if nobody has this id.

        Args:
            subscriber_id: Whose wish it is.
            words: How it was said, in one line, for the record of consent.
        """
        with self._store.writing() as unit:
            known = unit.subscribers([subscriber_id]).get(subscriber_id)
            if known is not None:
                self._leave(unit, known, words)
        return known

    def erase(self, found: str) -> Details:
        """Forget all about an address but its keyed hash, and return what was known of it.

        Raises:
            SubscriberFieldError: It is no address.
        """
        address = normalise_address(found)
        with self._store.writing() as unit:
            before = self._details(unit, address)
            if before.subscriber is not None:
                unit.forget_subscribers([before.subscriber.id])
            unit.suppress([self._hash(address.key)], SuppressionReason.ERASED, self._clock())
        return before

    def _leave(self, unit: WriteUnit, known: Subscriber, words: str) -> None:
        """Let somebody go, unless they are gone."""
        if known.state is not SubscriberState.GONE:
            now = self._clock()
            unit.set_subscriber_state([known.id], SubscriberState.GONE)
            unit.suppress([self._hash(address_key(known.address))], SuppressionReason.UNSUBSCRIBED, now)
            unit.add_consents([Consent(known.id, ConsentEvent.WITHDRAWN, now, words)])

    def _details(self, unit: ReadUnit, address: Address) -> Details:
        known = unit.subscribers_at([address.key]).get(address.key)
        consents = () if known is None else tuple(unit.consents_of(known.id))
        address_hash = self._hash(address.key)
        return Details(address.text, known, consents, unit.suppressions([address_hash]).get(address_hash))

    def _verdicts(self, unit: ReadUnit, wishes: Sequence[Wish], *, again: bool = False) -> list[Verdict]:
        hashes = {wish.address.key: self._hash(wish.address.key) for wish in wishes}
        suppressions = unit.suppressions(hashes.values())
        known = unit.subscribers_at(hashes)
        verdicts = {key: judge(known.get(key), suppressions.get(hashes[key]), again=again) for key in hashes}
        seen: set[str] = set()
        return [_first(wish.address.key, seen, verdicts[wish.address.key]) for wish in wishes]

    def _put(self, unit: WriteUnit, wishes: Sequence[Wish]) -> list[Subscriber]:
        now = self._clock()
        known = unit.subscribers_at([wish.address.key for wish in wishes])
        added = [subscriber_of(wish, known.get(wish.address.key), now) for wish in wishes]
        unit.put_subscribers(added)
        unit.add_consents([Consent(one.id, ConsentEvent.GIVEN, now, one.consent) for one in added])
        unit.put_digest_cursors(cursors_from_here(unit, [one.id for one in added], now))
        return added

    def _refusal(self, unit: ReadUnit, address: Address, verdict: Verdict) -> SubscriberFieldError:
        if verdict is Verdict.KNOWN:
            fix = f"see feedsvc subscribers show {address.text}"
            return SubscriberFieldError("address", address.text, "this person is subscribed already", fix)
        suppression = self._details(unit, address).suppression
        reason = suppression.reason if suppression else SuppressionReason.UNSUBSCRIBED
        fix = "if they agreed anew, say so with --again and --consent"
        return SubscriberFieldError("address", address.text, f"this address gets no mail ({reason})", fix)


def _first(key: str, seen: set[str], verdict: Verdict) -> Verdict:
    """Return *verdict* for the first with this *key*, for the next ones that they are known."""
    if key in seen and verdict is Verdict.ADDED:
        return Verdict.KNOWN
    seen.add(key)
    return verdict


def subscriber_of(wish: Wish, known: Subscriber | None, now: datetime) -> Subscriber:
    """Return an active subscriber with this wish; who was known keeps the id, and links in old mails work on."""
    return Subscriber(
        id=known.id if known else str(uuid4()),
        address=wish.address.text,
        language=wish.language,
        schedule=wish.schedule,
        feeds=wish.feeds,
        state=SubscriberState.ACTIVE,
        created=known.created if known else now,
        confirmed=now,
        paused_until=wish.paused_until,
        consent=wish.consent,
    )
