"""Anybody may send anything to the addresses that bounces come back to."""

from __future__ import annotations

import random
from dataclasses import astuple

import needs
import return_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.digests.returns import Blame, blame_of
from feedsvc.model import ReturnKind
from feedsvc.parse.returned import read_returned

BOX = "bounce+token@news.example.org"
SEEDS = (
    samples.report(BOX, samples.failed("5.1.1", "smtp; 550 5.1.1 no such user")),
    samples.complaint("fbl@x", BOX),
    samples.in_any_script(BOX),
    samples.encoded(BOX),
    samples.answer(BOX),
)
PIECES = tuple(
    piece.encode("latin-1")
    for piece in (
        *("\n", "\r", "\0", "\n\n", "\xff", '"', "=?", ";", ": ", "<", "(", "*0*=", "rfc822", "multipart/", "message/"),
        *("--9B095B5ADSN=_01/mx", "Content-Transfer-Encoding: x-uuencode\n", "charset=utf-7"),
    )
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return *data* with a few places cut out, doubled, overwritten or filled with what parsers look for."""
    for _ in range(chance.randrange(1, 8)):
        at, length = chance.randrange(len(data) + 1), chance.randrange(1, 60)
        other = chance.choice((b"", data[at : at + length] * 2, chance.randbytes(length), chance.choice(PIECES)))
        data = data[:at] + other + data[at + chance.choice((0, length)) :]
    return data


def check(data: bytes) -> None:
    """Whatever it is, it is read, the same way twice, and all of it can be shown on a line."""
    mail = read_returned(data)
    assert mail == read_returned(data)
    assert (mail.kind is ReturnKind.FAILURE) == bool(mail.failures)
    assert mail.kind is ReturnKind.COMPLAINT or not mail.concerned
    for failure in mail.failures:
        assert all(text.isprintable() or not text for text in astuple(failure))
        assert blame_of(failure.status) in Blame


def test_mutated_reports_are_read_without_a_word() -> None:
    """Thousands of reports with bytes changed, lost and repeated."""
    chance = random.Random(20261124)
    for _ in range(int(1_000 * needs.scale())):
        check(mutated(chance.choice(SEEDS), chance))


@settings(max_examples=int(150 * needs.scale()), deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from(SEEDS), st.integers(0, 3_000))
def test_any_bytes_are_read_without_a_word(noise: bytes, seed: bytes, at: int) -> None:
    """Noise alone, and noise inside a report."""
    check(noise)
    check(seed[:at] + noise + seed[at:])


@given(st.text(max_size=12) | st.from_regex(r"[245]\.\d{1,3}\.\d{1,3}", fullmatch=True))
def test_policy_and_success_blame_nobody(status: str) -> None:
    """Whatever stands there, a mailbox is given up at once only for 5.1 and 5.2.1."""
    blame = blame_of(status)
    if status.startswith(("2.", "5.7.", "4.7.", "5.3.", "5.5.", "5.6.")):
        assert blame is Blame.NONE
    if blame is Blame.HARD:
        assert status.startswith(("5.1.", "5.2.1"))
