"""HTML for others: the sanitiser, links in plain text, and the text form."""

from __future__ import annotations

import pytest

from feedsvc.errors import EntryParseError
from feedsvc.parse import text_of
from feedsvc.parse.html import sanitise
from feedsvc.parse.linkify import linkify, linkify_html

BASE = "https://site.invalid/news/"
REL = 'rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        pytest.param("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>", id="script"),
        pytest.param('<img src="x.png" onerror="alert(1)">', f'<img src="{BASE}x.png">', id="onerror"),
        pytest.param('<a href="javascript:alert(1)">x</a>', f"<a {REL}>x</a>", id="javascript"),
        pytest.param('<a href="java&#10;script:alert(1)">x</a>', f"<a {REL}>x</a>", id="javascript-with-break"),
        pytest.param('<a href="data:text/html,x">x</a>', f"<a {REL}>x</a>", id="data"),
        pytest.param("<iframe src=//e.com></iframe>a", "a", id="iframe"),
        pytest.param("<style>p{}</style><svg onload=x><p>y</svg>a", "<p>ya</p>", id="style-and-svg"),
        pytest.param("<math><mtext>x</mtext></math>a", "a", id="math"),
        pytest.param('<meta http-equiv="refresh" content="0">a', "a", id="meta"),
        pytest.param("a<!-- b -->", "a", id="comment"),
        pytest.param("<form><input name=x>y</form>", "y", id="form"),
        pytest.param("<p style='x' class='y' onclick=z>a", "<p>a</p>", id="attributes"),
        pytest.param('<p dir="rtl" lang="ar">س</p>', '<p dir="rtl" lang="ar">س</p>', id="direction-stays"),
        pytest.param('<a href="../x">a</a>', f'<a href="https://site.invalid/x" {REL}>a</a>', id="relative-link"),
        pytest.param('<a href="#fn-1">1</a>', f'<a href="#fn-1" {REL}>1</a>', id="link-within"),
        pytest.param('<p id="location">', '<p id="fnlocation"></p>', id="no-clobbering"),
        pytest.param('<img src="data:image/png;base64,aa" alt="a cat">', "a cat", id="image-without-source"),
        pytest.param('<img src="data:x">', "", id="image-without-anything"),
        pytest.param('<a href="//[bad">x</a>', f"<a {REL}>x</a>", id="malformed"),
        pytest.param("<p>a</div></p></section><td>b", "<p>a</p>b", id="stray-closers"),
        pytest.param(
            "<table><tr><td align=left>x", '<table><tbody><tr><td align="left">x</td></tr></tbody></table>', id="open"
        ),
        pytest.param("{{ 7*7 }} ]]> &undefined; %(x)s", "{{ 7*7 }} ]]&gt; &amp;undefined; %(x)s", id="literal"),
    ],
)
def test_sanitise(html: str, clean: str) -> None:
    """Only what is listed as harmless comes through, balanced and with absolute addresses."""
    assert sanitise(html, BASE) == clean
    assert sanitise(clean, BASE) == clean


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 5_000, id="nested"),
        pytest.param("<div></span>" * 5_000, id="wrong-closers"),
        pytest.param("<div><!--</div>-->" * 5_000, id="closers-in-comments"),
        pytest.param('<div><b title="</div>">' * 5_000, id="closers-in-attributes"),
        pytest.param("<title></div></title><div>" * 5_000, id="closers-in-raw-text"),
        pytest.param("<p>a</p>" * 110_000, id="too-many"),
    ],
)
def test_nesting_that_would_take_forever_is_refused(html: str) -> None:
    """The sanitiser is quadratic in depth, so depth is bounded before it."""
    with pytest.raises(EntryParseError) as caught:
        sanitise(html, BASE)
    assert caught.value.code == "E_LIMIT"


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<p>a" * 3_000, id="unclosed-paragraphs"),
        pytest.param("<div><b>a</b></div>" * 3_000, id="siblings"),
        pytest.param("a < b " * 3_000, id="less-than"),
        pytest.param("<br>" * 3_000, id="breaks"),
    ],
)
def test_long_flat_texts_are_no_problem(html: str) -> None:
    """Length alone is not depth."""
    assert sanitise(html, BASE)


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        pytest.param("https://e.com/a.", "https://e.com/a", ".", id="full-stop"),
        pytest.param("https://e.com/a، ثم", "https://e.com/a", "، ثم", id="arabic-comma"),
        pytest.param("https://e.com/a؟", "https://e.com/a", "؟", id="arabic-question-mark"),
        pytest.param("https://e.com/パス。次", "https://e.com/パス", "。次", id="cjk-full-stop"),
        pytest.param("https://e.com/a」と", "https://e.com/a", "」と", id="cjk-bracket"),
        pytest.param("https://e.com/a_(b) c", "https://e.com/a_(b)", " c", id="balanced-bracket"),
        pytest.param("https://e.com/a) c", "https://e.com/a", ") c", id="stray-bracket"),
        pytest.param("HTTP://E.com", "HTTP://E.com", "", id="upper-case"),
        pytest.param("mailto:a@e.com, b", "mailto:a@e.com", ", b", id="mail"),
        pytest.param('https://e.com/"x', "https://e.com/", '"x', id="quote"),
    ],
)
def test_addresses_in_plain_text_become_links(text: str, address: str, rest: str) -> None:
    """Punctuation after an address is not part of it, in any script."""
    assert linkify(text) == f'<a href="{address}" {REL}>{address}</a>{rest}'


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "a: b", "xhttps://e.com", "http://", "mailto:x"]
)
def test_other_text_is_left_alone(text: str) -> None:
    """Nothing but web and mail addresses is linked."""
    assert linkify(text) == text


