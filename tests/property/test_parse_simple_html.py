"""What is taken for simple comes out as the sanitiser would have left it, byte for byte."""

from __future__ import annotations

import comrak
import needs
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.parse.html import sanitise
from feedsvc.parse.markdown import _options
from feedsvc.parse.simple_html import simple_html

BASE = "https://site.example/"
PIECES = (
    *("# ", "### ", "- ", "1. ", "7) ", "> ", "    ", "\n", "\n\n", "  \n", "\\", "*", "**", "_"),
    *("__", "~~", "`", "```\n"),
    *("---\n", "[a](https://a.example/b?c=d&e)", "[x](http://[::1]/)", "[](", ")", "![i](p.png)"),
    *("[^1]", "[^1]: note\n"),
    *("|a|b|\n|-|-|\n", "&amp;", "&nbsp;", "&#0;", "&#60;script&#62;", "&quot;", '"', "'", ">", "\xa0", "\x85", "\x7f"),
    *("\u2028", "\ufeff", "[j](javascript:alert(1))", '[t](https://a.example "ti>tle")', "[q](https://a.example/%22)"),
    *("نص", "word", "a&b", "\r", "<https://auto.example/>"),
)  # fmt: skip
EVERYDAY = ("tram", "ميناء", "*new*", "**bold**", "[a](https://a.example/1)", '"so"', "a & b")
markdown = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25).map("".join)


@settings(max_examples=int(400 * needs.scale()), deadline=None)
@given(text=markdown)
def test_simple_html_is_what_the_sanitiser_leaves(text: str) -> None:
    """Whatever Markdown it comes from, as long as no HTML stands in it."""
    html = comrak.render_markdown(text.replace("<", ""), **_options())
    simple = simple_html(html)
    assert simple is None or simple == sanitise(html, BASE)


@settings(max_examples=int(200 * needs.scale()), deadline=None)
@given(
    words=st.lists(
        st.sampled_from(("tram", "ميناء", "*new*", "**bold**", "[a](https://a.example/1)", '"so"', "a & b")), min_size=1
    )
)
def test_everyday_articles_are_simple(words: list[str]) -> None:
    """Emphasis, links, quotes and any script: nothing of that calls for the sanitiser."""
    html = comrak.render_markdown(" ".join(words), **_options())
    assert simple_html(html) == sanitise(html, BASE)


def test_nothing_else_is_simple() -> None:
    """Attributes, other elements and other addresses are for the sanitiser."""
    for html in (
        *('<p onclick="x()">a</p>', "<script>x</script>", '<a href="javascript:x()">a</a>', '<img src="a.png">', "<p"),
        *("<P>a</P>", '<a href="https://a.example/" onclick="x()">a</a>', '<a href="https://a.example/&quot; x">a</a>'),
        *("<!-- x -->", "a > b", "&#60;", "<blockquote>" * 401 + "</blockquote>" * 401),
    ):
        assert simple_html(html) is None
