"""Faults that only show when settings are seen together."""

from __future__ import annotations

import os
from itertools import combinations
from typing import TYPE_CHECKING

from feedsvc.settings.sections import CONFIG_FOLDER
from feedsvc.settings.words import found

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from feedsvc.settings.sections import FeedSettings, MailSettings, Settings

MAIN_FEED = "main"
"""The feed that every site has; declaring it changes how it is called, never what it carries."""

_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")


def feed_faults(feeds: Sequence[FeedSettings], file: str) -> list[str]:
    """Return a line for each slug given twice, and for a main feed that leaves entries out."""
    slugs = [feed.slug for feed in feeds]
    twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    return [f"{file}: feed[{slug}].slug: given to two feeds, expected a slug of its own for each" for slug in twice] + [
        f"{file}: feed[{MAIN_FEED}].{key}: found {found(getattr(feed, key))}, "
        f"expected no {key}: the feed {MAIN_FEED} always carries every entry"
        for feed in feeds
        for key in ("folder", "tags", "languages")
        if feed.slug == MAIN_FEED and getattr(feed, key)
    ]


def folder_faults(settings: Settings, file: str, known: Container[str]) -> list[str]:
    """Return a line for each two folders of which one lies inside the other, links resolved.

    Args:
        settings: Their values.
        file: The configuration file, as shown to people.
        known: The sections that have no faults of their own; the others are left out.
    """
    folders = {
        "inbox.path": settings.inbox_folder,
        "publish.path": settings.publish_folder,
        "state.path": settings.state_folder,
        f"the folder {CONFIG_FOLDER}/": settings.root / CONFIG_FOLDER,
    }
    real = {
        key: os.path.realpath(path) for key, path in folders.items() if "." not in key or key.split(".")[0] in known
    }
    return [
        f"{_origin(settings, one, file)}: {one}: found {found(_path_of(settings, one))}, expected a folder "
        f"that neither holds nor lies inside that of {other}"
        for one, other in combinations(real, 2)
        if os.path.commonpath([real[one], real[other]]) in (real[one], real[other])
    ]


def mail_faults(settings: Settings, file: str) -> list[str]:
    """Return a line for each setting of mail that another one makes necessary or unsafe."""
    mail = settings.mail
    faults = []
    if mail.host and not mail.from_address:
        faults.append(f"{file}: mail.from_address: missing, expected a mail address, because mail.host is set")
    if mail.username and not mail.password.get_secret_value():
        faults.append(f"{file}: mail.password: missing, expected the password of mail.username")
    if mail.username and mail.security == "none" and mail.host not in _THIS_MACHINE:
        where = _origin(settings, "mail.security", file)
        faults.append(
            f'{where}: mail.security: found "none", expected "starttls" or "tls": without, everybody on the way '
            "reads the password"
        )
    return faults + _signing_faults(mail, file)


def _signing_faults(mail: MailSettings, file: str) -> list[str]:
    """Return a line for what signatures need and lack."""
    wanted = {
        "dkim_selector": (mail.dkim_selector, "the name of the key of mail.dkim_key_file in the DNS"),
        "dkim_key_file": (mail.dkim_key_file, "the file with the private key of mail.dkim_selector"),
        "from_address": (mail.from_address, "a mail address, because mails are signed for its domain"),
    }
    if not (mail.dkim_selector or mail.dkim_key_file):
        return []
    return [f"{file}: mail.{key}: missing, expected {what}" for key, (value, what) in wanted.items() if not value]


def _path_of(settings: Settings, key: str) -> str:
    section, _, name = key.partition(".")
    return str(getattr(getattr(settings, section), name))


def _origin(settings: Settings, key: str, file: str) -> str:
    origin = settings.origins.get(key, file)
    return origin if origin == file else f"environment variable {origin}"
