"""What somebody wants who subscribes, from words to values."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feedsvc.digests import Defaults, Wish, read_wish
from feedsvc.errors import SubscriberFieldError
from feedsvc.model import DigestSchedule, Frequency

DEFAULTS = Defaults("ar", ZoneInfo("Africa/Cairo"), Frequency.WEEKLY, 9, frozenset({"main", "news", "أخبار"}))


def read(**values: str) -> Wish:
    """Read what is said beside an address and a consent."""
    return read_wish({"address": "ada@example.org", "consent": "on paper", **values}, DEFAULTS)


def test_what_is_not_said_is_default() -> None:
    """Missing and blank values take language, zone, frequency and hour of the site; no feeds means main."""
    for wish in (read(), read(language=" ", timezone="", frequency="\t", hour="", day="", feeds=" ", paused_until="")):
        assert wish.language == "ar"
        assert wish.schedule == DigestSchedule(Frequency.WEEKLY, ZoneInfo("Africa/Cairo"), 9, 1)
        assert (wish.feeds, wish.paused_until, wish.consent) == ((), None, "on paper")


def test_what_is_said_goes_before_defaults() -> None:
    """Each value is read as people and spreadsheets write it."""
    wish = read(
        language="pt_br",
        timezone=" Europe/Berlin ",
        frequency="Monthly",
        hour="07:00",
        day="31",
        feeds="news, أخبار;news  main",
        paused_until="2026-07-01T02:00:00+02:00",
        consent=" form,\n 3 May ",
    )
    assert wish.language == "pt-BR"
    assert wish.schedule == DigestSchedule(Frequency.MONTHLY, ZoneInfo("Europe/Berlin"), 7, 31)
    assert wish.feeds == ("news", "أخبار", "main")
    assert wish.paused_until == datetime(2026, 7, 1, tzinfo=UTC)
    assert wish.consent == "form, 3 May"


@pytest.mark.parametrize(
    ("column", "text", "fix"),
    [
        ("language", "english please", "a tag such as en"),
        ("timezone", "Europe/Berln", "did you mean Europe/Berlin?"),
        ("timezone", "europe/berlin", "did you mean Europe/Berlin?"),
        ("timezone", "new york", "did you mean America/New_York?"),
        ("timezone", "../../etc/passwd", "a name such as"),
        ("timezone", "America", "did you mean"),
        ("timezone", "\0", "a name such as"),
        ("frequency", "dayly", "did you mean daily?"),
        ("frequency", "42", "immediate, daily, weekly, monthly"),
        ("hour", "24", "from 0 to 23"),
        ("hour", "7:30", "from 0 to 23"),
        ("hour", "-1", "from 0 to 23"),
        ("hour", "٧", "from 0 to 23"),
        ("day", "8", "1 (Monday) to 7 (Sunday)"),
        ("day", "0", "1 (Monday) to 7 (Sunday)"),
        ("day", "Monday", "1 (Monday) to 7 (Sunday)"),
        ("feeds", "main nwes", "did you mean news?"),
        ("feeds", "zzz", "known are main, news, أخبار"),
        ("paused_until", "2026-07-01", "2026-07-01T00:00:00Z"),
        ("paused_until", "next week", "2026-07-01T00:00:00Z"),
        ("paused_until", "0001-01-01T00:00:00+14:00", "2026-07-01T00:00:00Z"),
        ("consent", " \n ", "who agreed, when, where"),
        ("consent", "a\0b", "take that out"),
        ("consent", "x" * 1001, "shorten it"),
    ],
)
def test_each_wrong_value_is_told_with_its_column_and_a_fix(column: str, text: str, fix: str) -> None:
    """The sentence names the column and says what would be right."""
    with pytest.raises(SubscriberFieldError) as caught:
        read(**{column: text})
    assert caught.value.field == column
    assert fix in caught.value.fix
    assert str(caught.value).isprintable()


def test_a_day_of_the_month_is_no_fault_for_other_frequencies() -> None:
    """Who changes from monthly to daily keeps the day for later."""
    assert read(frequency="daily", day="31").schedule.day == 31
