"""Which entries a feed selects."""

from __future__ import annotations

import pytest

from feedsvc.model import FORMATS, Feed, Format, feeds_of, folder_feed


@pytest.mark.parametrize(
    ("pattern", "folder", "selected"),
    [
        ("", "", True),
        ("", "news/town", True),
        ("**", "", True),
        ("**", "news", True),
        ("news", "news", True),
        ("news", "news/town", True),
        ("news/", "news/town", True),
        ("news/**", "news", True),
        ("news/**", "news/town/west", True),
        ("news", "", False),
        ("news", "newsroom", False),
        ("news", "old/news", False),
        ("news", "News", False),
        ("news/town", "news", False),
        ("news/town", "news/town", True),
        ("*", "sport", True),
        ("*/town", "news/town", True),
        ("*/town", "news/city", False),
        ("20??", "2026", True),
        ("20??", "2026/03", True),
        ("20??", "20261", False),
        ("[ab]*", "alpha", True),
        ("[ab]*", "gamma", False),
        ("أخبار", "أخبار/محلية", True),
    ],
)
def test_folder_patterns(pattern: str, folder: str, *, selected: bool) -> None:
    """A name takes the folder and all below it, glob characters work, an empty pattern takes everything."""
    assert Feed("f", "F", folder=pattern).selects(folder, (), "en") is selected


@pytest.mark.parametrize("name", ["news [2026]", "what?", "a*b", "[x]", "[!a]", "**", "*", "plain", "a/b [c]/d"])
def test_the_feed_of_a_folder_selects_just_that_folder(name: str) -> None:
    """Glob characters in the name of a real folder mean themselves."""
    feed = folder_feed(name, "slug")
    assert feed.selects(name, (), "en")
    assert feed.selects(f"{name}/below", (), "en")
    assert not feed.selects("", (), "en")
    for other in ("x", "news 2", "whatx", "aXb", "b"):
        assert not feed.selects(other, (), "en")


def test_the_feed_of_a_folder_is_titled_by_its_path() -> None:
    """A sub-folder shows where it lies."""
    assert folder_feed("news/town", "news-town").title == "news / town"
    assert folder_feed("news/town", "news-town").slug == "news-town"


@pytest.mark.parametrize(
    ("wanted", "tags", "selected"),
    [
        ((), (), True),
        ((), ("city",), True),
        (("city",), (), False),
        (("city",), ("City",), True),
        (("CITY", "sport"), ("city", "art"), True),
        (("straße",), ("STRASSE",), True),
        (("city",), ("cities",), False),
        (("نقل",), ("نقل",), True),
    ],
)
def test_one_shared_tag_is_enough(wanted: tuple[str, ...], tags: tuple[str, ...], *, selected: bool) -> None:
    """Tags are compared without regard to capitals; a feed without tags takes all."""
    assert Feed("f", "F", tags=wanted).selects("", tags, "en") is selected


@pytest.mark.parametrize(
    ("wanted", "language", "selected"),
    [
        ((), "ar", True),
        (("ar",), "ar", True),
        (("ar",), "ar-EG", True),
        (("AR",), "ar-eg", True),
        (("ar-EG",), "ar", False),
        (("ar",), "arz", False),
        (("en", "ar"), "ar", True),
        (("en",), "ar", False),
    ],
)
def test_a_language_covers_its_regions(wanted: tuple[str, ...], language: str, *, selected: bool) -> None:
    """A tag takes itself and everything more special (RFC 4647 section 3.3.1), and no other language."""
    assert Feed("f", "F", languages=wanted).selects("", (), language) is selected


def test_all_conditions_must_hold() -> None:
    """Folder, tags and languages are joined by and."""
    feed = Feed("f", "F", folder="news", tags=("city",), languages=("ar",))
    assert feed.selects("news", ("city",), "ar")
    for folder, tags, language in (("x", ("city",), "ar"), ("news", (), "ar"), ("news", ("city",), "en")):
        assert not feed.selects(folder, tags, language)


def test_feeds_of_an_entry_come_in_the_order_of_declaration() -> None:
    """The slugs of exactly the feeds that select the entry."""
    feeds = [Feed("z", "Z"), Feed("ar", "Arabic", languages=("ar",)), Feed("en", "English", languages=("en",))]
    assert feeds_of(feeds, "news", (), "en") == ("z", "en")


def test_every_format_has_a_file_and_a_media_type() -> None:
    """Three formats, three names, three registered or customary types."""
    assert {format_: facts.file_name for format_, facts in FORMATS.items()} == {
        Format.ATOM: "atom.xml",
        Format.RSS: "rss.xml",
        Format.JSON: "feed.json",
    }
    assert len({facts.media_type for facts in FORMATS.values()}) == 3
