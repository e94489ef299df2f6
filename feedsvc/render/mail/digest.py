"""Digests as mails: the parts, cut to a size that mailboxes show whole, and the headers that all share."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from feedsvc.errors import MailTemplateError
from feedsvc.model import Recipient, RenderedDigest, RenderedPart
from feedsvc.render.mail import body, headers
from feedsvc.render.mail.plain import HTML_FORM, TEXT_FORM
from feedsvc.render.mail.samples import SAMPLES
from feedsvc.render.mail.templates import HTML, TEXT, MailTemplates
from feedsvc.render.mail.view import sender_name, subject_of, view_of
from feedsvc.render.mail.words import words_of

if TYPE_CHECKING:
    from feedsvc.model import Digest, DigestEntry

_Parts = tuple[RenderedPart, RenderedPart]

MAX_PART_BYTES = 100_000
"""Largest encoded body part: from 102 kB on, large receivers hide the end of a mail, where the way out is."""

_MIN_ENTRY_BYTES = 150
_FIRST_TRY, _GUESSES = 60, 4
"""Sixty entries of the usual length fit; the guesses after it are nearly always right."""

_LONG_URL = f"https://{'w' * 598}/"
_LONGEST = Recipient(f"{'w' * 64}@{'w' * 186}.example", _LONG_URL, _LONG_URL, "w@example", "w@example", "")
"""A person whose address and links leave room for those of everybody else."""


def load_templates(folder: str | None = None) -> MailTemplates:
    """Return the templates of the program, with those in *folder* in their place, after each was tried.

    Raises:
        MailTemplateError: One cannot be used; file, line and cause are in it.
    """
    templates = MailTemplates(folder)
    for digest in SAMPLES:
        slot = _slot(digest)
        for name, part in zip((TEXT, HTML), _parts(digest, len(digest.entries), templates, slot), strict=True):
            if slot + body.UNSUBSCRIBE not in part.rest:
                raise MailTemplateError(
                    templates.path_of(name), "it does not show unsubscribe_url, which each mail must"
                )
    return templates


def render_digest(digest: Digest, templates: MailTemplates) -> RenderedDigest:
    """Return *digest* as a mail that lacks only what is personal; `body.personalise` puts that in.

    Entries that do not fit into ``MAX_PART_BYTES`` are left out from the end and counted; the footer never is.

    Raises:
        RenderError: A template fails, or the sender's address cannot stand in a header.
    """
    slot = _slot(digest)
    shown, (text, html) = _fitting(digest, templates, slot)
    subject = subject_of(digest)
    return RenderedDigest(
        subject=subject,
        headers=headers.shared_headers(digest, sender_name(digest), subject, words_of(digest.language).language),
        boundary=f"=_{sha256(slot.encode()).hexdigest()[:32]}",  # "=_" is in neither of the two encodings
        message_domain=headers.message_domain(digest.sender),
        slot=slot,
        text=text,
        html=html,
        shown=shown,
        left_out=digest.left_out + len(digest.entries) - shown,
    )


def _slot(digest: Digest) -> str:
    """Return the beginning of placeholders: it depends on all content, so that no content can hold it."""
    rest = repr(replace(digest, entries=()))
    content = "\n".join((rest, *map(_written, digest.entries)))
    return f"slot{sha256(content.encode('utf-8', 'backslashreplace')).hexdigest()[:20]}"


@lru_cache(maxsize=4_096)
def _written(entry: DigestEntry) -> str:
    return repr(entry)


def _fitting(digest: Digest, templates: MailTemplates, slot: str) -> tuple[int, _Parts]:
    """Return how many entries fit, and the parts with them: guessed from the size of those tried, then by halving."""
    fits, too_many = 0, min(len(digest.entries), MAX_PART_BYTES // _MIN_ENTRY_BYTES) + 1
    tried, best, guesses = min(too_many - 1, _FIRST_TRY), None, _GUESSES
    while best is None or too_many - fits > 1:
        parts = _parts(digest, tried, templates, slot)
        size = _size(parts, slot)
        if size <= MAX_PART_BYTES or tried == 0:
            fits, best = tried, parts
        else:
            too_many = tried
        guesses -= 1
        guess = tried * MAX_PART_BYTES // size if guesses > 0 else (fits + too_many) // 2
        tried = min(max(guess, fits if best is None else fits + 1), too_many - 1)
    return fits, best


def _size(parts: _Parts, slot: str) -> int:
    return max(len(body.personal_part(part, slot, _LONGEST)) for part in parts)


def _parts(digest: Digest, shown: int, templates: MailTemplates, slot: str) -> _Parts:
    text = templates.text(view_of(digest, shown, slot, TEXT_FORM))
    html = templates.html(view_of(digest, shown, slot, HTML_FORM))
    return body.part_of("plain", text, slot), body.part_of("html", html, slot)
