"""Whatever is written in whatever script: the words of the file are the words of its entries, once and in order.

Taken away are control characters and bidi overrides, words of which nothing can be seen, and paragraphs that repeat
the one before. The title is either the beginning of the text, which then leaves the body, or is derived from it.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import needs
from hypothesis import example, given, settings
from hypothesis import strategies as st
from parse_helpers import parse

from feedsvc.parse.clean import is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import ParsedEntry

RUNS = settings(max_examples=int(100 * needs.scale()))
REMOVED = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
INLINE = {"a", "em", "strong", "code", "del", "span", "bdi"}

LETTERS = st.text(st.characters(categories=["L", "M", "Nd", "So"]), min_size=1, max_size=8)
SCRIPTS = st.sampled_from(
    [
        "شارع", "الميناء،", "می\u200cخواهم", "עִיר", "中文。", "हिन्दी", "ไทย", "Ünïcode", "\u200f٢٠٢٦",
        "👨\u200d👩\u200d👧", "🇪🇬", "a" + "\u0301" * 40,
    ]
)  # fmt: skip
CONTROLS = st.sampled_from([*"\x01\x0b\x0c\x1b\x1f\x7f\x85\u2028\u2029\u200b\u00ad\ufeff\ufffe\uffff\u3164\u2800"])
BIDI = st.sampled_from([*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"])
SPACES = st.sampled_from([" ", " ", "  ", "\t", "\u00a0", "\u3000"])
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n \n"])
LOUD = st.sampled_from(
    [*"<>&\"'*_#`~|[](){}\\$%:;.,!?-+=@^/", "https://a.example/b?c=d&e", "&amp;", "<b>", "{{ x }}", "]]>"]
)
ODD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
ANY_TEXT = st.lists(st.one_of(LETTERS, SCRIPTS, CONTROLS, BIDI, SPACES, LINE_ENDS, LOUD, ODD), max_size=60).map("".join)
"""Anything that can be saved as UTF-8."""

QUIET_LINE = st.lists(st.one_of(LETTERS, SCRIPTS, CONTROLS, BIDI, SPACES), min_size=1, max_size=20).map("".join)
"""A line without signs that mean something in Markdown, YAML or to a bulletin."""

QUIET_TEXT = st.lists(QUIET_LINE, min_size=1, max_size=3).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)


def _numbered(texts: list[str]) -> list[str]:
    return [f"Number{n}x {text} End{n}x" for n, text in enumerate(texts)]


QUIET_LINES = st.lists(QUIET_LINE, min_size=1, max_size=6).map(_numbered)
QUIET_TEXTS = st.lists(QUIET_TEXT, min_size=1, max_size=6).map(_numbered)
"""Paragraphs of which no two are alike."""


class Visible(HTMLParser):
    """Collects the text that a browser shows, with a space where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        """Set a space before a block."""
        self.text += "" if tag in INLINE else " "

    def handle_endtag(self, tag: str) -> None:
        """Set a space after a block."""
        self.text += "" if tag in INLINE else " "

    def handle_data(self, data: str) -> None:
        """Take the text as it is."""
        self.text += data


def words(text: str) -> list[str]:
    """Return the words of *text* of which something can be seen."""
    return [word for word in REMOVED.sub("", text).split() if not is_blank(word)]


def words_of_html(html: str) -> list[str]:
    """Return the words that a browser shows."""
    page = Visible()
    page.feed(html)
    page.close()
    return words(page.text)


def assert_preserved(source: Sequence[str], entries: Sequence[ParsedEntry]) -> None:
    """Check that the words of *entries*, one after the other, are those of *source*: body, or title and body."""
    reached = {0}
    for entry in entries:
        body = words_of_html(entry.body_html)
        forms = (body, words(entry.title) + body)
        reached = {at + len(form) for at in reached for form in forms if source[at : at + len(form)] == form}
    assert len(source) in reached, (list(source), [(entry.title, entry.body_html) for entry in entries])


def written(header: str, body: str) -> bytes:
    """Return a file with front matter."""
    return f"---\n{header}\n---\n{body}".encode()


