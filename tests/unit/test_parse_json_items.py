"""JSON files: each object is an entry, and a bad one harms no other."""

from __future__ import annotations

import json

import pytest
from parse_helpers import parse

from feedsvc.errors import EntryParseError

ITEM = {"title": "Tram runs", "body": "The tram runs again.", "date": "2026-02-24T10:00:00Z", "tags": ["town", "tram"]}


def fault(text: str, path: str = "a.json") -> EntryParseError:
    """Return why *text* is refused."""
    with pytest.raises(EntryParseError) as caught:
        parse(text, path=path)
    return caught.value


@pytest.mark.parametrize("path", ["a.json", "A.JSON", "a.jsonl"])
def test_object_becomes_an_entry(path: str) -> None:
    """Title, text, date, tags, language and id come from the keys of the same names."""
    item = ITEM | {"language": "ar", "id": 7, "abstract": "Short.", "draft": False}
    (entry,) = parse(json.dumps(item if path == "a.jsonl" else [item]), path=path).entries
    assert (entry.title, entry.summary, entry.tags, entry.declared_id) == ("Tram runs", "Short.", ("town", "tram"), "7")
    assert entry.body_html == "<p>The tram runs again.</p>"
    assert (entry.language, entry.is_draft) == ("ar", False)


def test_paragraphs_are_a_body() -> None:
    """A list of texts is a list of paragraphs, and a title is derived from them."""
    (entry,) = parse('{"paragraphs": ["One fell.", "Two rose."]}', path="a.json").entries
    assert (entry.title, entry.body_html) == ("One fell", "<p>One fell.</p>\n<p>Two rose.</p>")


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_one_bad_item_of_five_hundred(suffix: str) -> None:
    """case-2.60: 499 entries, and a warning with number, line, cause and fix of the one that is left out."""
    items = [ITEM | {"title": f"Item {n}"} for n in range(500)]
    items[41]["date"] = "tomorrow"
    lines = [json.dumps(item) for item in items]
    text = "\n".join(lines) if suffix == "jsonl" else "[" + ",\n".join(lines) + "]"
    parsed = parse(text, path=f"a.{suffix}")
    assert len(parsed.entries) == 499
    (notice,) = parsed.notices
    assert (notice.code, notice.line) == ("W_ITEM", 42)
    assert "item 42 " in notice.message
    assert "E_DATE" in notice.message
    assert "tomorrow" in notice.message


def test_bad_line_of_a_jsonl_file_is_left_out() -> None:
    """A line that is no JSON harms no other line."""
    parsed = parse(f"{json.dumps(ITEM)}\n{{broken\n\n{json.dumps(ITEM)} extra\n[1]", path="a.jsonl")
    assert len(parsed.entries) == 1
    assert [notice.line for notice in parsed.notices] == [2, 4, 5]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("[{}", 1, 4),
        ('[{"title": "a"}\n{"title": "b"}]', 2, 1),
        ('[{"title": "a", "body": "b"},\n]', 1, 29),
        ('[{"title": "a", "body": "b"}] x', 1, 31),
        ('{"title": "a",\n "body": b}', 2, 10),
        ("nothing", 1, 1),
    ],
)
def test_broken_file_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    """Line and column of the first fault are named."""
    error = fault(text)
    assert (error.code, error.line, error.column) == ("E_JSON", line, column)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[" * 100_000, "E_LIMIT", id="case-2.39-depth"),
        pytest.param('[{"title": ' + "[" * 30 + "]" * 30 + "}]", "E_LIMIT", id="depth-30"),
        pytest.param("[{" + ",".join(f'"k{n}": 1' for n in range(100_000)) + "}]", "E_LIMIT", id="case-2.39-keys"),
        pytest.param('[{"date": ' + "9" * 10_000 + "}]", "E_LIMIT", id="case-2.39-number"),
        pytest.param("[" + ",".join(['{"body":"a"}'] * 5_001) + "]", "E_LIMIT", id="too-many"),
        pytest.param("[]", "E_NO_BODY", id="empty"),
        pytest.param('[{"title": "a"}]', "E_NO_BODY", id="no-text"),
        pytest.param('[3, "a"]', "E_JSON", id="no-objects"),
    ],
)
def test_hostile_and_empty_files_are_refused(text: str, code: str) -> None:
    """Each with its own code, whatever its size."""
    assert fault(text).code == code


def test_half_characters_are_replaced() -> None:
    """case-2.26: a lone surrogate becomes U+FFFD, a NUL goes, and a warning names the line."""
    parsed = parse('[{"title": "a\\ud800b", "body": "c\\u0000d"}]', path="a.json")
    assert (parsed.entries[0].title, parsed.entries[0].body_html) == ("a\ufffdb", "<p>cd</p>")
    assert [(notice.code, notice.line) for notice in parsed.notices] == [("W_CTRL", 1)]


def test_ids_and_equal_items() -> None:
    """The second of two equal ids is left out; equal items without ids are two entries."""
    twice = json.dumps([ITEM | {"id": "x"}] * 2)
    assert [notice.code for notice in parse(twice, path="a.json").notices] == ["W_ITEM"]
    assert len({entry.key for entry in parse(json.dumps([ITEM] * 2), path="a.json").entries}) == 2
