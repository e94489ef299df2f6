"""Atom documents obey RFC 4287, with jing and our own RELAX NG grammar as the referee."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import needs
import pytest
from entry_strategies import issues
from hypothesis import Phase, given, settings
from lxml import etree
from render_samples import CHANNEL, SITE, document

from feedsvc.model import Format
from feedsvc.render import render_entry, render_feed

if TYPE_CHECKING:
    from pathlib import Path

ATOM = {"a": "http://www.w3.org/2005/Atom"}
GRAMMAR = __file__.replace("test_render_atom_schema.py", "atom.rnc")
GOOD = document(Format.ATOM).decode()


def faults(folder: Path, *documents: str) -> list[list[str]]:
    """Return for each document what is wrong with it: jing's lines, then the rules no grammar can tell."""
    files = [folder / f"{number}.atom" for number in range(len(documents))]
    for file, text in zip(files, documents, strict=True):
        file.write_text(text, encoding="utf-8")
    answer = subprocess.run([needs.tool("jing"), "-c", GRAMMAR, *files], capture_output=True, text=True, check=False)
    lines = answer.stdout.splitlines()
    assert answer.returncode in (0, 1)
    assert all(": error: " in line or ": fatal: " in line for line in lines), answer.stdout
    return [
        [line for line in lines if line.startswith(f"{file}:")] + beyond_grammar(text)
        for file, text in zip(files, documents, strict=True)
    ]


def beyond_grammar(text: str) -> list[str]:
    """RFC 4287 sections 4.1.1 and 4.1.2: what depends on the values of attributes."""
    found = []
    for parent in etree.fromstring(text.encode()).xpath("//a:feed | //a:entry", namespaces=ATOM):
        links = [link for link in parent.iterfind("a:link", ATOM) if link.get("rel", "alternate") == "alternate"]
        kinds = Counter((link.get("type"), link.get("hreflang")) for link in links)
        if any(count > 1 for count in kinds.values()):
            found.append("two alternate links of one type and language")
        content = parent.find("a:content", ATOM)
        if parent.tag.endswith("}entry"):
            if content is None and not links:
                found.append("neither content nor an alternate link")
            if content is not None and content.get("src") and parent.find("a:summary", ATOM) is None:
                found.append("content elsewhere, but no summary")
    return found


def test_a_feed_obeys_the_grammar(tmp_path: Path) -> None:
    """A feed with an English and an Arabic entry, hub link and all, and one without entries, have no fault."""
    empty = render_feed(Format.ATOM, CHANNEL, [], SITE).decode()
    signed = document(Format.ATOM, site=replace(SITE, author="منى"), authors=(), summary="", tags=()).decode()
    assert faults(tmp_path, GOOD, empty, signed) == [[], [], []]


def test_any_feed_obeys_the_grammar(tmp_path: Path) -> None:
    """Whatever parsers hand on, the Atom document has no fault; jing sees many feeds in one go."""
    documents: list[str] = []

    @settings(max_examples=int(30 * needs.scale()), phases=[Phase.generate], database=None)
    @given(issues())
    def collect(issue: tuple) -> None:  # type: ignore[type-arg]
        site, channel, entries = issue
        fragments = [render_entry(Format.ATOM, entry, site) for entry in entries]
        documents.append(render_feed(Format.ATOM, channel, fragments, site).decode())

    collect()
    assert len(documents) >= 30
    assert faults(tmp_path, *documents) == [[] for _ in documents]


ENTRY_ID = "<id>urn:uuid:00000000-0000-4000-8000-000000000001</id>"
SPOILED = {
    "feed without updated": ("<updated>2026-01-03T10:00:00.000007+00:00</updated><author>", "<author>"),
    "time without zone": ("2026-01-02T09:30:00+00:00</published>", "2026-01-02T09:30:00</published>"),
    "time in words": ("2026-01-02T09:30:00+00:00</published>", "Fri, 02 Jan 2026</published>"),
    "entry without id": (ENTRY_ID, ""),
    "entry with two ids": (ENTRY_ID, ENTRY_ID * 2),
    "id that is no URI": (ENTRY_ID, "<id>tram line</id>"),
    "entry without title": ('<title>Council says "yes" &amp; &lt;no&gt;</title>', ""),
    "author without name": ("<author><name>Ada Smith</name></author>", "<author/>"),
    "no author anywhere": (f"<author><name>{SITE.title.replace('&', '&amp;')}</name></author>", ""),
    "CDATA as a type": ('<content type="html">', '<content type="CDATA">'),
    "link without address": ('<link href="https://news.example/entries/tram/" rel="alternate"/>', "<link/>"),
    "tag without term": ('<category term="city"/>', "<category/>"),
    "two alternates alike": (
        '<link href="https://news.example/entries/tram/" rel="alternate"/>',
        '<link href="https://news.example/entries/tram/" rel="alternate"/><link href="https://x.example/"/>',
    ),
    "unknown Atom element": ("<published>", "<pubDate>x</pubDate><published>"),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Let jing look at all spoiled feeds at once."""
    for old, _new in SPOILED.values():
        assert old in GOOD, old
    spoiled = [GOOD.replace(old, new, 1) for old, new in SPOILED.values()]
    return dict(zip(SPOILED, faults(tmp_path_factory.mktemp("spoiled"), *spoiled), strict=True))


@pytest.mark.parametrize("name", SPOILED)
def test_the_referee_sees_faults(name: str, verdicts: dict[str, list[str]]) -> None:
    """Each broken feed is refused, so that a silent referee means something."""
    assert verdicts[name]
