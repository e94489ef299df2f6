"""Every sentence that a broken file can draw is told in Arabic, whatever the file holds."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.errors import EntryParseError
from feedsvc.messages import Message, translate
from feedsvc.parse import ACCEPTED_SUFFIXES, ParseContext, parse_file

_KEYS = st.sampled_from(
    ["title", "date", "tags", "slug", "id", "link", "language", "draft", "items", "first_line", "lang"]
)
_ODD_VALUES = r"""
x|2026-02-24|03/04/2026|2026-02-30|a: b|[a|"\d"|'|{x}|{0.__class__}|%s|../x|none|&a|*a|!!t x|# c|bulletin
"""
_VALUE = (
    st.sampled_from([*_ODD_VALUES.strip().split("|"), "", "a\u2069\u202eb", "\u200f٢٠٢٦-١٣-٠١", "|\n  a\n  b"])
    | st.text(max_size=12)
)  # fmt: skip
_LINE = st.tuples(_KEYS, st.sampled_from([": ", " = ", ":"]), _VALUE).map("".join)
_FENCE = st.sampled_from(
    [("---\n", "\n---\n"), ("+++\n", "\n+++\n"), ("{", "}"), ("", "\n\n"), ("---\n", "\n"), ("[", "]")]
)
_BODY = st.sampled_from(["", "Text.", "نص الخبر.", "\0", "a\x0bb", "[1, {}]"]) | st.text(max_size=20)


@settings(max_examples=400)
@given(_FENCE, st.lists(_LINE, max_size=4), _BODY, st.sampled_from(sorted(ACCEPTED_SUFFIXES)))
@example(("---\n", "\n---\n"), ["title: {x}: {y}"], "Text.", ".md")
@example(("{", "}"), ['"title": "{0.__class__}'], "", ".json")
def test_whatever_is_told_is_told_in_arabic(fence: tuple[str, str], lines: list[str], body: str, suffix: str) -> None:
    """Each sentence is a message on one line, has a translation, and closes each isolate that it opens."""
    data = (fence[0] + "\n".join(lines) + fence[1] + body).encode("utf-8", "surrogatepass")
    context = ParseContext(f"2026-13-01 a{suffix}", "en", ZoneInfo("UTC"), "https://site.invalid")
    try:
        told = [notice.message for notice in parse_file(data, context).notices]
    except EntryParseError as error:
        told = [error.cause, error.fix]
    for sentence in told:
        assert isinstance(sentence, Message)
        assert len(sentence.splitlines()) == 1
        arabic = translate(sentence, "ar")
        assert any("\u0621" <= char <= "\u064a" for char in arabic)
        assert arabic.count("\u2066") + arabic.count("\u2068") == arabic.count("\u2069")
        assert "bare_" not in arabic
