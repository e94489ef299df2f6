"""Plain text, profile ``article``: one file, one entry, paragraphs as they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.messages import say, say_n
from feedsvc.model import Notice
from feedsvc.parse.clean import is_blank, one_line
from feedsvc.parse.content import Content, derive_title, ends_in_full_stop, is_title_line, summarise
from feedsvc.parse.linkify import linkify
from feedsvc.parse.text_limits import limit_addresses, limit_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_MIN_REPEATED = 40
_MAX_REPEATED_NOTICES = 10
_BULLETIN_FROM = 6
_BULLETIN_LENGTH = 40


class Paragraph(NamedTuple):
    """A paragraph and the line of the file where it begins."""

    text: str
    line: int


def read_plain(text: str, first_line: int, title: str, notices: list[Notice]) -> Content | None:
    """Read *text* as an article; None if there is nothing to read in it.

    Args:
        text: Body of the file.
        first_line: Line of the file where *text* begins.
        title: Title of the header, empty if it has none.
        notices: Warnings and hints are added here.

    Raises:
        EntryParseError: ``E_LIMIT`` for too many lines or addresses.
    """
    limit_lines(text)
    limit_addresses(text)
    paragraphs = paragraphs_of(text, first_line, notices)
    if not paragraphs:
        return None
    if not _has_blank_lines(text):
        _hint_bulletin(paragraphs, notices)
    title, texts = (title, [p.text for p in paragraphs]) if title else _take_title([p.text for p in paragraphs])
    body = "\n".join([f"<p>{linkify(paragraph)}</p>" for paragraph in texts])
    return Content(title, summarise(texts[0]), body, texts[0])


def paragraphs_of(text: str, first_line: int, notices: list[Notice]) -> list[Paragraph]:
    """Return the paragraphs of *text*: blocks between blank lines, or its lines where no line is blank."""
    blocks = _blocks(text, first_line) if _has_blank_lines(text) else _lines(text, first_line)
    return _collapse(blocks, notices)


def _has_blank_lines(text: str) -> bool:
    return _BLANK_LINE.search(text.strip()) is not None


def _lines(text: str, first_line: int) -> Iterator[Paragraph]:
    for number, line in enumerate(text.split("\n"), start=first_line):
        stripped = line.strip()
        if stripped and not is_blank(stripped):
            yield Paragraph(stripped, number)


def _blocks(text: str, first_line: int) -> Iterator[Paragraph]:
    """Yield the runs of lines between blank lines; lines keep their breaks, not their margins."""
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), start=first_line):
        stripped = line.strip()
        if stripped and not is_blank(stripped):
            lines.append(stripped)
        elif lines:
            yield Paragraph("\n".join(lines), number - len(lines))
            lines = []
    if lines:
        yield Paragraph("\n".join(lines), number + 1 - len(lines))


def _collapse(paragraphs: Iterable[Paragraph], notices: list[Notice]) -> list[Paragraph]:
    """Return *paragraphs* without those that repeat the one before."""
    kept: list[Paragraph] = []
    repeated: list[int] = []
    for paragraph in paragraphs:
        if kept and len(paragraph.text) >= _MIN_REPEATED and paragraph.text == kept[-1].text:
            repeated.append(paragraph.line)
        else:
            kept.append(paragraph)
    notices += [
        Notice(
            "W_REPEATED", say("the paragraph in line {line} repeats the one before and was left out", line=line), line
        )
        for line in repeated[:_MAX_REPEATED_NOTICES]
    ]
    if len(repeated) > _MAX_REPEATED_NOTICES:
        more = len(repeated) - _MAX_REPEATED_NOTICES
        message = say_n("{n} more repeated paragraph was left out", "{n} more repeated paragraphs were left out", more)
        notices.append(Notice("W_REPEATED", message))
    return kept


def _hint_bulletin(paragraphs: list[Paragraph], notices: list[Notice]) -> None:
    """Say how to get many entries out of a file whose lines look like items of their own."""
    items = paragraphs[1:]
    if len(items) < _BULLETIN_FROM or any(len(item.text) < _BULLETIN_LENGTH for item in items):
        return
    if sum(ends_in_full_stop(item.text) for item in items) * 5 >= len(items) * 4:
        message = say(
            "{n} one-line paragraphs look like separate items; they are published as one entry. "
            "If they are a bulletin, say so with profile: bulletin in the header",
            n=len(items),
        )
        notices.append(Notice("H_BULLETIN", message, items[0].line))


def _take_title(texts: list[str]) -> tuple[str, list[str]]:
    """Return the title and the texts that remain for the body."""
    first, _, rest = texts[0].partition("\n")
    remaining = [rest, *texts[1:]] if rest else texts[1:]
    line = one_line(first)
    if remaining and is_title_line(line):
        return line, remaining
    return derive_title(line), texts
