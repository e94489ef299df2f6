"""From file and environment to settings, or to the list of everything that is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from feedsvc.errors import SettingsError
from feedsvc.settings.check import feed_faults, folder_faults, mail_faults
from feedsvc.settings.document import read_document
from feedsvc.settings.environment import Override, read_environment
from feedsvc.settings.faults import FEED_TABLE, Place, shape_fault, unknown_section_faults, value_faults
from feedsvc.settings.sections import CONFIG_FILE, CONFIG_FOLDER, FeedSettings, Section, Settings
from feedsvc.settings.words import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

S = TypeVar("S", bound=Settings)
M = TypeVar("M", bound=Section)
Overrides = dict[tuple[str, str], Override]


def load_settings(
    root: Path | None = None, environ: Mapping[str, str] = os.environ, cwd: Path | None = None
) -> Settings:
    """Read the settings of a project; a missing configuration file means all defaults.

    Args:
        root: The project folder, the one that holds ``config/``. None looks for it from *cwd* upwards.
        environ: Variables ``FEEDSVC_SECTION__KEY`` override the file.
        cwd: The working directory, by default that of the process.

    Raises:
        SettingsError: There is no project folder, or its configuration has faults; all of them are listed.
    """
    start = cwd or Path.cwd()
    return load_as(Settings, find_project(root, start), environ, start)


def find_project(root: Path | None, cwd: Path) -> Path:
    """Return the project folder, absolute: *root*, or the nearest of *cwd* and its parents that is one.

    A folder with a configuration file goes before any folder that merely has a ``config`` folder.

    Raises:
        SettingsError: There is none.
    """
    start = Path(os.path.abspath(cwd if root is None else cwd / root))
    candidates = (start, *start.parents) if root is None else (start,)
    with_file = (folder for folder in candidates if (folder / CONFIG_FOLDER / CONFIG_FILE).is_file())
    with_folder = (folder for folder in candidates if (folder / CONFIG_FOLDER).is_dir())
    project = next(with_file, None) or next(with_folder, None)
    if project is None:
        place = "no project folder here or above" if root is None else "not a project folder"
        raise SettingsError(
            [f"{plain(str(start))}: {place} (it would hold {CONFIG_FOLDER}/); start one with: feedsvc init"]
        )
    return project


def load_as(kind: type[S], root: Path, environ: Mapping[str, str], cwd: Path) -> S:
    """Read the settings of the project at *root* into *kind*, which may have more sections than `Settings`.

    Raises:
        SettingsError: The configuration has faults; all of them are listed.
    """
    path = root / CONFIG_FOLDER / CONFIG_FILE
    shown_as = plain(str(path.relative_to(cwd) if path.is_relative_to(cwd) else path))
    document = read_document(path, shown_as)
    sections = sections_of(kind)
    overrides, unknown_variables = read_environment(environ, sections)
    faults = unknown_section_faults(document, sections, shown_as)
    values = {name: _section(name, model, document, overrides, shown_as, faults) for name, model in sections.items()}
    feeds = _feeds(document.get(FEED_TABLE, []), shown_as, faults)
    faults += unknown_variables
    origins = _origins(document, sections, overrides, shown_as)
    fitting = {name: value for name, value in values.items() if value is not None}
    settings = kind.model_validate({"root": root, "feeds": feeds, "origins": origins, **fitting})
    faults += folder_faults(settings, shown_as, known=fitting)
    faults += mail_faults(settings, shown_as)
    if faults:
        raise SettingsError(faults)
    return settings


def sections_of(kind: type[Settings]) -> dict[str, type[Section]]:
    """Return the classes of the sections of *kind* by name, in the order of the file."""
    fields = {name: field.annotation for name, field in kind.model_fields.items()}
    return {name: model for name, model in fields.items() if isinstance(model, type) and issubclass(model, Section)}


def _section(
    name: str,
    model: type[M],
    document: Mapping[str, object],
    overrides: Overrides,
    shown_as: str,
    faults: list[str],
) -> M | None:
    table = document.get(name, {})
    if not isinstance(table, dict):
        faults.append(shape_fault(shown_as, name, table, f"one section that starts with [{name}]"))
        table = {}
    mine = {key: override for (section, key), override in overrides.items() if section == name}
    place = Place(shown_as, name, {key: override.variable for key, override in mine.items()})
    return _validated(model, table | {key: override.value for key, override in mine.items()}, place, faults)


def _validated(model: type[M], table: dict[str, object], place: Place, faults: list[str]) -> M | None:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        faults += value_faults(error, model, place)
        return None


def _feeds(tables: object, shown_as: str, faults: list[str]) -> tuple[FeedSettings, ...]:
    if not isinstance(tables, list):
        faults.append(shape_fault(shown_as, FEED_TABLE, tables, "tables that each start with [[feed]]"))
        return ()
    feeds = []
    for number, table in enumerate(tables, start=1):
        if not isinstance(table, dict):
            faults.append(shape_fault(shown_as, f"{FEED_TABLE}[{number}]", table, "a table that starts with [[feed]]"))
        elif feed := _validated(FeedSettings, table, Place(shown_as, _feed_name(number, table)), faults):
            feeds.append(feed)
    faults += feed_faults(feeds, shown_as)
    return tuple(feeds)


def _feed_name(number: int, table: Mapping[str, object]) -> str:
    """Name a feed table by its slug, as a person would; by its number where it has none."""
    slug = table.get("slug")
    is_telling = isinstance(slug, str) and slug.replace("-", "").isalnum()
    return f"{FEED_TABLE}[{slug if is_telling else number}]"


def _origins(
    document: Mapping[str, object], sections: Mapping[str, object], overrides: Overrides, shown_as: str
) -> dict[str, str]:
    tables = {name: table for name, table in document.items() if name in sections and isinstance(table, dict)}
    from_file = {f"{name}.{key}": shown_as for name, table in tables.items() for key in table}
    return from_file | {f"{section}.{key}": override.variable for (section, key), override in overrides.items()}
