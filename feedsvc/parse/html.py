"""HTML that may be shown to others: sanitised by an allow-list, with absolute addresses, and its text form."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from html import unescape

import nh3

from feedsvc.errors import EntryParseError
from feedsvc.messages import Message, say
from feedsvc.model import Notice
from feedsvc.parse.attachments import alternative, inline_source
from feedsvc.parse.urls import resolve

BLOCK_TAGS = (
    "address|article|aside|blockquote|caption|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|"
    "pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
"""Elements that a reader sees as paragraphs of their own, as an alternation for a pattern."""

_TAGS = frozenset((
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd",
    "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time",
    "tr", "tt", "u", "ul", "var", "wbr",
))  # fmt: skip
_DROPPED_WHOLE = frozenset((
    "script", "style", "iframe", "svg", "math", "object", "embed", "applet", "noscript", "noembed", "noframes",
    "template", "textarea", "title", "select", "xmp",
))  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang", "id"},
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
LINK_REL = "noopener noreferrer"
_ID_PREFIX = "fn"
"""Footnote ids of the Markdown renderer begin so already; every other id gets it, so that none shadows a page's own."""

FREE_TAGS = 400
"""So few cannot be nested too deeply for the sanitiser."""
_MAX_NOTICES = 50
_MAX_DEPTH = 200
_MAX_TAGS = 200_000
_MAX_REFERENCES = 200_000
"""The sanitiser takes more than linear time for ``&``: millions of them would take minutes."""

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>")
_FLAT = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p",
    "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot",
))  # fmt: skip
"""Elements that are empty or that end when the next one begins."""

_IMAGE = re.compile(r"<img\b[^>]*>")
_SRC = re.compile(r'\ssrc="[^"]')
_ABSOLUTE = re.compile(r"\s*(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")
_BLOCK = re.compile(rf"</?(?:{BLOCK_TAGS})(?:\s[^>]*)?>")
_ANY_TAG = re.compile(r'<[^>"]*(?:"[^"]*"[^>"]*)*>')
_BREAK = re.compile(r"<br>")
_CELL = re.compile(r"</t[dh]>\s*<t[dh](?:\s[^>]*)?>")
_SPACES = re.compile(" {2,}")
_PRE = re.compile(r"(<pre(?:\s[^>]*)?>.*?</pre>)", re.DOTALL)


def sanitise(html: str, base: str, notices: list[Notice] | None = None) -> str:
    """Return what an allow-list leaves of *html*: no scripts, no styles, no frames, addresses absolute by *base*.

    The result is balanced and may stand in a ``div``. Images of the inbox have the addresses that `inline_source` gives
    them; those without a usable address leave their alternative text, and a warning in *notices*.

    Raises:
        EntryParseError: ``E_LIMIT`` for elements nested too deeply, or too many ``&``.
    """
    limit_references(html)
    if html.count("<") > FREE_TAGS:
        _limit_depth(html)
    clean = _cleaner(base).clean(html)
    if "<img" not in clean:
        return clean
    return _IMAGE.sub(partial(_with_source, notices), _cleaner(base, with_images=True).clean(html))


def limit_references(text: str) -> None:
    """Refuse a text that would take the sanitiser minutes, or the Markdown renderer a gigabyte.

    Raises:
        EntryParseError: ``E_LIMIT`` for too many ``&``.
    """
    if text.count("&") > _MAX_REFERENCES:
        cause = say("the text holds more than {limit:,} signs &", limit=_MAX_REFERENCES)
        raise EntryParseError("E_LIMIT", cause, say("Shorten the text."))


@lru_cache(maxsize=64)
def _cleaner(base: str, *, with_images: bool = False) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative=partial(_resolve_or_drop, base),
        link_rel=LINK_REL,
        id_prefix=_ID_PREFIX,
        attribute_filter=partial(_image_source, base) if with_images else None,
    )


def _image_source(base: str, tag: str, attribute: str, value: str) -> str | None:
    """Turn the relative ``src`` of an image into the address of a file of the inbox; everything else stays."""
    if tag != "img" or attribute != "src" or _ABSOLUTE.match(value) is not None:
        return value
    return inline_source(value, base)


def _resolve_or_drop(base: str, reference: str) -> str | None:
    """Return *reference* made absolute; a link within the text stays what it is."""
    if reference.startswith("#"):
        return reference
    try:
        return resolve(reference, base)
    except ValueError:
        return None


def _with_source(notices: list[Notice] | None, image: re.Match[str]) -> str:
    """Keep an image that lost its source by its alternative text."""
    if _SRC.search(image[0]):
        return image[0]
    text = alternative(image[0])
    if notices is not None and len(notices) < _MAX_NOTICES:
        message = say("an image has no address that can be published and was left out")
        if text:
            shown = unescape(text)[:80]
            message = say("the image “{text}” has no address that can be published and was left out", text=shown)
        notices.append(Notice("W_MEDIA", message))
    return text


def _limit_depth(html: str) -> None:
    """Refuse nesting that the sanitiser would take quadratic time for.

    A bound from above is enough: per name, closing tags count only against opening ones before them. Where tags
    could hide in comments, attributes or raw text, each opening tag counts.
    """
    brackets = html.count("<")
    if brackets > _MAX_TAGS:
        raise _too_deep(say("the text holds more than {limit:,} HTML tags", limit=_MAX_TAGS))
    tags = _TAG.findall(html)
    is_plain = len(tags) == brackets
    open_: dict[str, int] = {}
    depth = 0
    for closing, spelling in tags:
        name = spelling.lower()
        if name in _FLAT:
            continue
        if not closing:
            open_[name] = open_.get(name, 0) + 1
            depth += 1
        elif is_plain and name not in _DROPPED_WHOLE and open_.get(name, 0) > 0:
            open_[name] -= 1
            depth -= 1
        if depth > _MAX_DEPTH * (1 if is_plain else 10):
            raise _too_deep(say("HTML elements are nested deeper than {limit} levels", limit=_MAX_DEPTH))


def _too_deep(cause: Message) -> EntryParseError:
    return EntryParseError("E_LIMIT", cause, say("Simplify the HTML in the text."))


def text_of(html: str) -> str:
    """Return the plain text of sanitised *html*: blocks apart by blank lines, line breaks kept, entities decoded."""
    if "<pre" not in html:
        return _flowing_text(html)
    parts = [inline_text(part) if n % 2 else _flowing_text(part) for n, part in enumerate(_PRE.split(html))]
    return "\n\n".join([stripped for part in parts if (stripped := part.strip("\n"))])


def _flowing_text(html: str) -> str:
    text = html.replace("\n", " ")
    if "<t" in text:
        text = _CELL.sub("\t", text)
    text = _BLOCK.sub("\n\n", text)
    if "<br>" in text:
        text = _BREAK.sub("\n", text)
    text = inline_text(text)
    return "\n\n".join([_tidy(block) for block in text.split("\n\n") if block and not block.isspace()])


def _tidy(block: str) -> str:
    if "\n" in block or "  " in block:
        return "\n".join([" ".join(_SPACES.split(line.strip())) for line in block.strip().split("\n")])
    return block.strip()


def inline_text(html: str) -> str:
    """Return the text of sanitised *html* that holds no blocks."""
    text = _ANY_TAG.sub("", html) if "<" in html else html
    return unescape(text) if "&" in text else text
