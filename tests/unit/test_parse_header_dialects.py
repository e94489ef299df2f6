"""Front matter of other programs: what counts as a header, what it says, and how its faults are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parse_helpers import entry, parse

from feedsvc.errors import EntryParseError
from feedsvc.parse.header import Document, split_document

if TYPE_CHECKING:
    from feedsvc.model import Notice


def split(text: str) -> Document:
    """Take *text* apart, whatever it warns of."""
    return split_document(text, [])


HEADERS = [
    pytest.param('+++\ntitle = "A"\n+++\nText.\n', {"title": "A"}, 4, id="toml"),
    pytest.param("+++\n+++\nText.\n", {}, 3, id="toml-empty"),
    pytest.param(
        "+++\ntitle = 'A'\ndate = 2026-02-24T14:30:00Z\nupdated = 2026-02-25\nn = 1.10\nt = 10:30:00\n+++\nText.\n",
        {"title": "A", "date": "2026-02-24T14:30:00+00:00", "updated": "2026-02-25", "n": "1.10", "t": "10:30:00"},
        8,
        id="1.18-toml-scalars",
    ),
    pytest.param(
        "+++\ndraft = true\nnotify = false\nid = 7\ntags = ['#a', 1]\n[extra]\nx = 'y = [[[' # [[\n+++\nText.\n",
        {"draft": "true", "notify": "false", "id": "7", "tags": ["#a", "1"], "extra": {"x": "y = [[["}},
        9,
        id="toml-table",
    ),
    pytest.param('{"title": "A"}\nText.\n', {"title": "A"}, 2, id="json"),
    pytest.param(
        '{\n "x": 1.10, "draft": true,\n "tags": ["#a", null, false], "n": {"k": 2},\n "link": null, "title": "A"\n}\n'
        "\nText.\n",
        {"x": "1.10", "draft": "true", "tags": ["#a", "", "false"], "n": {"k": "2"}, "title": "A"},
        6,
        id="1.18-json-scalars",
    ),
    pytest.param("Title: A\nDate: 2026-02-24\n\nText.\n", {"Title": "A", "Date": "2026-02-24"}, 4, id="pelican"),
    pytest.param("tags: a,\n  b\ntitle: yes: #1\n \nText.\n", {"tags": "a, b", "title": "yes: #1"}, 5, id="2.42-lines"),
    pytest.param(
        ".. title: A\n.. type: text\n.. link:\n\nText.\n", {"title": "A", "type": "text", "link": ""}, 5, id="nikola"
    ),
    pytest.param("<!--\n.. title: A\n-->\nText.\n", {"title": "A"}, 4, id="nikola-comment"),
    pytest.param(
        "#+TITLE: A\n#+DATE: <2026-02-24 Tue 14:30>\nText.\n", {"TITLE": "A", "DATE": "2026-02-24 14:30"}, 3, id="org"
    ),
]


@pytest.mark.parametrize(("text", "values", "line"), HEADERS)
def test_header_is_read(text: str, values: dict[str, object], line: int) -> None:
    """Each dialect gives its keys as texts, and the body begins on the right line of the file."""
    document = split(text)
    assert {item.key: item.value for item in document.items} == values
    assert document.body_line == line
    assert document.body.lstrip("\n") == "Text.\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Note: the minister said\n\nMore.\n", id="2.44-note"),
        pytest.param("title: A\nand a line\n\nMore.\n", id="2.44-prose-below"),
        pytest.param("http://example.org/title: a\n", id="address"),
        pytest.param("title:http://example.org\n", id="no-space"),
        pytest.param("+++\nA rule.\n+++\nText.\n", id="2.41-toml-rule"),
        pytest.param("+++\nText.\n", id="2.41-toml-unclosed-text"),
        pytest.param('{"x": 1}\nText.\n', id="json-unknown"),
        pytest.param('{"title": "A"} is JSON.\n', id="json-in-a-sentence"),
        pytest.param('{"x": oh}\nText.\n', id="json-broken-unknown"),
        pytest.param("{curly} text\n", id="brace"),
        pytest.param("<!--\n.. title: A\nText.\n", id="nikola-open-comment"),
        pytest.param(".. note: A\n\nText.\n", id="nikola-unknown"),
        pytest.param("#+BEGIN_SRC\nText.\n", id="org-other"),
        pytest.param("#+: x:\nText.\n", id="org-no-key"),
    ],
)
def test_text_stays_text(text: str) -> None:
    """What only looks like a header is published as it stands."""
    assert split(text) == Document((), text, 1)


@pytest.mark.parametrize(
    ("text", "code", "place", "fix"),
    [
        pytest.param(
            "+++\nid = '1'\ntitle = Foo: bar\n+++\nx", "E_FRONTMATTER", (3, 9), 'title = "value"', id="1.17-toml"
        ),
        pytest.param('+++\ntitle = "a\\d"\n+++\nx', "E_FRONTMATTER", (2, 13), "backslash", id="2.42-toml-escape"),
        pytest.param("+++\ntitle = 'a'\ntitle = 'b'\n+++\nx", "E_FRONTMATTER", (3, 12), "same key", id="2.43-toml"),
        pytest.param("+++\ntitle = [\n+++\nx", "E_FRONTMATTER", (2, 1), "quotes", id="toml-end"),
        pytest.param("+++\ntitle = 'a'\nwords\n+++\nx", "E_FRONTMATTER", (3, 6), "key = ", id="toml-words"),
        pytest.param("+++\ntitle = 'a'\n\nText.", "E_FRONTMATTER", (1, 1), "+++", id="2.41-toml-unclosed"),
        pytest.param('{"title": "A",\n "date": oh}\nx', "E_FRONTMATTER", (2, 10), "double quotes", id="1.17-json"),
        pytest.param('{"title": "a\\d"}\nx', "E_FRONTMATTER", (1, 13), "backslash", id="2.42-json-escape"),
        pytest.param('{"title": "A"\n "id": "b"}\nx', "E_FRONTMATTER", (2, 2), "comma", id="json-comma"),
        pytest.param('{"title": "A\nText.', "E_FRONTMATTER", (1, 13), "quotation mark", id="json-quote"),
    ],
)
def test_fault_is_told(text: str, code: str, place: tuple[int, int], fix: str) -> None:
    """A broken header is refused with the line and column of the file, and what to do."""
    with pytest.raises(EntryParseError) as caught:
        parse(text)
    error = caught.value
    assert (error.code, (error.line, error.column)) == (code, place)
    assert fix in error.fix


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"title": ' + "[" * 100_000, id="json-depth"),
        pytest.param("{" + ",".join(f'"k{n}": 1' for n in range(100_000)) + "}\n", id="json-keys"),
        pytest.param('{"title": ' + "1" * 10_000 + "}\n", id="json-number"),
        pytest.param('{"title": "' + "a" * 70_000 + '"}\n', id="json-size"),
        pytest.param("+++\ntitle = " + "[" * 60_000 + "\n+++\n", id="toml-depth"),
        pytest.param("+++\n" + "a." * 30_000 + "a = 1\n+++\n", id="toml-dots"),
        pytest.param("+++\n" + "\n".join(f"k{n} = 1" for n in range(5_000)) + "\n+++\n", id="toml-keys"),
        pytest.param("+++\ntitle = " + "1" * 10_000 + "\n+++\n", id="toml-number"),
        pytest.param("+++\ntitle = '" + "1" * 70_000 + "'\n+++\n", id="toml-size"),
        pytest.param("title: A\n" + "k: 1\n" * 200 + "\nText.", id="lines-keys"),
        pytest.param("title: " + "a" * 70_000 + "\n\nText.", id="lines-size"),
    ],
)
def test_limit_holds(text: str) -> None:
    """Rows 1.19 and 2.39: a header that is too large, too deep or too long is refused before it is parsed."""
    with pytest.raises(EntryParseError) as caught:
        split(text)
    assert caught.value.code == "E_LIMIT"


@pytest.mark.parametrize(
    "text", ['{"Title": "B", "title": "A",\n"TITLE": "C"}\nText.', "Title: B\ntitle: A\nTITLE: C\n\nText."]
)
def test_keys_given_twice(text: str) -> None:
    """Row 2.43: the exact spelling wins and the others are told."""
    assert entry(text).title == "A"
    assert [notice.code for notice in parse(text).notices] == ["W_DUP_KEY", "W_DUP_KEY"]


def test_half_a_character_in_json() -> None:
    """Half a character becomes the replacement sign, and the editor is told the line."""
    notices: list[Notice] = []
    document = split_document('{"id": "1",\n"title": "a\\ud83d"}\nText.\n', notices)
    assert [item.value for item in document.items] == ["1", "a\ufffd"]
    assert [(notice.code, notice.line) for notice in notices] == [("W_CTRL", 2)]