def test_markup_in_plain_text_is_shown_literally() -> None:
    """What looks like HTML is text, inside links too."""
    assert linkify("<b> & https://e.com/?a=1&b='2") == (
        f'&lt;b&gt; &amp; <a href="https://e.com/?a=1&amp;b=&#x27;2" {REL}>https://e.com/?a=1&amp;b=\'2</a>'
    )


@pytest.mark.parametrize(
    ("html", "linked"),
    [
        pytest.param(
            "<p>https://e.com/?a&amp;b, c</p>",
            f'<p><a href="https://e.com/?a&amp;b" {REL}>https://e.com/?a&amp;b</a>, c</p>',
            id="text",
        ),
        pytest.param(
            "<p>&lt;b&gt; mailto:a@e.com</p>",
            f'<p>&lt;b&gt; <a href="mailto:a@e.com" {REL}>mailto:a@e.com</a></p>',
            id="entities",
        ),
        pytest.param("<code>https://e.com</code>", "<code>https://e.com</code>", id="code"),
        pytest.param('<a href="/x">https://e.com <b>https://f.com</b></a>', None, id="link"),
        pytest.param('<img src="https://e.com/x" alt="a > mailto:b">', None, id="attributes"),
    ],
)
def test_addresses_in_html_become_links(html: str, linked: str | None) -> None:
    """Only text is linked: not code, not what is a link already, not attributes."""
    assert linkify_html(html) == (linked or html)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>a &amp; b</p>\n<p>c</p>", "a & b\n\nc", id="paragraphs"),
        pytest.param("<p>a\nb<br>\nc</p>", "a b\nc", id="breaks"),
        pytest.param("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "a\n\nb", id="list"),
        pytest.param('<p>a <a href="x" title="a &gt; b">l</a></p>', "a l", id="inline"),
        pytest.param("<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>", "a\tb", id="table"),
        pytest.param(
            "<p>a</p>\n<pre><code>x\n  y\n\nz\n</code></pre>\n<p>b</p>", "a\n\nx\n  y\n\nz\n\nb", id="preformatted"
        ),
        pytest.param("<p>&lt;script&gt;</p>", "<script>", id="entities"),
        pytest.param("<p>a   b</p>", "a b", id="spaces"),
        pytest.param("", "", id="empty"),
    ],
)
def test_text_form(html: str, text: str) -> None:
    """Blocks are apart by blank lines, as in a readable mail."""
    assert text_of(html) == text
