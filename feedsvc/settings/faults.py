"""One plain line for each fault of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args, get_origin
from zoneinfo import available_timezones

from feedsvc.settings.kinds import ZONE_WORDS
from feedsvc.settings.words import HIDDEN, did_you_mean, expected, found, is_secret, nearest, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from feedsvc.settings.sections import Section

FEED_TABLE = "feed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table was read.

    Attributes:
        file: The configuration file, as shown to people.
        table: Name of the table, for example ``web`` or ``feed[news]``.
        variables: The keys that came from the environment, with their variables.
    """

    file: str
    table: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def start(self, key: str) -> str:
        """Return how a line about *key* starts."""
        source = f"environment variable {self.variables[key]}" if key in self.variables else self.file
        return f"{source}: {plain(self.table)}.{plain(key)}"


def value_faults(error: ValidationError, model: type[Section], place: Place) -> list[str]:
    """Return a line for each value of a table that does not fit *model*."""
    return [_value_fault(detail, model, place) for detail in error.errors(include_url=False)]


def _value_fault(detail: ErrorDetails, model: type[Section], place: Place) -> str:
    key, *inner = detail["loc"]
    start = place.start(str(key)) + "".join(f"[{int(item) + 1}]" for item in inner)
    if detail["type"] == "extra_forbidden":
        return f"{start}: there is no such setting; {did_you_mean(str(key), model.model_fields)}"
    setting = model.model_fields[str(key)]
    if detail["type"] == "missing":
        return f"{start}: missing, expected {expected(setting)}"
    value = HIDDEN if is_secret(setting) else found(detail["input"])
    return f"{start}: found {value}, expected {expected(setting)}{_suggestion(setting, detail['input'])}"


def _suggestion(setting: FieldInfo, value: object) -> str:
    """Return the nearest value where a setting knows all of its values."""
    if not isinstance(value, str):
        return ""
    choices = _choices(setting)
    if ZONE_WORDS in setting.metadata and not choices:
        return "; this machine has no time zone database, install tzdata"
    near = nearest(value, choices)
    return f"; did you mean {near}?" if near else ""


def _choices(setting: FieldInfo) -> tuple[str, ...]:
    if get_origin(setting.annotation) is Literal:
        return get_args(setting.annotation)
    return tuple(sorted(available_timezones())) if ZONE_WORDS in setting.metadata else ()


def shape_fault(file: str, name: str, value: object, words: str) -> str:
    """Return the line for something that is no table, or a table where several are wanted."""
    return f"{file}: {name}: found {found(value)}, expected {words}"


def unknown_section_faults(
    document: Mapping[str, object], sections: Mapping[str, type[Section]], file: str
) -> list[str]:
    """Return a line for each name at the top of the file that is no section."""
    names = [name for name in document if name not in sections and name != FEED_TABLE]
    return [f"{file}: {plain(name)}: {_unknown_section(name, document[name], sections)}" for name in names]


def _unknown_section(name: str, value: object, sections: Mapping[str, type[Section]]) -> str:
    homes = [f"{section}.{name}" for section, model in sections.items() if name in model.model_fields]
    if isinstance(value, dict | list) or not homes:
        return f"there is no such section; {did_you_mean(name, [*sections, FEED_TABLE])}"
    return f"this setting stands in no section; did you mean {' or '.join(homes)}?"
