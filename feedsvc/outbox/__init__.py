"""The verb *outbox*: messages on their way out, claimed, handed to a transport, and settled.

Everything but `dispatch` is a pure decision over values, without clock, store or network.
"""

from feedsvc.outbox.backoff import next_attempt
from feedsvc.outbox.breaker import Breaker, BreakerState, Permission, after_result, permission, probing, woken
from feedsvc.outbox.dispatch import Dispatcher, Sending, Turn
from feedsvc.outbox.outcome import (
    InDoubt,
    Outcome,
    claimed,
    held,
    is_due,
    is_lost,
    lost_claim,
    outcome_of,
    released,
    suppressed,
)
from feedsvc.outbox.pace import Pace, asked, doubted, may_send_at, paused, sent, slowed
from feedsvc.outbox.tidying import tidy_outbox

__all__ = [
    "Breaker",
    "BreakerState",
    "Dispatcher",
    "InDoubt",
    "Outcome",
    "Pace",
    "Permission",
    "Sending",
    "Turn",
    "after_result",
    "asked",
    "claimed",
    "doubted",
    "held",
    "is_due",
    "is_lost",
    "lost_claim",
    "may_send_at",
    "next_attempt",
    "outcome_of",
    "paused",
    "permission",
    "probing",
    "released",
    "sent",
    "slowed",
    "suppressed",
    "tidy_outbox",
    "woken",
]
