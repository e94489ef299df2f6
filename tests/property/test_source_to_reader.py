"""Whatever bytes an editor saves, the feeds made of them are well-formed and say what the file says."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import EntryParseError
from feedsvc.ingest.decide import Place, decide_entry
from feedsvc.model import Channel, Feed, Format, Site
from feedsvc.parse import ParseContext, parse_file
from feedsvc.render import check_feed, render_entry, render_feed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SITE = Site("https://news.example", "News", "", "en", "", UUID(int=7))
CONTEXT = ParseContext(path="news/text.md", language="en", zone=ZoneInfo("UTC"), origin=SITE.neutral_origin)
_MARKUP = ("]]>", "<![CDATA[", "&amp;", "&undefined;", "&#0;", "&#x1;", "<b>", "</div>", "<!--", "# ", "- ", "`", "*")
_WORDS = ("شارع", "עיר", "中文", "👩\u200d👩\u200d👧", "é", "a", " ", "\n", "\n\n")
_PIECES = st.sampled_from([*"\x00\x02\x0b\x1b\x85\ufffe\uffff\u202e\u2066", *_MARKUP, *_WORDS])
_TEXTS = st.lists(st.one_of(_PIECES, st.text(max_size=6)), min_size=1, max_size=40).map("".join)


@given(text=_TEXTS, suffix=st.sampled_from([".md", ".txt"]))
def test_any_text_gives_valid_feeds(text: str, suffix: str) -> None:
    """The file is refused with a reason, or all three feeds are valid and carry its title."""
    context = ParseContext(f"news/text{suffix}", CONTEXT.language, CONTEXT.zone, CONTEXT.origin)
    try:
        (parsed,) = parse_file(text.encode("utf-8", "replace"), context).entries
    except EntryParseError:
        return
    write = decide_entry(parsed, Place("urn:uuid:" + str(UUID(int=1)), context.path, "news", "text", NOW), None, NOW)
    assert write is not None
    assert write.entry is not None
    for format_ in Format:
        document = render_feed(
            format_, Channel(Feed("main", "Main"), NOW), [render_entry(format_, write.entry, SITE)], SITE
        )
        check_feed(format_, document, 1)
        if format_ is not Format.JSON:
            read = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
            assert not read.bozo
            assert len(read.entries) == 1
