"""Bulletins: one file, many entries, divided as its header says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parse_helpers import parse

from feedsvc.errors import EntryParseError

if TYPE_CHECKING:
    from feedsvc.model import ParsedEntry


def bulletin(body: str, path: str = "week.txt", **header: str) -> tuple[ParsedEntry, ...]:
    """Return the entries of a bulletin with further *header* lines."""
    lines = "".join(f"{key}: {value}\n" for key, value in header.items())
    return parse(f"---\nprofile: bulletin\n{lines}---\n{body}", path=path).entries


def titles(entries: tuple[ParsedEntry, ...]) -> list[str]:
    """Return the titles of *entries*."""
    return [entry.title for entry in entries]


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [
        pytest.param({}, "One fell.\nTwo rose.\nThree stayed.", ["One fell", "Two rose", "Three stayed"], id="lines"),
        pytest.param({}, "One fell.\n\nTwo rose\nto nine.", ["One fell", "Two rose"], id="paragraphs"),
        pytest.param(
            {"first_line": "lead"}, "The week\nOne fell.\nTwo rose.", ["The week", "Two rose"], id="lead-is-a-title"
        ),
        pytest.param(
            {"first_line": "collection"}, "The week\nOne fell.\nTwo rose.", ["One fell", "Two rose"], id="collection"
        ),
        pytest.param({"first-line": "lead"}, "Only this", ["Only this"], id="lead-alone"),
        pytest.param(
            {"items": "heading", "first_line": "lead"},
            "The week\n# Town\nA tram.",
            ["The week", "Town"],
            id="lead-above-a-heading",
        ),
        pytest.param(
            {"items": "blocks", "first_line": "lead"},
            "The week\n\ntitle: Town\n\nA tram.",
            ["The week", "Town"],
            id="lead-above-a-block",
        ),
        pytest.param(
            {"items": "heading"},
            "# Town\nA tram.\n## Detail\nIt is red.\n# Sea\nA ship.",
            ["Town", "Sea"],
            id="headings-of-one-level",
        ),
        pytest.param({"items": "heading"}, "Before.\n# Town\nA tram.", ["Before", "Town"], id="text-before-a-heading"),
        pytest.param({"items": "heading"}, "# C#\nText.\n# Two ##\nText.", ["C#", "Two"], id="signs-at-the-end"),
        pytest.param({"items": "heading"}, "# One\n# Two\nText.", ["One", "Two"], id="a-headline-alone"),
        pytest.param(
            {"items": "heading"}, "# One\nText.\n```\n# no heading\n```\n# Two\nText.", ["One", "Two"], id="code"
        ),
        pytest.param(
            {"items": "separator"},
            "One\nText.\n* * *\nTwo\nText.\n-----\n\n=====\nThree\nText.",
            ["One", "Two", "Three"],
            id="separators",
        ),
    ],
)  # fmt: skip
def test_items_begin_where_the_header_says(header: dict[str, str], body: str, expected: list[str]) -> None:
    """Each way of dividing gives its items in the order of the file."""
    assert titles(bulletin(body, **header)) == expected


def test_name_of_the_file_asks_for_a_bulletin() -> None:
    """A suffix is enough, and the header goes before it."""
    assert titles(parse("One fell.\nTwo rose.", path="week.BULLETIN.txt").entries) == ["One fell", "Two rose"]
    assert len(parse("---\nprofile: article\n---\nOne fell.\nTwo rose.", path="week.bulletin.txt").entries) == 1


def test_markdown_items_are_rendered() -> None:
    """Items of a Markdown file are Markdown."""
    first, second = bulletin("# One\n*Text*.\n\n# Two\n[a](/b)", path="week.md", items="heading")
    assert "<em>Text</em>" in first.body_html
    assert 'href="https://' in second.body_html


def test_header_is_true_of_every_item_except_what_can_be_true_of_one_only() -> None:
    """Tags, author and date are shared; an id, a title or a link is not, and a warning says so."""
    parsed = parse(
        "---\nprofile: bulletin\ntags: town\ndate: 2026-02-24T10:00:00Z\nid: x\ntitle: The week\n---\n"
        "One fell.\nTwo rose."
    )
    assert [(entry.tags, entry.declared_id) for entry in parsed.entries] == [(("town",), None)] * 2
    assert len({entry.published for entry in parsed.entries}) == 1
    assert [notice.message.split()[0] for notice in parsed.notices if notice.code == "W_KEY"] == ["title", "id"]


def test_keys_are_drawn_from_the_text() -> None:
    """An item has the same key wherever it stands, and two equal items have two keys."""
    before = {entry.title: entry.key for entry in bulletin("One fell.\nTwo rose.\nOne fell.")}
    assert len({entry.key for entry in bulletin("One fell.\nTwo rose.\nOne fell.")}) == 3
    after = {entry.title: entry.key for entry in bulletin("Zero came.\nTwo rose.\nOne fell.")}
    assert after["Two rose"] == before["Two rose"]


@pytest.mark.parametrize("key", ["profile", "items", "first_line"])
def test_unknown_word_is_warned_about(key: str) -> None:
    """A word that is not known is named, and the default is taken."""
    parsed = parse(f"---\n{key}: sideways\n---\nOne fell.\nTwo rose.")
    assert [notice.code for notice in parsed.notices] == ["W_PROFILE"]
    assert "sideways" in parsed.notices[0].message


def test_bulletin_without_items_is_refused() -> None:
    """There is nothing to publish, and the sentence says what to do."""
    with pytest.raises(EntryParseError, match="has no items") as caught:
        bulletin("The week", first_line="collection")
    assert caught.value.code == "E_NO_BODY"


def test_too_many_items_are_refused_at_the_line_of_the_first_too_many() -> None:
    """The limit is 5,000 items a file."""
    with pytest.raises(EntryParseError, match="5,001 items") as caught:
        bulletin("\n".join(f"Item {n}." for n in range(5_001)))
    assert (caught.value.code, caught.value.line) == ("E_LIMIT", 5_004)
