"""The configuration file and the manual page name every setting, with the defaults that the program has."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from feedsvc.settings import FeedSettings, Settings, load_settings, template
from feedsvc.settings.environment import variable_of
from feedsvc.settings.load import sections_of

CHECKOUT = Path(__file__).resolve().parents[2]
KEYS = [(name, key) for name, model in sections_of(Settings).items() for key in model.model_fields]


def test_project_file_and_template_are_one_text() -> None:
    """What ``feedsvc init`` writes is what this repository shows."""
    assert (CHECKOUT / "config" / "feedsvc.toml").read_text(encoding="utf-8") == template()


def test_template_has_exactly_the_defaults(tmp_path: Path) -> None:
    """No setting is missing from the file, and deleting any line of it changes nothing."""
    assert (
        load_settings(_project(tmp_path, template()), environ={}).model_dump() == Settings(root=tmp_path).model_dump()
    )
    tables = tomllib.loads(template())
    assert [(name, key) for name, table in tables.items() for key in table] == KEYS


def test_each_setting_of_the_template_is_explained() -> None:
    """A comment of one or two lines stands before each setting."""
    lines = template().splitlines()
    uncommented = [line for before, line in pairwise(lines) if _is_setting(line) and before[:1] != "#"]
    assert uncommented == ["mass_removal_percent = 20"], "it shares the comment of the line before"


def test_example_feed_of_the_template_works(tmp_path: Path) -> None:
    """Taking the comment signs away gives a feed with every key."""
    example = "\n".join(re.findall(r"^# (\[\[feed\]\]|\w+ = .*)$", template(), re.MULTILINE))
    (feed,) = load_settings(_project(tmp_path, example), environ={}).feeds
    assert feed.model_fields_set == set(FeedSettings.model_fields)


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_manual_lists_each_setting(section: str, key: str) -> None:
    """The page has a row with key, default and environment variable in the section's table."""
    row = _row(f"[{section}]", key)
    default = getattr(Settings(root=Path("/")), section).model_dump()[key]
    written = re.escape(json.dumps(default, default=SecretStr.get_secret_value))
    assert re.search(rf"\| `{written}` \| .+ \| `{variable_of(section, key)}` \|$", row)


@pytest.mark.parametrize("key", FeedSettings.model_fields)
def test_manual_lists_each_key_of_a_feed(key: str) -> None:
    """The page has a row for what a feed table may hold."""
    assert _row("[[feed]]", key)


def _is_setting(line: str) -> bool:
    return re.match(r"\w+ = ", line) is not None


def _row(section: str, key: str) -> str:
    text = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    part = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    (row,) = re.findall(rf"^\| `{key}` \|.*$", part, re.MULTILINE)
    return str(row)


def _project(folder: Path, text: str) -> Path:
    (folder / "config").mkdir()
    (folder / "config" / "feedsvc.toml").write_text(text, encoding="utf-8")
    return folder
