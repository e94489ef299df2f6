"""What is asked of the store about subscribers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from feedsvc.model import Consent, Subscriber, SubscriberState, Suppression, SuppressionReason


class SubscriberReads(Protocol):
    """What a view tells about subscribers; part of every `ReadUnit`."""

    def subscribers(self, ids: Iterable[str]) -> dict[str, Subscriber]:
        """Return the subscribers with these *ids*, by id."""
        ...

    def subscriber_states(self, ids: Iterable[str]) -> dict[str, SubscriberState]:
        """Return the states of the subscribers with these *ids*, by id."""
        ...

    def subscribers_at(self, keys: Iterable[str]) -> dict[str, Subscriber]:
        """Return the subscribers whose address has one of *keys* (`feedsvc.model.address_key`), by key."""
        ...

    def subscriber_batch(self, after_id: str, limit: int, state: SubscriberState | None = None) -> list[Subscriber]:
        """Return the next subscribers with ``id > after_id`` (all states for None), by id, at most *limit*."""
        ...

    def subscriber_page(self, after_key: str, limit: int, state: SubscriberState | None = None) -> list[Subscriber]:
        """Return the same for people: those whose address comes after *after_key*, by key."""
        ...

    def subscriber_counts(self) -> dict[SubscriberState, int]:
        """Return how many subscribers are in each state; states without any are left out."""
        ...

    def suppressions(self, hashes: Iterable[str]) -> dict[str, Suppression]:
        """Return those of the address *hashes* that get no mail, with the reason."""
        ...

    def consents_of(self, subscriber_id: str) -> list[Consent]:
        """Return the record of consent of a subscriber, oldest first."""
        ...


class SubscriberWrites(Protocol):
    """What the writing transaction does with subscribers; part of every `WriteUnit`."""

    def put_subscribers(self, subscribers: Sequence[Subscriber]) -> None:
        """Insert or replace subscribers by id; a key of an address belongs to one of them only (else StoreError).

        The next run looks at them, because what they wish may have changed.
        """
        ...

    def set_subscriber_state(self, ids: Iterable[str], state: SubscriberState) -> None:
        """Put subscribers into *state*; the next run looks at them."""
        ...

    def forget_subscribers(self, ids: Iterable[str]) -> None:
        """Remove subscribers and all that is kept of them; what is known of their addresses is overwritten."""
        ...

    def suppress(self, hashes: Iterable[str], reason: SuppressionReason, at: datetime) -> None:
        """Send nothing to the addresses with these keyed *hashes* any more; a newer reason replaces an older one."""
        ...

    def lift_suppressions(self, hashes: Iterable[str]) -> None:
        """Let the addresses with these *hashes* get mail again."""
        ...

    def add_consents(self, consents: Sequence[Consent]) -> None:
        """Append to the record of consent."""
        ...
