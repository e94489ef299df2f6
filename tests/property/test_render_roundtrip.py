"""What readers find in a feed is what the store holds: feedparser, reader and feedsmith, in three formats.

Each test reads at least 200 entries. What a format or a reader cannot carry is said where it is left out.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import feedparser
import needs
import pytest
from bs4 import BeautifulSoup
from entry_strategies import issues
from hypothesis import given, settings

from feedsvc.model import FORMATS, Channel, Entry, Format, Site
from feedsvc.render import check_feed, render_entry, render_feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Issue = tuple[Site, Channel, list[Entry]]

at_least_200_entries = settings(max_examples=int(25 * needs.scale()))
full_issues = issues(min_size=9, max_size=10)


def document(format_: Format, issue: Issue) -> bytes:
    """Render the issue and let our own check look at it."""
    site, channel, entries = issue
    written = render_feed(format_, channel, [render_entry(format_, entry, site) for entry in entries], site)
    check_feed(format_, written, len(entries))
    return written


def expected(entry: Entry, site: Site) -> dict[str, Any]:
    """The ten fields of an entry as a perfect reader shows them."""
    return {
        "id": entry.id,
        "title": entry.title,
        "link": site.localise(entry.link) if entry.link else f"{site.entry_url(entry.slug)}",
        "published": entry.published,
        "updated": entry.updated,
        "summary": entry.summary,
        "content": f'<div lang="{entry.language}" dir="{entry.direction}">{site.localise(entry.body_html)}</div>',
        "tags": list(entry.tags),
        "authors": list(entry.authors) or ([site.author] if site.author else []),
        "language": entry.language,
    }


def plain(html: str) -> str:
    """Undo the escaping of a description in RSS, which readers take for HTML."""
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# feedparser


def seen_by_feedparser(entry: Any, read_time: Callable[[str], datetime], summary: str) -> dict[str, Any]:
    """The ten fields as feedparser shows them."""
    return {
        "id": entry.id,
        "title": entry.title,
        "link": entry.link,
        "published": read_time(entry.published),
        "updated": datetime.fromisoformat(entry.updated),
        "summary": summary,
        "content": entry.content[0].value,
        "tags": [tag.term for tag in entry.get("tags", ())],
        "authors": [author.name for author in entry.get("authors", ()) if author],
        "language": entry.content[0].language,
    }


def parse_with_feedparser(written: bytes) -> Any:
    """Read with feedparser; its changes to HTML are off because equality is the question here."""
    result = feedparser.parse(written, sanitize_html=False, resolve_relative_uris=False)
    assert result.bozo == 0, result.bozo_exception
    return result


@at_least_200_entries
@given(full_issues)
def test_feedparser_reads_what_atom_carries(issue: Issue) -> None:
    """All ten fields of every entry survive Atom, and the feed is no bozo."""
    site, _channel, entries = issue
    result = parse_with_feedparser(document(Format.ATOM, issue))
    found = [seen_by_feedparser(entry, datetime.fromisoformat, entry.summary) for entry in result.entries]
    assert found == [expected(entry, site) for entry in entries]
    assert [entry.title_detail.language for entry in result.entries] == [entry.language for entry in entries]


@at_least_200_entries
@given(full_issues)
def test_feedparser_reads_what_rss_carries(issue: Issue) -> None:
    """All ten fields of every entry survive RSS; description is HTML there, and holds the escaped summary."""
    site, _channel, entries = issue
    result = parse_with_feedparser(document(Format.RSS, issue))
    found = [seen_by_feedparser(entry, parsedate_to_datetime, plain(entry.summary)) for entry in result.entries]
    assert found == [expected(entry, site) for entry in entries]
    assert [entry.language for entry in result.entries] == [entry.language for entry in entries]


# reader


def read_with_reader(written: bytes, format_: Format) -> dict[str, Any]:
    """Subscribe to the document as a local file, and return the entries by id."""
    # reader's own copy of feedparser imports a module that its requirements do not bring
    os.environ.setdefault("READER_NO_VENDORED_FEEDPARSER", "1")
    from reader import make_reader

    with TemporaryDirectory() as folder:
        (Path(folder) / FORMATS[format_].file_name).write_bytes(written)
        with make_reader(":memory:", feed_root=folder) as reader:
            reader.add_feed(FORMATS[format_].file_name)
            reader.update_feed(FORMATS[format_].file_name)
            return {entry.id: entry for entry in reader.get_entries()}


def seen_by_reader(entry: Any) -> dict[str, Any]:
    """What reader keeps of an entry: no tags, and sanitised content, which is compared by its text."""
    return {
        "title": entry.title,
        "link": entry.link,
        "published": entry.published,
        "updated": entry.updated,
        "summary": entry.summary or "",
        "content": text_of(entry.content[0].value),
        "language": entry.content[0].language,
        "authors": [author.name for author in entry.authors],
    }


def text_of(html: str) -> str:
    """The text a person sees, without the white space that serialisers differ in."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def expected_by_reader(entry: Entry, site: Site, format_: Format) -> dict[str, Any]:
    """The same fields as the store holds them, less what reader drops in this format."""
    fields = expected(entry, site)
    del fields["id"], fields["tags"]
    fields["content"] = text_of(fields["content"])
    if format_ is not Format.JSON:  # its feedparser side keeps whole seconds and the last author only
        fields["updated"] = entry.updated.replace(microsecond=0)
        fields["authors"] = fields["authors"][-1:]
    return fields


