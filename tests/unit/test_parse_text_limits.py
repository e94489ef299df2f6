"""Too much of one thing is refused before it costs memory; ordinary large texts are read."""

from __future__ import annotations

import json

import pytest
from parse_helpers import entry, parse

from feedsvc.errors import EntryParseError

MANY = 1_000_000


@pytest.mark.parametrize(
    ("path", "text", "word"),
    [
        pytest.param("a.txt", "a\n\n" * MANY, "lines", id="case-2.16-paragraphs"),
        pytest.param("a.txt", "a\n" * MANY, "lines", id="case-2.16-lines"),
        pytest.param("a.txt", "https://a.b " * 400_000, "addresses", id="addresses"),
        pytest.param("a.txt", "\u202ea " * 60_000, "direction", id="embeddings"),
        pytest.param("a.md", "> " * 100_000 + "a\n", "a hundred quotes", id="quotes"),
        pytest.param("a.md", "a\n\n" + " " + "- " * 100_000 + "a\n", "a hundred quotes", id="lists"),
        pytest.param("a.md", "1. " * 100_000, "a hundred quotes", id="numbers"),
        pytest.param("a.md", "*a* " * MANY, "marks", id="emphasis"),
        pytest.param("a.md", "[" * MANY, "marks", id="brackets"),
        pytest.param("a.md", "x\n\n" + "a://b " * 60_000, "addresses", id="addresses-in-markdown"),
        pytest.param("a.html", "<p>x</p>" + "a://b " * 60_000, "addresses", id="addresses-in-html"),
        pytest.param("a.eml", "From: a@b.example\n\n" + "a\n" * MANY, "lines", id="mail"),
        pytest.param("a.json", json.dumps([{"body": "a\n\n" * 400_000}]), "lines", id="json-body"),
        pytest.param("a.json", json.dumps([{"paragraphs": ["a"] * 400_000}]), "values", id="json-values"),
    ],
)
def test_too_much_of_one_thing_is_refused(path: str, text: str, word: str) -> None:
    """With a sentence that says what there is too much of."""
    parse("A good text.\n", path="b.txt")
    with pytest.raises(EntryParseError, match=word) as caught:
        parse(text, path=path)
    assert (caught.value.code, caught.value.fix) == ("E_LIMIT", "Divide it into several files.")


@pytest.mark.parametrize("path", ["a.txt", "a.md"])
def test_a_large_ordinary_text_is_read(path: str) -> None:
    """Five megabytes of prose with as many marks and addresses as prose has."""
    paragraph = 'He said "no" (see https://town.example/a_b) and went on to the *market*, [there](b).\n' + "word " * 150
    text = "\n\n".join(f"{number}. {paragraph}" for number in range(6_000))
    parsed = entry(f"Headline\n\nLead.\n\n{text}\n", path=path)
    assert parsed.body_html.count("see <a ") == 6_000
    assert parsed.title == "Headline"
