"""Single decisions about messages on their way out, told with the cases that operators meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.model import DeliveryResult, OutboxMessage, OutboxState, Reply, Stage, Verdict
from feedsvc.outbox import (
    Breaker,
    BreakerState,
    InDoubt,
    Permission,
    after_result,
    asked,
    claimed,
    doubted,
    is_due,
    may_send_at,
    outcome_of,
    paused,
    permission,
    probing,
    released,
    sent,
    slowed,
    suppressed,
    woken,
)

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BAD_LOGIN = DeliveryResult(Verdict.BLOCKED, Stage.LOGIN, "the mail server refuses the login: 535 5.7.8 no")
ODD_CONTENT = DeliveryResult(Verdict.BLOCKED, Stage.CONTENT, "the mail server refuses the message: 554 spam")
FINE = DeliveryResult(Verdict.ACCEPTED, Stage.CONTENT, "fine")
LATER = DeliveryResult(Verdict.DEFERRED, Stage.RECIPIENT, "later")


def test_a_refused_login_stops_the_run_and_asks_ever_less_often() -> None:
    """The first refusal opens the breaker; each failed probe makes the pause longer; success starts over."""
    breaker, now, pauses = Breaker(), NOW, []
    for _ in range(4):
        breaker = after_result(breaker, BAD_LOGIN, now)
        assert permission(breaker, now) is Permission.NONE
        assert breaker.reason == BAD_LOGIN.reason
        assert breaker.until is not None
        pauses.append((breaker.until - now) / MINUTE)
        now = breaker.until
        assert permission(breaker, now) is Permission.ONE
        breaker = probing(breaker, now)
    assert pauses == [1, 5, 15, 60]
    assert permission(after_result(breaker, FINE, now), now) is Permission.ALL


def test_one_odd_message_does_not_stop_the_run_but_three_in_a_row_do() -> None:
    """Content is judged message by message, so one refusal may be about that one."""
    once = after_result(Breaker(), ODD_CONTENT, NOW)
    twice = after_result(once, ODD_CONTENT, NOW)
    assert permission(twice, NOW) is Permission.ALL
    assert not twice.is_alarming
    assert after_result(twice, FINE, NOW) == Breaker()
    assert after_result(twice, ODD_CONTENT, NOW).state is BreakerState.OPEN


def test_late_results_do_not_lengthen_the_pause() -> None:
    """What was under way on other connections when the breaker opened is refused too, and counts once."""
    breaker = after_result(Breaker(), BAD_LOGIN, NOW)
    assert after_result(breaker, BAD_LOGIN, NOW + MINUTE / 2) == breaker


def test_a_probe_that_meets_a_busy_server_is_repeated_after_the_same_pause() -> None:
    """A deferred probe proves neither that the login works nor that it does not."""
    breaker = probing(after_result(Breaker(), BAD_LOGIN, NOW), NOW + MINUTE)
    again = after_result(breaker, LATER, NOW + MINUTE)
    assert again.state is BreakerState.OPEN
    assert again.until == NOW + 2 * MINUTE


def test_blocked_messages_wait_for_people_in_the_end() -> None:
    """A wrong password over a long weekend loses no digest: after a day the message is held, not failed."""
    message = OutboxMessage("a@b", "r@e")
    for hours in (0, 6, 12, 18, 30):
        at = NOW + timedelta(hours=hours)
        message = outcome_of(claimed(message, "w", MINUTE, at), BAD_LOGIN, InDoubt.RESEND, at).message
    assert message.state is OutboxState.HELD
    back = released(message)
    assert is_due(back, NOW)
    assert (back.attempts, back.first_attempt) == (0, None)


def test_an_overloaded_server_slows_its_domain_down() -> None:
    """421 is told apart from other reasons to wait."""
    message = claimed(OutboxMessage("a@b", "reader@Example.ORG"), "w", MINUTE, NOW)
    busy = DeliveryResult(Verdict.DEFERRED, Stage.SENDER, "421 later", is_overloaded=True)
    assert message.domain == "example.org"
    assert outcome_of(message, busy, InDoubt.RESEND, NOW).is_domain_slow
    assert not outcome_of(message, LATER, InDoubt.RESEND, NOW).is_domain_slow


def test_a_suppressed_message_never_becomes_due() -> None:
    """Whoever unsubscribed between two attempts gets nothing."""
    message = suppressed(OutboxMessage("a@b", "r@e", OutboxState.RETRY, not_before=NOW), "unsubscribed")
    assert message.state is OutboxState.SUPPRESSED
    assert not is_due(message, NOW + timedelta(days=9))


def test_pace_is_halved_by_each_complaint_and_regained_within_the_hour() -> None:
    """From 600 a minute to 300 and 150; complaints within seconds of each other are one."""
    pace = slowed(None, NOW)
    assert pace.rate(NOW) == 300
    assert slowed(pace, NOW + timedelta(seconds=5)).per_minute == 300
    pace = slowed(pace, NOW + timedelta(seconds=10))
    assert pace.rate(NOW + timedelta(seconds=10)) == pytest.approx(150, abs=1)
    following = sent(pace, NOW + MINUTE)
    assert following is not None
    assert following.next_at > NOW + MINUTE
    assert sent(pace, NOW + timedelta(hours=1)) is None


@pytest.mark.parametrize(("status", "is_bounce"), [("5.1.1", True), ("5.2.1", True), ("", True), ("5.2.2", False)])
def test_a_full_mailbox_is_not_dead(status: str, is_bounce: bool) -> None:
    """This digest does not arrive; the next may."""
    refused = DeliveryResult(Verdict.REFUSED, Stage.RECIPIENT, "no", Reply(552, status))
    outcome = outcome_of(claimed(OutboxMessage("a@b", "c@d"), "w", MINUTE, NOW), refused, InDoubt.RESEND, NOW)
    assert (outcome.message.state, outcome.is_bounce) == (OutboxState.FAILED, is_bounce)


def test_whoever_mended_the_fault_need_not_wait() -> None:
    """An open breaker lets a probe through at once; a closed one, or one with a probe under way, stays as it is."""
    stopped = after_result(Breaker(), BAD_LOGIN, NOW)
    assert permission(stopped, NOW) is Permission.NONE
    assert permission(woken(stopped, NOW), NOW) is Permission.ONE
    probe = probing(stopped, NOW)
    assert (woken(probe, NOW), woken(Breaker(), NOW)) == (probe, Breaker())


def test_a_domain_that_is_waited_for_gets_little() -> None:
    """Ten seconds between two messages while one waits; a slower pace stays, and an answer ends it."""
    pace = doubted(None, NOW)
    assert may_send_at(pace, NOW) == NOW + MINUTE / 6
    assert sent(pace, NOW) is None
    slow = replace(slowed(None, NOW), next_at=NOW + MINUTE)
    assert doubted(slow, NOW) == slow


def test_a_silent_domain_is_asked_once_a_minute_until_it_answers() -> None:
    """One message at a time, also while that one is under way; the first answer brings back the full pace."""
    pace = paused(NOW)
    assert may_send_at(pace, NOW) == NOW + MINUTE
    assert may_send_at(asked(pace, NOW + MINUTE), NOW + MINUTE) == NOW + 2 * MINUTE
    assert sent(pace, NOW + MINUTE) is None
