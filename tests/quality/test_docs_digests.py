"""The page about digests: its commands exist, and every option and variable that there is stands in it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from feedsvc.cli import main
from feedsvc.cli.digests import preview
from feedsvc.render.mail.view import MailView

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "digests.md").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """Return the words of each command of ours on the page, without the name of the program."""
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    lines = [shlex.split(line, comments=True) for line in blocks.splitlines() if line.startswith("feedsvc ")]
    return [words[1:] for words in lines]


def test_the_commands_of_the_page_are_understood() -> None:
    """Each can be parsed as it stands there, options and arguments included."""
    assert commands()
    for words in commands():
        group = main.commands[words[0]]
        if isinstance(group, click.Group):
            group.commands[words[1]].make_context(words[1], words[2:])
        else:
            group.make_context(words[0], words[1:])


def test_each_option_of_a_preview_is_explained() -> None:
    """In the table, and no other is."""
    listed = re.findall(r"^\| `(--[a-z]+)[ A-Z]*` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(option for each in preview.params for option in each.opts)


def test_each_variable_of_a_template_is_explained() -> None:
    """In the table."""
    table = PAGE.partition("| variable | holds |")[2].partition("\n\n")[0]
    assert set(MailView._fields) <= set(re.findall(r"`(\w+)`", table))
