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
    lines = [line.partition(" <")[0] for line in blocks.splitlines() if line.startswith("feedsvc ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


def test_the_commands_of_the_page_are_understood() -> None:
    """Each can be parsed as it stands there, options and arguments included."""
    assert commands()
    context = click.Context(main)
    for words in commands():
        command = main.get_command(context, words[0])
        assert command is not None
        if isinstance(command, click.Group):
            inner = command.get_command(context, words[1])
            assert inner is not None
            inner.make_context(words[1], words[2:])
        else:
            command.make_context(words[0], words[1:])


def test_each_option_of_a_preview_is_explained() -> None:
    """In the table, and no other is."""
    listed = re.findall(r"^\| `(--[a-z]+)[ A-Z]*` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(option for each in preview.params for option in each.opts)


def test_each_variable_of_a_template_is_explained() -> None:
    """In the table."""
    table = PAGE.partition("| variable | holds |")[2].partition("\n\n")[0]
    assert set(MailView._fields) <= set(re.findall(r"`(\w+)`", table))
