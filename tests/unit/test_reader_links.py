"""Personal links, the keys that sign them, and the networks that are remembered."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from feedsvc.app.links import confirm_url, reader_links
from feedsvc.app.networks import network_of
from feedsvc.app.token_keys import FILE, load_tokens
from feedsvc.digests.tokens import Purpose, Tokens
from feedsvc.errors import FeedsvcError, TokenError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PERSON = str(uuid4())
TOKENS = Tokens((b"k" * 32,))


def test_each_link_is_good_for_one_thing() -> None:
    """Unsubscribing, wishes and bounces have tokens of their own; the mailboxes fit into a local part."""
    links = reader_links("https://news.example", "mail.example", TOKENS, PERSON)
    tokens = {
        Purpose.UNSUBSCRIBE: links.unsubscribe_url.removeprefix("https://news.example/-/unsubscribe/"),
        Purpose.PREFERENCES: links.preferences_url.removeprefix("https://news.example/-/preferences/"),
        Purpose.BOUNCE: links.envelope_sender.removeprefix("bounce+").removesuffix("@mail.example"),
    }
    for purpose, token in tokens.items():
        assert TOKENS.subject_of(purpose, token, NOW) == PERSON
        for other in tokens.keys() - {purpose}:
            with pytest.raises(TokenError):
                TOKENS.subject_of(other, token, NOW)
    assert links.unsubscribe_address == f"unsubscribe+{tokens[Purpose.UNSUBSCRIBE]}@mail.example"
    assert max(len(box.partition("@")[0]) for box in links[2:]) <= 64
    assert reader_links("https://news.example", "mail.example", TOKENS, PERSON) == links


def test_links_are_ascii_for_a_site_in_any_script() -> None:
    """Header lines and old mail programs take them as they are."""
    links = reader_links("https://أخبار.example/يوم", "mail.example", TOKENS, PERSON)
    assert links.unsubscribe_url.startswith("https://xn--igbicxr.example/%D9%8A%D9%88%D9%85/-/unsubscribe/")
    assert links.preferences_url.isascii()


def test_a_question_may_be_answered_for_two_days() -> None:
    """The link that confirms ends after 48 hours."""
    token = confirm_url("https://news.example", TOKENS, PERSON, NOW).rpartition("/")[2]
    assert TOKENS.subject_of(Purpose.CONFIRM, token, NOW + timedelta(hours=47, minutes=59)) == PERSON
    with pytest.raises(TokenError):
        TOKENS.subject_of(Purpose.CONFIRM, token, NOW + timedelta(hours=48))


def test_a_key_is_minted_once(tmp_path: Path) -> None:
    """The first call makes the file, for its owner only; the next ones read it."""
    first = load_tokens(tmp_path)
    assert load_tokens(tmp_path) == first
    assert len(first.keys) == 1
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_a_new_key_goes_in_front(tmp_path: Path) -> None:
    """The first line signs, links of the others stay good, and a key that was taken out ends its links."""
    old = load_tokens(tmp_path)
    token = old.sign(Purpose.UNSUBSCRIBE, PERSON)
    file = tmp_path / FILE
    before = file.read_text()
    file.write_text(f"# new\n{'ab' * 32}\n\n{before}")
    both = load_tokens(tmp_path)
    assert both.subject_of(Purpose.UNSUBSCRIBE, token, NOW) == PERSON
    assert both.sign(Purpose.UNSUBSCRIBE, PERSON) == Tokens((b"\xab" * 32,)).sign(Purpose.UNSUBSCRIBE, PERSON)
    file.write_text("ab" * 32)
    with pytest.raises(TokenError):
        load_tokens(tmp_path).subject_of(Purpose.UNSUBSCRIBE, token, NOW)


@pytest.mark.parametrize("text", ["", "# nothing\n", "ab", "xy" * 32, "é" * 64])
def test_a_damaged_file_of_keys_is_told_of(tmp_path: Path, text: str) -> None:
    """No key, a short one, or something else: the sentence names the file and what to do; no other is made."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(FeedsvcError, match=r"token\.keys does not hold keys.*backup"):
        load_tokens(tmp_path)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == text


def test_keys_that_cannot_be_kept_are_told_of(tmp_path: Path) -> None:
    """Without a state folder there is no key, and the sentence says why."""
    with pytest.raises(FeedsvcError, match=r"cannot be kept in .*No such file"):
        load_tokens(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("", ""),
        ("testclient", ""),
        ("192.0.2.77\r\nX: y", ""),
    ],
)
def test_only_the_network_is_remembered(client: str, network: str) -> None:
    """A record of consent holds no whole address of anybody's machine, and nothing that is no address."""
    assert network_of(client) == network
