"""Messages to a mail server, over a connection that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.deliver.connect import connect
from feedsvc.deliver.session import Session
from feedsvc.model import DeliveryResult, Stage, Verdict
from feedsvc.observe import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feedsvc.deliver.server import SmtpServer
    from feedsvc.model import Envelope

_log = get_logger(__name__)

_BEFORE_MESSAGES = (Stage.CONNECT, Stage.TLS, Stage.LOGIN)


class SmtpTransport:
    """Hands messages to one mail server (RFC 5321); a `feedsvc.protocols.Transport`.

    One message has one recipient, always: people do not see each other, and each has a result of their own.
    """

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._session: Session | None = None
        self._may_pipeline = True

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[DeliveryResult]:
        """Yield what became of each of *envelopes*, in their order."""
        unreachable: DeliveryResult | None = None
        for envelope in envelopes:
            result = unreachable or self._deliver(envelope)
            if result.stage in _BEFORE_MESSAGES:
                unreachable = result
            yield result

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._session is not None:
            self._session.quit()
            self._session = None

    def _deliver(self, envelope: Envelope) -> DeliveryResult:
        session = self._ready_session()
        if isinstance(session, DeliveryResult):
            return session
        result = session.deliver(envelope)
        if session.is_open or session.has_begun:
            return result
        return self._once_more(envelope, session, result)

    def _once_more(self, envelope: Envelope, failed: Session, result: DeliveryResult) -> DeliveryResult:
        """Offer a message again whose content was not begun, where a new connection may do better.

        An old connection may have been closed for its age, and some servers (or what stands before them) do not
        understand the pipelining that they announce.
        """
        is_new = failed.carried == 0
        if is_new and (result.is_overloaded or not failed.is_pipelining):
            return result
        self._may_pipeline = self._may_pipeline and not (is_new or failed.is_out_of_step)
        session = self._ready_session()
        if isinstance(session, DeliveryResult):
            return session
        again = session.deliver(envelope)
        if again.verdict is not Verdict.ACCEPTED and not failed.is_out_of_step:
            self._may_pipeline = True  # it fails without pipelining just as well
        return again

    def _ready_session(self) -> Session | DeliveryResult:
        """Return the kept connection if it may be used, else a new one, or why there is none."""
        server = self._server
        if self._session is not None and self._session.is_fit(server.max_per_connection, server.max_idle_s):
            return self._session
        self.close()
        smtp = connect(server)
        if isinstance(smtp, DeliveryResult):
            return smtp
        self._session = Session(smtp, server.timeout_s, may_pipeline=self._may_pipeline)
        _log.debug("mail.connected", host=server.host, port=server.port, pipelining=self._session.is_pipelining)
        return self._session
