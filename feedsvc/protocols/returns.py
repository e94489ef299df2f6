"""What is asked of the store about digests that came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.model import ReturnedDigest


class ReturnReads(Protocol):
    """What a view tells about digests that came back; part of every `ReadUnit`."""

    def returned_digests(self, subscriber_id: str) -> list[ReturnedDigest]:
        """Return the digests of a subscriber that came back, in the order in which they were sent."""
        ...

    def last_delivered(self, subscriber_id: str, before: datetime) -> datetime | None:
        """Return when the newest digest that was sent *before* a moment, and did not come back, was sent."""
        ...


class ReturnWrites(Protocol):
    """What the writing transaction does with digests that came back; part of every `WriteUnit`."""

    def put_returned_digests(self, new: Sequence[ReturnedDigest]) -> None:
        """Insert or replace digests that came back, by subscriber and digest."""
        ...

    def forget_returned_digests(self, subscriber_id: str, until: datetime | None = None) -> None:
        """Forget which digests of a subscriber came back: all, or those sent *until* a moment."""
        ...

    def forget_old_returns(self, before: datetime) -> None:
        """Forget which digests that were sent *before* a moment came back, to whomever they were sent."""
        ...
