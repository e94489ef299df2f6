"""What holds for every file, however odd: checked on generated ones."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from parse_helpers import parse

from feedsvc.errors import EntryParseError
from feedsvc.parse import slugify, text_of
from feedsvc.parse.bidi import balance_bidi
from feedsvc.parse.clean import one_line
from feedsvc.parse.cut import cut_at_word

if TYPE_CHECKING:
    from feedsvc.model import ParsedEntry, ParsedFile

FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
PATHS = st.sampled_from(["a.txt", "b/ج.md", "2026-11-24-x.markdown", "\udcff/x.md", "9999-99-99.txt"])
PIECES = st.sampled_from(
    [
        "---\n", "\n\n", "title: ", "date: 2026-02-30", "tags: [a", "id: TODO\n", "slug: ../x\n", "&a ", "*a", "!!x ",
        "<script>", "</script>", "<div>", "<!--", "-->", "<img src=x onerror=y>", "[a](javascript:x)", "# ", "- ",
        "\u202e", "\u2066", "\u2069", "\x00", "\x0b", "\ufeff", "&#x1;", "&#x202e;", "&nbsp;", "{{ 7*7 }}", "]]>",
        "```\n", "| a |", "> ", "[^1]", "[^1]: x\n", "https://e.com/a؟", "www.e.com،", "الأمم المتحدة. ", "東京。",
        "👨‍👩‍👧", '"', "'", "\\ud800", "\t", "\r",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=20), max_size=30).map("".join)
FILES = st.one_of(
    st.binary(max_size=300),
    TEXTS.map(lambda text: text.encode("utf-8", "replace")),
    st.tuples(TEXTS, TEXTS).map(lambda parts: f"---\n{parts[0]}\n---\n{parts[1]}".encode("utf-8", "replace")),
)
WORDS = st.text(st.characters(categories=["L", "Nd"], exclude_characters="ﾠᅟᅠㅤ"), min_size=1, max_size=12)
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)


class Seen(HTMLParser):
    """Collects what a browser would see of tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        """Note *tag* and its attributes."""
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def parse_or_error(data: bytes, path: str) -> ParsedFile | EntryParseError:
    """Return what becomes of a file, the refusal as a value."""
    try:
        return parse(data, path)
    except EntryParseError as error:
        return error


def texts_of(entry: ParsedEntry) -> list[str]:
    """Return every text of *entry* that goes into a feed."""
    return [entry.title, entry.summary, entry.body_html, entry.slug, *entry.authors, *entry.tags, entry.link or ""]


@given(data=FILES, path=PATHS)
def test_any_bytes_give_entries_or_one_kind_of_error(data: bytes, path: str) -> None:
    """No file stops anything, and nothing unfit for a feed comes out of one."""
    parsed = parse_or_error(data, path)
    if isinstance(parsed, EntryParseError):
        assert parsed.code != "E_INTERNAL", repr(parsed.__cause__)
        assert parsed.fix
        return
    (entry,) = parsed.entries
    assert entry.title == one_line(entry.title) != ""
    assert not any(FORBIDDEN.search(text) for text in texts_of(entry))
    assert not any(BIDI.search(text) for text in (entry.title, entry.summary, entry.slug, *entry.authors, *entry.tags))
    assert balance_bidi(entry.body_html) == entry.body_html


@given(data=FILES, path=PATHS)
def test_bodies_are_harmless(data: bytes, path: str) -> None:
    """No script, no handler, no address that runs, whatever the file held."""
    parsed = parse_or_error(data, path)
    if isinstance(parsed, EntryParseError):
        return
    (entry,) = parsed.entries
    seen = Seen()
    seen.feed(entry.body_html)
    assert seen.tags.isdisjoint({"script", "style", "iframe", "svg", "math", "object", "form", "meta", "link", "base"})
    assert not any(name.startswith("on") or name in ("style", "class") for name, _ in seen.attributes)
    addresses = [value for name, value in seen.attributes if name in ("href", "src")]
    assert all(re.match(r"https?:|mailto:|tel:|#|$", address, re.IGNORECASE) for address in addresses)


@given(paragraphs=st.lists(PARAGRAPHS, min_size=1, max_size=8), gap=st.sampled_from(["\n", "\n\n", "\r\n\r\n"]))
def test_no_word_is_lost(paragraphs: list[str], gap: str) -> None:
    """Every word of a plain text is in title and body, once and in order, but for collapsed repetitions."""
    kept = [p for n, p in enumerate(paragraphs) if n == 0 or len(p) < 40 or p != paragraphs[n - 1]]
    (entry,) = parse(gap.join(paragraphs)).entries
    words = " ".join(kept).split()
    body = text_of(entry.body_html).split()
    assert words in (body, entry.title.split() + body)


@given(text=TEXTS, path=PATHS, tail=st.text(" \n\t", max_size=5))
def test_white_space_at_the_end_changes_nothing(text: str, path: str, tail: str) -> None:
    """The fingerprint is that of the text, not of the way it was saved."""
    before = parse_or_error(text.encode("utf-8", "replace"), path)
    after = parse_or_error((text + tail).encode("utf-8", "replace"), path)
    if isinstance(before, EntryParseError) or isinstance(after, EntryParseError):
        assert getattr(before, "code", None) == getattr(after, "code", None)
        return
    assert [e.fingerprint for e in after.entries] == [e.fingerprint for e in before.entries]


@given(text=st.text(max_size=300) | TEXTS)
def test_slugs_are_safe_path_segments(text: str) -> None:
    """A slug is letters, marks, digits and single hyphens within its limits, and its own slug."""
    slug = slugify(text)
    assert len(slug) <= 80
    assert len(slug.encode()) <= 200
    assert not re.search(r"[\s/\\%.?#&<>\"']|--|^-|-$", slug)
    assert slugify(slug) == slug


@given(text=st.text(max_size=200), limit=st.integers(2, 60))
def test_cutting_keeps_a_prefix(text: str, limit: int) -> None:
    """A cut text is a beginning of the text, within its limit."""
    cut = cut_at_word(text, limit)
    assert len(cut) <= limit
    assert text.startswith(cut.removesuffix("…") if cut != text else cut)
