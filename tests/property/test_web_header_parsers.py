"""Parsers of request headers and targets, for any input at all."""

from __future__ import annotations

import os.path
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.web.conditional import (
    Conditions,
    EntityTag,
    TagList,
    Verdict,
    decide,
    parse_http_date,
    parse_tags,
)
from feedsvc.web.negotiation import Coding, choose_coding, parse_weights
from feedsvc.web.targets import file_path, public_url

LATIN_1 = st.text(st.characters(max_codepoint=255), max_size=200) | st.text('W/"*, \t;=q.0159abc', max_size=60)
OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=255, exclude_characters='"\x7f'), max_size=20).filter(
    lambda text: all(c < "\x7f" or c >= "\x80" for c in text)
)
TAGS = st.lists(st.builds(EntityTag, OPAQUE, st.booleans()), max_size=6).map(tuple)
CURRENT = EntityTag("0123-gz")


def format_tags(tags: TagList) -> str:
    return "*" if tags.is_any else ", ".join(map(str, tags.tags))


@given(text=LATIN_1)
@example(text=" " * 300_000 + "x")
@example(text='"' + "a" * 300_000)
@example(text='"a,' * 100_000)
@example(text="," * 300_000)
def test_any_header_is_answered(text: str) -> None:
    """No header value raises, and none takes more than linear time (the long examples would never end)."""
    assert isinstance(parse_tags(text), TagList)
    assert parse_http_date(text) is None
    assert all(0 <= weight <= 1 for weight in parse_weights(text).values())
    assert choose_coding(text, is_gzip_worth_it=True) in (Coding.IDENTITY, Coding.GZIP, None)
    assert decide(Conditions(text, text, text, text), CURRENT, 0) in Verdict


@given(tags=TAGS)
def test_tag_lists_come_back(tags: tuple[EntityTag, ...]) -> None:
    """What is written as a list is read as that list."""
    assert parse_tags(format_tags(TagList(tags))) == TagList(tags)


def test_star_comes_back() -> None:
    """The star is written and read as itself."""
    assert parse_tags(format_tags(TagList((), is_any=True))).is_any


@given(tags=TAGS, place=st.integers(0, 6))
def test_a_known_tag_is_found_anywhere(tags: tuple[EntityTag, ...], place: int) -> None:
    """Wherever in the list the present tag stands, the answer is 304."""
    listed = format_tags(TagList((*tags[:place], CURRENT, *tags[place:])))
    assert decide(Conditions(if_none_match=listed), CURRENT, 0) is Verdict.NOT_MODIFIED


@given(moment=st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001
def test_dates_come_back(moment: datetime) -> None:
    """Every whole second that the standard library writes as an HTTP date is read as that second."""
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_http_date(format_datetime(moment, usegmt=True)) == moment


@given(raw=st.binary(max_size=80) | st.text("./%25cCeEfF0\\a", max_size=40).map(str.encode))
def test_no_target_leaves_the_folder(raw: bytes) -> None:
    """Whatever the target is, the file lies below the root and no part of its path is hidden."""
    path = file_path(b"/" + raw)
    if path is not None:
        assert os.path.normpath(f"/srv/{path}") == f"/srv/{path}"
        assert not any(part.startswith(".") for part in path.split("/"))
        assert "\0" not in path


@given(slug=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1, max_size=30))
def test_published_slugs_are_reached(slug: str) -> None:
    """The address that is published for a slug in any script leads to its page."""
    if not slug.startswith("."):
        url = public_url("", f"entries/{slug}/index.html")
        assert url == f"/entries/{quote(slug)}/"
        assert file_path(url.encode("ascii")) == f"entries/{slug}/index.html"
