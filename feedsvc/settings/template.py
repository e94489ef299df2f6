"""The commented configuration file that a new project starts with."""

from __future__ import annotations

from importlib.resources import files


def template() -> str:
    """Return the text of a configuration file with every setting at its default, explained."""
    return files("feedsvc.settings").joinpath("feedsvc.toml").read_text(encoding="utf-8")
