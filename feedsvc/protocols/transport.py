"""What takes messages to the next hop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feedsvc.model import DeliveryResult, Envelope


class Transport(Protocol):
    """Takes finished messages to the next hop, over connections that it keeps.

    A transport belongs to one thread; several threads take one each. It never raises for what servers and networks
    do: that is told in results.
    """

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[DeliveryResult]:
        """Yield what became of each of *envelopes*, in their order.

        The next envelope is taken when the result before it has been, so whoever stops reading stops sending. If no
        connection can be had, the rest of the batch gets the same result without being tried.
        """
        ...

    def close(self) -> None:
        """Say goodbye to the server; a later `send` connects again."""
        ...
