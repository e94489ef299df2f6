"""The one way from the bytes of a file to its entries."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from feedsvc.errors import EntryParseError
from feedsvc.messages import say
from feedsvc.model import Notice, ParsedFile
from feedsvc.parse.article import content_of_link, make_entry
from feedsvc.parse.attachments import with_lines
from feedsvc.parse.bulletin import read_bulletin
from feedsvc.parse.clean import is_blank, is_surely_clean, remove_forbidden
from feedsvc.parse.decode import decode
from feedsvc.parse.fields import Fields, published, read_fields
from feedsvc.parse.header import split_document
from feedsvc.parse.html_page import html_language, read_html_page
from feedsvc.parse.json_items import read_json_items
from feedsvc.parse.language import language_tag
from feedsvc.parse.markdown import read_markdown
from feedsvc.parse.plain import read_plain
from feedsvc.parse.text_limits import limit_embeddings, limit_lines

if TYPE_CHECKING:
    from feedsvc.model import ParsedEntry
    from feedsvc.parse.content import Content
    from feedsvc.parse.context import ParseContext
    from feedsvc.parse.header import Document

_MARKDOWN_SUFFIXES = (".md", ".markdown")
_HTML_SUFFIXES = (".html", ".htm")
_MAIL_SUFFIX = ".eml"
LIST_SUFFIXES = (".json", ".jsonl")
"""Endings of files of which one bad item may be left out."""

ACCEPTED_SUFFIXES = frozenset((".txt", *_MARKDOWN_SUFFIXES, *_HTML_SUFFIXES, *LIST_SUFFIXES, _MAIL_SUFFIX))
"""Endings of the files that are read, compared in folded case."""


def parse_file(data: bytes, context: ParseContext) -> ParsedFile:
    """Read the bytes of one inbox file.

    Raises:
        EntryParseError: The file cannot become an entry; nothing else is ever raised.
    """
    try:
        return _parse(data, context)
    except EntryParseError:
        raise
    except Exception as error:
        cause = say("feedsvc failed on this file ({reason})", reason=type(error).__name__)
        fix = say("Report it together with the file; other files are not affected.")
        raise EntryParseError("E_INTERNAL", cause, fix) from error


def _parse(data: bytes, context: ParseContext) -> ParsedFile:
    notices: list[Notice] = []
    suffix = context.path[-10:].casefold()
    if suffix.endswith(_MAIL_SUFFIX):
        return ParsedFile((_read_mail(data, context, notices),), tuple(notices))
    text = decode(data, context.encodings)
    if not is_surely_clean(data):
        text = remove_forbidden(text, notices)
    text = text.rstrip()
    if is_blank(text):
        raise EntryParseError("E_EMPTY", say("the file has no text"), say("Write something into it, or delete it."))
    if suffix.endswith(LIST_SUFFIXES):
        return ParsedFile(read_json_items(text, context, notices), tuple(notices))
    return _read_text(f"{text}\n", suffix, context, notices)


def _read_text(text: str, suffix: str, context: ParseContext, notices: list[Notice]) -> ParsedFile:
    limit_lines(text)
    limit_embeddings(text)
    document = split_document(text, notices)
    fields = read_fields(document.items, context, notices)
    if suffix.endswith(_HTML_SUFFIXES):
        return ParsedFile((_read_html(document, fields, context, notices),), tuple(notices))
    read_body = partial(_read_markdown, context.base) if suffix.endswith(_MARKDOWN_SUFFIXES) else read_plain
    if (fields.profile or _profile_of_name(context.name) or context.customs.profile) == "bulletin":
        entries = read_bulletin(document.body, document.body_line, fields, context, read_body, notices)
        return ParsedFile(entries, tuple(notices))
    content = read_body(document.body, document.body_line, fields.title, notices)
    entry = make_entry(fields, content or content_of_link(fields), context)
    return ParsedFile((with_lines(entry, document.body, document.body_line),), tuple(notices))


def _read_html(document: Document, fields: Fields, context: ParseContext, notices: list[Notice]) -> ParsedEntry:
    if fields.profile == "bulletin":
        notices.append(Notice("W_PROFILE", say("an HTML file is always one entry, whatever profile says")))
    declared = html_language(document.body)
    fields = fields._replace(language=fields.language or (language_tag(declared) if declared else None))
    content = read_html_page(document.body, fields.title, context.base, notices)
    entry = make_entry(fields, content or content_of_link(fields), context)
    return with_lines(entry, document.body, document.body_line)


def _read_mail(data: bytes, context: ParseContext, notices: list[Notice]) -> ParsedEntry:
    from feedsvc.parse.mail import read_mail  # the parser for mails takes its time to load, and most inboxes hold none

    mail = read_mail(data, context, notices)
    read = partial(_read_page, context.base) if mail.is_html else read_plain
    content = read(mail.text, 1, mail.title, notices)
    moment = published(mail.published, context, notices)
    fields = Fields(title=mail.title, authors=mail.authors, published=moment)
    return make_entry(fields, content or content_of_link(fields), context)


def _read_page(base: str, text: str, _line: int, title: str, _notices: list[Notice]) -> Content | None:
    return read_html_page(text, title, base)


def _profile_of_name(name: str) -> str:
    """Return the profile that a name such as ``week.bulletin.txt`` asks for."""
    return "bulletin" if name.casefold().rpartition(".")[0].endswith(".bulletin") else ""


def _read_markdown(base: str, text: str, _line: int, title: str, notices: list[Notice]) -> Content | None:
    return read_markdown(text, title, base, notices)