@RUNS
@given(text=ANY_TEXT)
@example(text="---\nNo header.\r\n\r\nText.")
@example(text="\u2028line\u2028separated\u0085next")
@example(text="a\x0bb \u202egnp.exe\n\nMore \u2066open")
def test_plain_article(text: str) -> None:
    """Plain text with any signs, controls and line ends."""
    parsed = parse(f"Begin {text}".encode(), "a.txt")
    if "W_REPEATED" not in {notice.code for notice in parsed.notices}:
        assert_preserved(words(f"Begin {text}"), parsed.entries)


@RUNS
@given(texts=QUIET_LINES, which=st.integers(0, 5), gap=st.sampled_from(["\n\n", "\r\n\r\n", "\n \t\n"]))
def test_repeated_paragraphs(texts: list[str], which: int, gap: str) -> None:
    """A long paragraph that stands there twice is there once, a short one twice."""
    at = which % len(texts)
    doubled = [*texts[: at + 1], *texts[at:], "The end"]
    parsed = parse(gap.join(doubled).encode(), "a.txt")
    is_collapsed = "W_REPEATED" in {notice.code for notice in parsed.notices}
    assert_preserved(words("\n".join([*texts, "The end"] if is_collapsed else doubled)), parsed.entries)
    seen = len(" ".join(words(texts[at])))
    assert is_collapsed or seen < 40
    assert not is_collapsed or len(texts[at]) >= 40


@RUNS
@given(texts=QUIET_TEXTS, gap=st.sampled_from(["\n\n", "\r\n\r\n", "\r\r"]), title=QUIET_LINE | st.none())
def test_markdown_without_markup(texts: list[str], gap: str, title: str | None) -> None:
    """Markdown that is only words, with a heading of its own or without one."""
    heading = "" if title is None else f"# Head {title} end{gap}"
    source = words(heading.removeprefix("#") + gap.join(texts))
    assert_preserved(source, parse((heading + gap.join(texts)).encode(), "a.md").entries)


@RUNS
@given(
    texts=QUIET_TEXTS,
    first_line=st.sampled_from(["item", "lead", "collection"]),
    items=st.sampled_from(["paragraph", "heading", "separator", "blocks"]),
    suffix=st.sampled_from([".txt", ".md"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_bulletin(texts: list[str], first_line: str, items: str, suffix: str, end: str) -> None:
    """All four kinds of items under all three kinds of first lines; only the name of a collection is left out."""
    head = "The first line"
    parts = [f"{head}{end}" if first_line != "item" else ""]
    for number, text in enumerate(texts):
        if items == "heading":
            parts.append(f"# Heading{number}x{end}")
        elif items == "blocks":
            parts.append(f"{end}title: Heading{number}x{end}{end}")
        elif items == "separator" and number:
            parts.append(f"{end}---{end}")
        parts.append(f"{text}{end}{end}")
    source = words(" ".join(part for part in parts if part.strip() != "---").replace("title: ", "").replace("# ", ""))
    left_out = len(words(head)) if first_line == "collection" else 0
    data = written(f"profile: bulletin\nitems: {items}\nfirst_line: {first_line}", "".join(parts))
    assert_preserved(source[left_out:], parse(data, f"a{suffix}").entries)


@RUNS
@given(
    records=st.lists(st.tuples(QUIET_LINE | st.none(), ANY_TEXT), min_size=1, max_size=4),
    is_lines=st.booleans(),
    is_ascii=st.booleans(),
)
def test_json_items(records: list[tuple[str | None, str]], is_lines: bool, is_ascii: bool) -> None:
    """Title and text of each object, escaped or not, in a list or one a line."""
    objects = [
        {"body": f"Begin {body} end{n}x"} | ({} if title is None else {"title": f"Head {title}"})
        for n, (title, body) in enumerate(records)
    ]
    lines = [json.dumps(value, ensure_ascii=is_ascii) for value in objects]
    text = "\n".join(lines) if is_lines else f"[{','.join(lines)}]"
    parsed = parse(text.encode(), "a.jsonl" if is_lines else "a.json")
    if "W_REPEATED" in {notice.code for notice in parsed.notices}:
        return
    assert len(parsed.entries) == len(objects)
    for value, entry in zip(objects, parsed.entries, strict=True):
        if "title" in value:
            assert words(entry.title) == words(value["title"])
            assert words_of_html(entry.body_html) == words(value["body"])
        else:
            assert_preserved(words(value["body"]), [entry])
