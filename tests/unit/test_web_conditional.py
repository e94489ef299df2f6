"""Validators of a request: reading them and deciding."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from feedsvc.web.conditional import Conditions, EntityTag, Verdict, decide, parse_http_date, parse_tags

STRONG, WEAK = EntityTag("a"), EntityTag("a", is_weak=True)
MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
MOMENT_S = 784111777


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('"a"', [STRONG]),
        ('W/"a"', [WEAK]),
        ('"a", W/"a"', [STRONG, WEAK]),
        (' \t"a"\t,,  ,"b" ', [STRONG, EntityTag("b")]),
        ('"a,b"', [EntityTag("a,b")]),
        ('""', [EntityTag("")]),
        ('"é"', [EntityTag("é")]),
        ("a", []),
        ('w/"a"', []),
        ('"a" "b"', []),
        ('oops, "a"', [STRONG]),
        ('"a", "open', [STRONG]),
        ('*, "a"', [STRONG]),
        ("", []),
    ],
)
def test_tags_are_read(text: str, tags: list[EntityTag]) -> None:
    """Lists as RFC 9110 section 8.8.3 has them; what is no tag is passed over and harms no other."""
    assert parse_tags(text).tags == tuple(tags)
    assert not parse_tags(text).is_any


@pytest.mark.parametrize("text", ["*", " * "])
def test_star_is_any(text: str) -> None:
    """A star alone stands for every tag."""
    assert parse_tags(text).has_strongly(STRONG)
    assert parse_tags(text).has_weakly(WEAK)


@pytest.mark.parametrize(
    ("one", "other", "is_strong_match", "is_weak_match"),
    [
        ('W/"1"', EntityTag("1", is_weak=True), False, True),
        ('W/"1"', EntityTag("2", is_weak=True), False, False),
        ('W/"1"', EntityTag("1"), False, True),
        ('"1"', EntityTag("1"), True, True),
    ],
)
def test_comparison(one: str, other: EntityTag, is_strong_match: bool, is_weak_match: bool) -> None:
    """The table of RFC 9110 section 8.8.3.2."""
    assert parse_tags(one).has_strongly(other) is is_strong_match
    assert parse_tags(one).has_weakly(other) is is_weak_match


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_three_forms_of_a_date(text: str) -> None:
    """The three examples of RFC 9110 section 5.6.7 mean the same second."""
    assert parse_http_date(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun Nov  0 08:49:37 1994",
        "1994-11-06T08:49:37Z",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
    ],
)
def test_garbage_is_no_date(text: str) -> None:
    """Whatever is none of the three forms counts as absent."""
    assert parse_http_date(text) is None


def test_leap_second() -> None:
    """Second 60 is valid and means the end of its minute."""
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(("digits", "year"), [("26", 2026), ("00", 2000), ("76", 2076), ("77", 1977), ("99", 1999)])
@time_machine.travel("2026-11-24T00:00:00Z", tick=False)
def test_two_digit_years(digits: str, year: int) -> None:
    """More than 50 years ahead means the last century."""
    assert parse_http_date(f"Sunday, 06-Nov-{digits} 08:49:37 GMT") == MOMENT.replace(year=year)


@pytest.mark.parametrize(
    ("conditions", "verdict"),
    [
        (Conditions(), Verdict.PROCEED),
        (Conditions(if_none_match='"a"'), Verdict.NOT_MODIFIED),
        (Conditions(if_none_match=""), Verdict.PROCEED),
        (Conditions(if_none_match="", if_modified_since="Sun, 06 Nov 1994 08:49:37 GMT"), Verdict.PROCEED),
        (Conditions(if_modified_since="Sun, 06 Nov 1994 08:49:37 GMT"), Verdict.NOT_MODIFIED),
        (Conditions(if_modified_since="Sun, 06 Nov 1994 08:49:36 GMT"), Verdict.PROCEED),
        (Conditions(if_match=""), Verdict.PRECONDITION_FAILED),
        (Conditions(if_match='"a"', if_none_match='"a"'), Verdict.NOT_MODIFIED),
        (Conditions(if_match='W/"a"'), Verdict.PRECONDITION_FAILED),
        (Conditions(if_unmodified_since="Sun, 06 Nov 1994 08:49:36 GMT"), Verdict.PRECONDITION_FAILED),
        (Conditions(if_unmodified_since="garbage", if_none_match="*"), Verdict.NOT_MODIFIED),
    ],
)
def test_decision(conditions: Conditions, verdict: Verdict) -> None:
    """The steps of RFC 9110 section 13.2.2."""
    assert decide(conditions, STRONG, MOMENT_S) is verdict
