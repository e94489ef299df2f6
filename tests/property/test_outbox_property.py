"""What holds for every message, result and moment on the way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import DeliveryResult, OutboxMessage, OutboxState, Stage, Verdict
from feedsvc.outbox import (
    Breaker,
    BreakerState,
    InDoubt,
    Permission,
    after_result,
    claimed,
    is_due,
    is_lost,
    lost_claim,
    may_send_at,
    next_attempt,
    outcome_of,
    permission,
    probing,
    sent,
    slowed,
)
from feedsvc.outbox.backoff import LIFETIME, STEPS
from feedsvc.outbox.breaker import PROBE_LEASE
from feedsvc.outbox.pace import FULL_PER_MINUTE, LOWEST_PER_MINUTE, RECOVERY, Pace

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(minutes=10)
IDS = st.text(min_size=1, max_size=40)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PAUSES = st.timedeltas(timedelta(0), timedelta(days=3))
RESULTS = st.builds(
    DeliveryResult,
    verdict=st.sampled_from(Verdict),
    stage=st.sampled_from(Stage),
    reason=st.text(min_size=1, max_size=5),
    is_overloaded=st.booleans(),
)
SETTINGS = st.sampled_from(InDoubt)


@given(IDS, MOMENTS, st.lists(PAUSES, max_size=40))
def test_attempts_come_later_and_later_and_end(message_id: str, start: datetime, delays: list[timedelta]) -> None:
    """However late the worker is: each pause is that of its step give or take a fifth, cut at the end of the day."""
    now, end = start, start + LIFETIME
    for attempts, delay in enumerate(delays, start=1):
        at = next_attempt(message_id, attempts, start, now)
        assert at == next_attempt(message_id, attempts, start, now), "drawn, not thrown"
        if at is None:
            assert now >= end
            assert attempts >= len(STEPS)
            return
        step = STEPS[min(attempts, len(STEPS)) - 1]
        assert step * 0.8 <= at - now <= step * 1.2 or at == end
        assert at <= end or now >= end
        now = at + delay


@given(IDS)
def test_a_punctual_worker_tries_for_exactly_a_day(message_id: str) -> None:
    """The last attempt is made when the day is over, not hours before."""
    now, attempts = START, 1
    while (at := next_attempt(message_id, attempts, START, now)) is not None:
        now, attempts = at, attempts + 1
    assert now == START + LIFETIME
    assert 9 <= attempts <= 12


@given(st.lists(IDS, min_size=200, max_size=200, unique=True))
@settings(max_examples=10)
def test_messages_that_fail_together_come_back_spread_out(message_ids: list[str]) -> None:
    """After an outage no crowd arrives in the same second."""
    returns = {next_attempt(message_id, 5, START, START) for message_id in message_ids}
    assert len({at.replace(microsecond=0) for at in returns if at}) > 180


@given(SETTINGS, st.lists(st.tuples(RESULTS | st.none(), PAUSES), max_size=60))
def test_a_message_is_always_somewhere_and_its_story_ends_once(
    in_doubt: InDoubt, story: list[tuple[DeliveryResult | None, timedelta]]
) -> None:
    """Due, claimed, settled: whatever happens, and also if the worker dies (no result).

    What was accepted or refused is never due again; with `hold`, what may have left is never sent by itself.
    """
    message, now = OutboxMessage("a@b", "reader@Example.ORG"), START
    for result, delay in story:
        if not is_due(message, now):
            assert message.state is not OutboxState.SENDING
            if message.state is not OutboxState.RETRY:
                break
            assert message.not_before is not None
            now = max(now, message.not_before)
        message = claimed(message, "worker-1", LEASE, now)
        assert not is_due(message, now + delay)
        assert is_lost(message, now + delay) == (delay >= LEASE)
        now += delay
        is_doubtful = result is None or result.verdict is Verdict.IN_DOUBT
        message = (
            lost_claim(message, in_doubt) if result is None else outcome_of(message, result, in_doubt, now).message
        )
        assert (message.owner, message.lease_until) == ("", None)
        assert message.state is not OutboxState.SENDING
        if in_doubt is InDoubt.HOLD and is_doubtful:
            assert message.state is OutboxState.HELD
        if result is None and in_doubt is InDoubt.RESEND:
            assert is_due(message, now)


@given(RESULTS, SETTINGS, st.integers(1, 30), PAUSES)
def test_only_a_refused_recipient_is_to_blame(
    result: DeliveryResult, in_doubt: InDoubt, attempts: int, age: timedelta
) -> None:
    """Each verdict leads to its own states, and no other verdict counts against an address."""
    message = OutboxMessage("a@b", "r@e", OutboxState.SENDING, attempts, START, owner="w", lease_until=START + LEASE)
    outcome = outcome_of(message, result, in_doubt, START + age)
    allowed = {
        Verdict.ACCEPTED: {OutboxState.SENT},
        Verdict.REFUSED: {OutboxState.FAILED},
        Verdict.DEFERRED: {OutboxState.RETRY, OutboxState.FAILED},
        Verdict.BLOCKED: {OutboxState.RETRY, OutboxState.HELD},
        Verdict.IN_DOUBT: {OutboxState.RETRY, OutboxState.HELD},
    }
    assert outcome.message.state in allowed[result.verdict]
    assert outcome.is_bounce == (result.verdict is Verdict.REFUSED)
    assert (outcome.message.not_before is not None) == (outcome.message.state is OutboxState.RETRY)
    assert outcome.message.reason == result.reason
    assert (outcome.message.id, outcome.message.recipient) == ("a@b", "r@e")


@given(st.lists(st.tuples(RESULTS, PAUSES), max_size=40))
def test_a_breaker_lets_one_message_through_or_all(story: list[tuple[DeliveryResult, timedelta]]) -> None:
    """Closed means all, open means none before a probe is due, and one accepted message closes it."""
    breaker, now = Breaker(), START
    for result, delay in story:
        may = permission(breaker, now)
        assert (may is Permission.ALL) == (breaker.state is BreakerState.CLOSED)
        if may is Permission.ONE:
            breaker = probing(breaker, now)
            assert permission(breaker, now) is Permission.NONE, "one probe at a time"
            assert permission(breaker, now + PROBE_LEASE) is Permission.ONE, "a lost probe does not close the way"
        before = breaker
        breaker = after_result(breaker, result, now)
        if result.verdict is Verdict.ACCEPTED:
            assert breaker == Breaker()
        elif before.state is not BreakerState.CLOSED:
            assert breaker.is_alarming
            assert breaker.until is not None
            assert breaker.until <= now + STEPS[-1] or breaker == before
        else:
            assert breaker.is_alarming <= (result.verdict is Verdict.BLOCKED)
        assert breaker.is_alarming == (breaker.reason != "")
        now += delay


@given(st.lists(st.tuples(st.booleans(), st.timedeltas(timedelta(0), timedelta(hours=2))), max_size=60))
def test_pace_stays_between_lowest_and_full(story: list[tuple[bool, timedelta]]) -> None:
    """It never stops a domain for more than a minute a message, and never sends faster than its rate."""
    pace: Pace | None = None
    now, last = START, None
    for is_complaint, delay in story:
        now = may_send_at(pace, now + delay)
        if pace is not None and last is not None and last >= pace.since:
            assert now - last >= timedelta(minutes=1 / FULL_PER_MINUTE)
        last = now
        before = pace
        pace = slowed(pace, now) if is_complaint else sent(pace, now)
        if pace is not None:
            assert LOWEST_PER_MINUTE <= pace.rate(now) <= FULL_PER_MINUTE
            assert now <= pace.next_at <= now + timedelta(minutes=1)
            assert pace.rate(now + RECOVERY) == FULL_PER_MINUTE
        if is_complaint:
            assert pace is not None
            assert before is None or pace.since < now or pace.per_minute <= max(before.rate(now) / 2, LOWEST_PER_MINUTE)
