"""Environment variables that override the configuration file."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, NamedTuple, get_args, get_origin

from feedsvc.settings.words import did_you_mean, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedsvc.settings.sections import Section

PREFIX = "FEEDSVC_"
_TEST_PREFIX = "FEEDSVC_TEST_"
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9](_?[0-9]){0,30}")
_TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class Override(NamedTuple):
    """A value from the environment, typed as far as its setting tells, and the variable it came from."""

    variable: str
    value: object


def variable_of(section: str, key: str) -> str:
    """Return the environment variable that overrides a setting."""
    return f"{PREFIX}{section}__{key}".upper()


def read_environment(
    environ: Mapping[str, str], sections: Mapping[str, type[Section]]
) -> tuple[dict[tuple[str, str], Override], list[str]]:
    """Return the overrides in *environ* by section and key, and a fault for each variable that names no setting.

    Variables of our prefix without ``__`` are left alone: Kubernetes makes such ones up for a service of our name.
    """
    known = {variable_of(name, key): (name, key) for name, model in sections.items() for key in model.model_fields}
    given = {name: text for name, text in environ.items() if _is_ours(name)}
    overrides = {
        known[name]: Override(name, from_text(_annotation(sections, *known[name]), text))
        for name, text in given.items()
        if name in known
    }
    return overrides, [
        f"environment variable {plain(name)}: {_unknown(name, known)}" for name in given if name not in known
    ]


def _is_ours(name: str) -> bool:
    return name.upper().startswith(PREFIX) and "__" in name and not name.upper().startswith(_TEST_PREFIX)


def _annotation(sections: Mapping[str, type[Section]], section: str, key: str) -> object:
    return sections[section].model_fields[key].annotation


def _unknown(name: str, known: Mapping[str, object]) -> str:
    if name.upper().startswith(f"{PREFIX}FEED__"):
        return "feeds can only be declared in the configuration file, as [[feed]]"
    return f"there is no such setting; {did_you_mean(name, known)}"


def from_text(annotation: object, text: str) -> object:
    """Return *text* as a value for *annotation*; text that does not fit is returned as it is, to be refused later.

    Lists are written with commas (``news, sport``) or as in TOML (``["news", "sport"]``).
    """
    stripped = text.strip()
    if annotation is bool:
        return _TRUTHS.get(stripped.casefold(), text)
    if annotation is int:
        return int(stripped) if _WHOLE_NUMBER.fullmatch(stripped) else text
    if get_origin(annotation) is tuple:
        return _list(get_args(annotation)[0], stripped)
    return text


def _list(item: object, text: str) -> object:
    if text.startswith("["):
        return _toml_list(text)
    return [from_text(item, part.strip()) for part in text.split(",") if part.strip()]


def _toml_list(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
