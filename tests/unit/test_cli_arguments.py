"""Files named on the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
import pytest

from feedsvc.cli.arguments import existing_file, inbox_path

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a file in its inbox, and go there."""
    folder = tmp_path / "inbox"
    (folder / "news").mkdir(parents=True)
    (folder / "news" / "خبر.txt").write_text("x")
    (tmp_path / "other.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize(
    "argument", ["inbox/news/خبر.txt", "news/خبر.txt", "./inbox/news/../news/خبر.txt", "./news/خبر.txt"]
)
def test_file_may_be_named_as_seen_from_here_or_from_the_inbox(inbox: Path, argument: str) -> None:
    """Both ways to name a file lead to its path below the inbox."""
    assert existing_file(inbox, argument) == str(inbox / "news" / "خبر.txt")
    assert inbox_path(inbox, argument) == "news/خبر.txt"


def test_absolute_path_and_inbox_behind_a_link(inbox: Path, tmp_path: Path) -> None:
    """A path through a link to the inbox is a path in the inbox."""
    os.symlink(inbox, tmp_path / "link")
    assert inbox_path(inbox, str(tmp_path / "link" / "news" / "خبر.txt")) == "news/خبر.txt"
    assert inbox_path(tmp_path / "link", "inbox/news/خبر.txt") == "news/خبر.txt"


def test_link_in_the_inbox_is_judged_itself(inbox: Path, tmp_path: Path) -> None:
    """A link is not followed to its target: what becomes of the link is the question."""
    os.symlink(tmp_path / "other.txt", inbox / "link.txt")
    os.symlink("nowhere", inbox / "broken.txt")
    assert existing_file(inbox, "inbox/link.txt") == str(inbox / "link.txt")
    assert existing_file(inbox, "broken.txt") == str(inbox / "broken.txt")


def test_file_outside_the_inbox_keeps_its_full_path(inbox: Path, tmp_path: Path) -> None:
    """A draft somewhere else can be checked; a file of that name in the inbox goes before it."""
    assert existing_file(inbox, "other.txt") == str(tmp_path / "other.txt")
    (inbox / "other.txt").write_text("x")
    assert existing_file(inbox, "other.txt") == str(inbox / "other.txt")


def test_file_that_is_gone_may_still_be_asked_for(inbox: Path) -> None:
    """Its receipt may be there although the file is not."""
    assert inbox_path(inbox, "gone.txt") == "gone.txt"
    assert inbox_path(inbox, "inbox/gone.txt") == "gone.txt"


@pytest.mark.parametrize(
    ("argument", "words"), [("gone.txt", "no such file"), ("inbox/news", "a folder"), ("inbox", "a folder")]
)
def test_argument_that_is_no_file_is_wrong_usage(inbox: Path, argument: str, words: str) -> None:
    """A missing file and a folder are told apart."""
    with pytest.raises(click.BadParameter, match=words):
        existing_file(inbox, argument)
