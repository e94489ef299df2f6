"""Mails made per second and core: a body of each person's own, and one that all share.

Run: ``python benchmarks/mails.py [PEOPLE [ROUNDS]]``. Each person follows other feeds, so no two bodies are alike; the
entries come from a pool of a thousand, half of them Arabic. Seconds are those of the processor, so that other work on
the machine counts little.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from corpus import sentence

from feedsvc.model import Digest, DigestEntry, DigestPeriod, Direction, Frequency, MailSender, Recipient, Site
from feedsvc.render.mail import load_templates, personalise, render_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedsvc.render.mail import MailTemplates

_LIMIT = 500
_POOL = 1_000
_ENTRIES = (3, 10, 26)
"""The most make the 68 KB of the mails that `smtp.py` sends."""
_DUE = datetime(2026, 11, 24, 5, tzinfo=UTC)
_SITE = Site("https://news.example", "City Voice", "", "en", "", UUID("5d3f5f8e-1111-4222-8333-123456789abc"))
_PERIOD = DigestPeriod(Frequency.DAILY, _DUE - timedelta(days=1), _DUE, ZoneInfo("Africa/Cairo"))
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    chance, templates = random.Random(4), load_templates()
    pool = [_entry(chance, number) for number in range(_POOL)]
    recipients = [_recipient(chance, number) for number in range(people)]
    print(f"{people} people, {rounds} rounds, medians (lowest to highest)")
    for count in _ENTRIES:
        digests = [_digest(chance, pool, count, number) for number in range(people)]
        own = [partial(_mail, *each, templates) for each in zip(digests, recipients, strict=True)]
        _measure(f"own bodies of {count} entries", rounds, own)
    shared = render_digest(digests[0], templates)
    _measure(f"one body of {_ENTRIES[-1]} entries", rounds, [partial(personalise, shared, each) for each in recipients])


def _mail(digest: Digest, recipient: Recipient, templates: MailTemplates) -> bytes:
    return personalise(render_digest(digest, templates), recipient)


def _measure(name: str, rounds: int, makers: Sequence[Callable[[], bytes]]) -> None:
    rates, size = [], 0.0
    for _ in range(rounds):
        begin = time.process_time()
        size = sum(len(make()) for make in makers) / len(makers) / 1_000
        rates.append(len(makers) / (time.process_time() - begin))
    rate, low, high = statistics.median(rates), min(rates), max(rates)
    print(
        f"{name}, {size:.0f} KB: {rate:.0f}/s ({low:.0f} to {high:.0f}), {rate / _LIMIT:.2f} of the limit of {_LIMIT}"
    )


def _entry(chance: random.Random, number: int) -> DigestEntry:
    language = "ar" if number % 2 else "en"
    direction: Direction = "rtl" if number % 2 else "ltr"
    return DigestEntry(
        title=f"{sentence(chance, language, 7)} {number}",
        summary=sentence(chance, language, 40),
        url=f"{_SITE.url}/entries/{number}/",
        language=language,
        direction=direction,
        authors=("Ada Smith",),
        feeds=(f"Feed {number % 7}",),
        published=_DUE - timedelta(minutes=number),
    )


def _digest(chance: random.Random, pool: Sequence[DigestEntry], count: int, number: int) -> Digest:
    language = "ar" if number % 2 else "en"
    direction: Direction = "rtl" if number % 2 else "ltr"
    return Digest(
        site=_SITE,
        sender=MailSender("", "digests@news.example"),
        language=language,
        direction=direction,
        period=_PERIOD,
        made=_DUE,
        entries=tuple(chance.sample(pool, count)),
        left_out=0,
        more_url=f"{_SITE.url}/main/",
    )


def _recipient(chance: random.Random, number: int) -> Recipient:
    token = "".join(chance.choices(_LETTERS, k=52))
    return Recipient(
        address=f"r{number}@reader.example",
        unsubscribe_url=f"{_SITE.url}/-/unsubscribe/{token}",
        preferences_url=f"{_SITE.url}/-/preferences/{token}",
        unsubscribe_address=f"unsubscribe+{token}@news.example",
        envelope_sender=f"bounce+{token}@news.example",
        message_seed=token,
    )


if __name__ == "__main__":
    main()
