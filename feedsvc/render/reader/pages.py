"""Pages of subscribers: a sentence with a button at most, and a form; they need no script and no style."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup, escape

from feedsvc.render import texts
from feedsvc.render.mail.words import mail_language
from feedsvc.render.pages import render_page
from feedsvc.render.reader.words import day_names, language_names, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedsvc.model import Site


class _Text(NamedTuple):
    heading: str
    sentences: tuple[str, ...]
    button: str = ""


class Notice(Enum):
    """A page that says one thing; those with a button ask for one."""

    LEAVE = _Text("Unsubscribe", ("You will get no more mails from {site}.",), "Unsubscribe")
    LEFT = _Text(
        "You are unsubscribed",
        ("You will get no more mails from {site}.", "A mail that is on its way already may still arrive."),
    )
    CONFIRM = _Text(
        "Confirm your subscription", ("You asked for mails from {site}. They begin when you confirm it.",), "Confirm"
    )
    CONFIRMED = _Text("You are subscribed", ("Mails from {site} will come as you chose.",))
    ASKED = _Text("Check your mailbox", ("A message is on its way to you. Open the link in it within two days.",))
    INVALID = _Text("This link is not valid", ("It may be incomplete or too old. Take the link in the newest mail.",))
    BUSY = _Text("Too many requests", ("Try again in a few minutes.",))


class ReaderForm(NamedTuple):
    """What the form of a subscriber shows.

    Attributes:
        values: What is filled in, by the names of the fields.
        followed: Slugs of the feeds that are ticked.
        feeds: Slugs and titles of all that can be.
        zones: Names of time zones to choose from.
        faults: Names of the fields that cannot be used.
        is_new: Somebody subscribes; else they are subscribed, and change something.
        unsubscribe_url: Where they leave.
    """

    values: Mapping[str, str]
    followed: frozenset[str]
    feeds: Sequence[tuple[str, str]]
    zones: Sequence[str]
    faults: frozenset[str] = frozenset()
    is_new: bool = True
    is_saved: bool = False
    unsubscribe_url: str = ""


def notice_page(notice: Notice, site: Site, language: str, *, preferences_url: str = "") -> bytes:
    """Return a page that says one thing in *language*, with a link to somebody's wishes if there is one."""
    return _reader_page("reader/notice.html", site, language, notice=notice.value, preferences_url=preferences_url)


def form_page(form: ReaderForm, site: Site, language: str) -> bytes:
    """Return the page on which somebody says what they want, in *language*."""
    choices = {
        "language": language_names(),
        "frequency": [
            ("immediate", "As soon as something is published"),
            ("daily", "Every day"),
            ("weekly", "Every week"),
            ("monthly", "Every month"),
        ],
        "hour": [(str(hour), f"{hour:02}:00") for hour in range(24)],
        "weekday": day_names(language),
        "monthday": [(str(day), str(day)) for day in range(1, 32)],
    }
    return _reader_page("reader/form.html", site, language, form=form, choices=choices)


def _reader_page(template: str, site: Site, language: str, **values: object) -> bytes:
    spoken, direction = mail_language(language)
    words = words_of(spoken)
    name = Markup("<bdi>{}</bdi>").format(texts.clean(site.title))

    def say(sentence: str) -> Markup:
        return escape(words.text(sentence)).replace("{site}", name)

    frame = {"site": site, "language": spoken, "direction": direction, "canonical": "", "alternates": (), "say": say}
    return render_page(template, entry_id=None, **frame, **values)
