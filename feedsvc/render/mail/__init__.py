"""Digests as mails (RFC 5322): one rendering for all who read the same, and a finished message for each of them.

Every function here is pure and deterministic: boundaries, ``Date`` and ``Message-ID`` come from what is given.
"""

from feedsvc.render.mail.body import finish_mail, personalise
from feedsvc.render.mail.digest import MAX_PART_BYTES, load_templates, render_digest
from feedsvc.render.mail.entries import digest_entry
from feedsvc.render.mail.headers import message_id
from feedsvc.render.mail.templates import MailTemplates
from feedsvc.render.mail.words import LANGUAGES, mail_language

__all__ = [
    "LANGUAGES",
    "MAX_PART_BYTES",
    "MailTemplates",
    "digest_entry",
    "finish_mail",
    "load_templates",
    "mail_language",
    "message_id",
    "personalise",
    "render_digest",
]
