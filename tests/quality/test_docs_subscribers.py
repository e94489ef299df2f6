"""The page about subscribers: its commands work as they stand there, and it names all that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
from daemon import Site

from feedsvc.cli.subscribers import add, subscribers
from feedsvc.digests import COLUMNS
from feedsvc.model import SubscriberState, SuppressionReason

if TYPE_CHECKING:
    import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "subscribers.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """Return the blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page_work_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator who copies all of them ends with what the page says."""
    site = Site(tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(blocks("csv")[0], encoding="utf-8")
    outputs = {}
    for line in "".join(blocks("sh")).splitlines():
        program, *arguments = shlex.split(line.partition(" > ")[0])
        assert program == "feedsvc"
        outputs[line] = site.feedsvc(*arguments).stdout
    assert outputs["feedsvc subscribers import people.csv --dry-run"].startswith("2 rows: 2 would be added")
    assert outputs["feedsvc subscribers import people.csv"].startswith("2 rows: 2 added")
    listed = site.feedsvc("subscribers", "list").stdout.splitlines()
    assert [line.split("\t")[:2] for line in listed] == [
        ["gone", "ada@example.org"],
        ["active", "leyla@example.org"],
        ["active", "yusuf@example.org"],
    ]


def test_the_page_shows_every_command_and_explains_every_option_and_column() -> None:
    """Nothing that an operator can say is missing from the page."""
    shown = {line.split()[2] for line in "".join(blocks("sh")).splitlines()}
    assert shown == set(subscribers.commands)
    rows = re.findall(r"^\| `(--[a-z]+)` \|", PAGE, re.MULTILINE)
    options = [option for param in add.params if isinstance(param, click.Option) for option in param.opts]
    assert sorted(rows) == sorted(options)
    columns = re.findall(r"^\| `(\w+)` \|", PAGE.split("## Importing")[1].split("## Looking")[0], re.MULTILINE)
    assert tuple(columns) == COLUMNS


def test_the_page_names_every_state_and_reason() -> None:
    """What a list or a receipt of a person can say is explained."""
    (state,) = [param for param in subscribers.commands["list"].params if param.name == "state"]
    assert isinstance(state.type, click.Choice)
    assert list(state.type.choices) == list(SubscriberState)
    for word in (*SubscriberState, *SuppressionReason):
        assert f"`{word}`" in PAGE