def unreliable_in_reader(entry: Entry, site: Site, format_: Format) -> set[str]:
    """What reader itself changes in RSS, whose titles and authors have no type.

    A title that looks like HTML is taken for HTML and sanitised, and an author is read as mail addresses or as
    several names with commas. Feedparser and feedsmith read both unchanged, see their tests.
    """
    if format_ is not Format.RSS:
        return set()
    author = expected(entry, site)["authors"][-1:]
    has_markup = any(character in entry.title for character in "<&")
    is_plain_name = all(character.isalpha() or character == " " for name in author for character in name)
    return ({"title"} if has_markup else set()) | (set() if is_plain_name else {"authors"})


@pytest.mark.parametrize("format_", Format)
@at_least_200_entries
@given(issue=full_issues)
def test_reader_reads_every_format(format_: Format, issue: Issue) -> None:
    """PyPI's reader takes in every entry with its own id and fields; it has no place for tags."""
    site, _channel, entries = issue
    found = read_with_reader(document(format_, issue), format_)
    assert found.keys() == {entry.id for entry in entries}
    for entry in entries:
        seen, wanted = seen_by_reader(found[entry.id]), expected_by_reader(entry, site, format_)
        if format_ is Format.RSS:
            seen["summary"] = plain(seen["summary"])
        for field in unreliable_in_reader(entry, site, format_):
            del seen[field], wanted[field]
        assert seen == wanted


# The npm package feedsmith


@pytest.fixture(scope="module")
def feedsmith() -> Iterator[Callable[[bytes], Any]]:
    """Ask one long-lived node process with the npm package feedsmith to read documents."""
    needs.npm("feedsmith")
    script = Path(__file__).parents[1] / "integration" / "read_feed.mjs"
    node = subprocess.Popen(
        [needs.tool("node"), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert node.stdin is not None
    assert node.stdout is not None

    def read(written: bytes) -> Any:
        assert node.stdin is not None
        assert node.stdout is not None
        node.stdin.write(json.dumps({"text": written.decode()}) + "\n")
        node.stdin.flush()
        return json.loads(node.stdout.readline())

    yield read
    node.stdin.close()
    assert node.wait(timeout=10) == 0
    node.stdout.close()


def atom_seen_by_feedsmith(entry: Any) -> dict[str, Any]:
    """The ten fields in the shape feedsmith gives an Atom entry."""
    return {
        "id": entry["id"],
        "title": entry["title"]["value"],
        "link": entry["links"][0]["href"],
        "published": datetime.fromisoformat(entry["published"]),
        "updated": datetime.fromisoformat(entry["updated"]),
        "summary": entry.get("summary", {}).get("value", ""),
        "content": entry["content"]["value"],
        "tags": [category["term"] for category in entry.get("categories", ())],
        "authors": [author["name"] for author in entry.get("authors", ())],
        "language": entry["xml"]["lang"],
    }


def rss_seen_by_feedsmith(item: Any) -> dict[str, Any]:
    """The ten fields in the shape feedsmith gives an RSS item."""
    return {
        "id": item["guid"]["value"],
        "title": item["title"],
        "link": item["link"],
        "published": parsedate_to_datetime(item["pubDate"]),
        "updated": datetime.fromisoformat(item["atom"]["updated"]),
        "summary": plain(item.get("description", "")),
        "content": item["content"]["encoded"],
        "tags": [category["name"] for category in item.get("categories", ())],
        "authors": item["dc"].get("creators", []),
        "language": item["dc"]["languages"][0],
    }


def json_seen_by_feedsmith(item: Any) -> dict[str, Any]:
    """The ten fields in the shape feedsmith gives an item of JSON Feed."""
    return {
        "id": item["id"],
        "title": item["title"],
        "link": item["url"],
        "published": datetime.fromisoformat(item["date_published"]),
        "updated": datetime.fromisoformat(item["date_modified"]),
        "summary": item.get("summary", ""),
        "content": item["content_html"],
        "tags": item.get("tags", []),
        "authors": [author["name"] for author in item.get("authors", ())],
        "language": item["language"],
    }


SHAPES = {
    Format.ATOM: ("entries", atom_seen_by_feedsmith),
    Format.RSS: ("items", rss_seen_by_feedsmith),
    Format.JSON: ("items", json_seen_by_feedsmith),
}


@pytest.mark.parametrize("format_", Format)
@at_least_200_entries
@given(issue=full_issues)
def test_feedsmith_reads_every_format(feedsmith: Callable[[bytes], Any], format_: Format, issue: Issue) -> None:
    """The npm parser feedsmith finds all ten fields of every entry."""
    site, _channel, entries = issue
    answer = feedsmith(document(format_, issue))
    assert answer.get("format") == format_, answer
    member, seen = SHAPES[format_]
    assert [seen(item) for item in answer["feed"][member]] == [expected(entry, site) for entry in entries]
