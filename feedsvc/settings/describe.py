"""The effective settings as a configuration file, with the origin of what is not default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from feedsvc.settings.environment import PREFIX
from feedsvc.settings.sections import Section
from feedsvc.settings.words import HIDDEN, plain, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.settings.sections import Settings


def describe(settings: Settings) -> str:
    """Return the effective *settings* as TOML; secrets are hidden, comments name the origin of values that were set."""
    return "\n".join(_lines(settings)) + "\n"


def _lines(settings: Settings) -> Iterator[str]:
    yield f"# Effective settings of {plain(str(settings.root))}"
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Section):
            yield from ("", f"[{name}]")
            yield from _section_lines(name, value, settings.origins)
    for feed in settings.feeds:
        yield from ("", "[[feed]]")
        yield from (f"{key} = {_toml(value)}" for key, value in feed if key in feed.model_fields_set)


def _section_lines(name: str, section: Section, origins: dict[str, str]) -> Iterator[str]:
    for key, value in section:
        origin = origins.get(f"{name}.{key}", "")
        is_default = value == type(section).model_fields[key].default
        is_telling = origin and (not is_default or origin.startswith(PREFIX))
        yield f"{key} = {_toml(value)}{f'  # from {origin}' if is_telling else ''}"


def _toml(value: object) -> str:
    match value:
        case SecretStr():
            return quoted(HIDDEN if value.get_secret_value() else "")
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case str():
            return quoted(value)
        case _:
            return str(value)
