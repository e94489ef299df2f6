"""The commands about runs and messages on their way out, on a real project."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from outbox_rows import put_in_outbox
from terminal_screen import screen_of

from feedsvc.app.project import open_project
from feedsvc.cli import main
from feedsvc.model import DigestRun, OutboxMessage, OutboxState, QueuedDigest
from feedsvc.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN, OTHER = "20260301T120000.000000-7", "20260302T120000.000000-9"
STATES = {
    "ada": OutboxState.QUEUED,
    "bob": OutboxState.RETRY,
    "cid": OutboxState.FAILED,
    "dov": OutboxState.HELD,
    "eve": OutboxState.SENT,
    "fay": OutboxState.SENDING,
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a project whose outbox holds a message in nearly every state, and another of a later run."""
    (tmp_path / "config").mkdir()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text("")
    messages = [queued(name, state) for name, state in STATES.items()]
    messages.append(replace(queued("gil", OutboxState.QUEUED), run_id=OTHER))
    with closing(open_project(load_settings(tmp_path)).open_store()) as store, store.writing() as unit:
        unit.add_digest_run(DigestRun(RUN, NOON, 7, len(STATES) + 1))
        unit.add_digest_run(DigestRun(OTHER, NOON + timedelta(days=1), 9, 1))
        put_in_outbox(unit, messages)
    return tmp_path


def queued(name: str, state: OutboxState) -> QueuedDigest:
    """Return a message to somebody of this name."""
    message = OutboxMessage(f"{name}@news.example", f"{name}@example.org", state=state, attempts=2)
    if state is OutboxState.RETRY:
        message = replace(message, not_before=NOON + timedelta(days=36_500), reason="451 come back later")
    return QueuedDigest(message, name, RUN, "2026-03-01", "body")


def feedsvc(root: Path, *arguments: str) -> Result:
    """Run a command as if it were typed."""
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def states(root: Path) -> dict[str, str]:
    """Return the states of all messages, by the name of the reader."""
    listed = json.loads(feedsvc(root, "outbox", "list", "--json").output)
    return {one["recipient"].partition("@")[0]: one["state"] for one in listed}


def test_what_waits_for_its_next_attempt_is_tried_at_once(site: Path) -> None:
    """All of it, with a new day to be sent in; what failed stays as it is."""
    done = feedsvc(site, "outbox", "retry")
    assert (done.exit_code, done.output) == (0, "To be tried at once: 1 message\n")
    assert states(site) == {**STATES, "bob": "queued", "gil": "queued"}
    listed = {one["id"]: one for one in json.loads(feedsvc(site, "outbox", "list", "--json").output)}
    assert (listed["bob@news.example"]["not_before"], listed["bob@news.example"]["attempts"]) == (None, 0)


def test_what_failed_is_tried_again_if_it_is_asked_for(site: Path) -> None:
    """Named, or with the option for all."""
    assert feedsvc(site, "outbox", "retry", "cid@news.example").output == "To be tried at once: 1 message\n"
    assert states(site)["cid"] == "queued"
    assert feedsvc(site, "outbox", "hold", "cid@news.example").exit_code == 0
    assert feedsvc(site, "outbox", "release", "cid@news.example").exit_code == 0
    assert feedsvc(site, "outbox", "retry", "--failed").output == "To be tried at once: 1 message\n"
    assert feedsvc(site, "outbox", "retry", "--failed", "cid@news.example").exit_code == 2


def test_failed_messages_are_tried_again_with_the_others(site: Path) -> None:
    """With the option, both kinds count."""
    assert feedsvc(site, "outbox", "retry", "--failed").output == "To be tried at once: 2 messages\n"
    assert states(site) == {**STATES, "bob": "queued", "cid": "queued", "gil": "queued"}


def test_messages_are_held_until_they_are_released(site: Path) -> None:
    """What waits is held; what a worker has in hand, and what is settled, is not touched."""
    assert feedsvc(site, "outbox", "hold").output == "Held: 3 messages\n"
    assert states(site) == {**STATES, "ada": "held", "bob": "held", "gil": "held"}
    assert "held by hand" in feedsvc(site, "outbox", "list", "--state", "held").output
    assert feedsvc(site, "outbox", "release", "gil@news.example").output == "Released: 1 message\n"
    assert feedsvc(site, "outbox", "release").output == "Released: 3 messages\n"
    assert {name for name, state in states(site).items() if state == "queued"} == {"ada", "bob", "dov", "gil"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ("hold", "ada@news.example", "eve@news.example"),
            "eve@news.example: the message is sent, not queued or retry",
        ),
        (("retry", "fay@news.example"), "fay@news.example: the message is sending, not retry or failed"),
        (("release", "ada@news.example"), "ada@news.example: the message is queued, not held or failed or retry"),
        (("hold", "nobody@news.example"), "nobody@news.example: there is no such message; see feedsvc outbox list"),
    ],
    ids=["sent", "sending", "queued", "unknown"],
)
def test_what_cannot_be_done_is_told_and_nothing_is_changed(site: Path, words: tuple[str, ...], why: str) -> None:
    """Also not for the messages that stand beside it."""
    before = states(site)
    done = feedsvc(site, "outbox", *words)
    assert done.exit_code == 1
    assert why in done.output
    assert states(site) == before


def test_one_run_is_shown(site: Path) -> None:
    """When it was made, how far it tells, and what became of its messages; also those that are gone."""
    done = feedsvc(site, "digests", "show", RUN)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        f"{RUN}: made on 2026-03-01 at 12:00:00 UTC",
        "  tells of changes up to number 7",
        "  messages: 7, by now failed 1, held 1, queued 1, retry 1, sending 1, sent 1",
        "  no longer kept: 1, of readers who were removed or because it is long ago",
    ]
    value = json.loads(feedsvc(site, "digests", "show", "--json", OTHER).output)
    assert value == {
        "run": OTHER,
        "created": "2026-03-02T12:00:00Z",
        "until_seq": 9,
        "messages": 1,
        "states": {"queued": 1},
    }
    unknown = feedsvc(site, "digests", "show", "nothing")
    assert (unknown.exit_code, "there is no such run" in unknown.output) == (1, True)


def test_messages_of_one_run_are_listed(site: Path) -> None:
    """As lines with tabs, and as a table in colours on a terminal."""
    assert feedsvc(site, "outbox", "list", "--run", OTHER).output == (
        "queued\tgil@example.org\t2026-03-01\tgil@news.example\t\n"
    )
    screen = screen_of([sys.executable, "-m", "feedsvc", "--root", str(site), "outbox", "list", "--run", OTHER])
    assert re.findall(r"\w{3,}", screen.splitlines()[0]) == [
        "1mstate",
        "1mrecipient",
        "1mperiod",
        "1mmessage",
        "1mreason",
    ]
    assert "\x1b[36mqueued" in screen
    assert feedsvc(site, "outbox", "list", "--counts").output.startswith("failed 1, held 1, queued 2")
    assert feedsvc(site, "outbox", "list", "--counts", "--run", RUN).exit_code == 2
