"""Whatever stands in the configuration, the answer is settings or a list of faults."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.errors import SettingsError
from feedsvc.settings import FeedSettings, Settings, describe, load_settings
from feedsvc.settings.environment import variable_of
from feedsvc.settings.load import sections_of

KEYS = [(name, key) for name, model in sections_of(Settings).items() for key in model.model_fields]
VALUES = st.one_of(
    st.text(max_size=40).map(lambda text: repr(text).replace("\\x", "\\u00")),
    st.integers(-(10**30), 10**30).map(str),
    st.integers(min_value=50, max_value=9_000).map(lambda digits: f"0x{'f' * digits}"),
    st.floats().map(str),
    st.booleans().map(lambda b: str(b).lower()),
    st.sampled_from(["[]", "{}", "[[]]", '["a", 1]', "{a = 1}", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z"]),
    st.text(alphabet="htps:/.[]@%?#مé -_0a", max_size=30).map(lambda text: f'"{text}"'),
)
SECTION_NAMES = st.sampled_from([*sections_of(Settings), "feed", "x"])
KEY_NAMES = st.sampled_from([*sorted({key for _, key in KEYS}), *FeedSettings.model_fields, "x", '"ü "'])
TABLES = st.tuples(
    st.sampled_from(["[{}]", "[[{}]]"]), SECTION_NAMES, st.dictionaries(KEY_NAMES, VALUES, max_size=4)
).map(lambda t: "\n".join([t[0].format(t[1]), *(f"{key} = {value}" for key, value in t[2].items())]))
VARIABLES = st.sampled_from([variable_of(*key) for key in KEYS]) | st.text(max_size=8).map("FEEDSVC_WEB__{}".format)


def faults_or_lines(folder: Path, environ: dict[str, str]) -> list[str]:
    """Return what a person reads in answer to a configuration: its description, or its faults."""
    try:
        return describe(load_settings(folder, environ)).splitlines()
    except SettingsError as error:
        return list(error.faults)


def answer(document: str | bytes, environ: dict[str, str]) -> None:
    """Load a configuration and use what comes of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config", "feedsvc.toml")
        path.parent.mkdir()
        path.write_bytes(document if isinstance(document, bytes) else document.encode("utf-8", "replace"))
        lines = faults_or_lines(Path(folder), environ)
    assert lines
    assert all(line.isprintable() for line in lines)


@given(tables=st.lists(TABLES, max_size=5), environ=st.dictionaries(VARIABLES, st.text(max_size=30), max_size=3))
@example(tables=[f"[web]\nport = 0x{'f' * 5000}"], environ={})
@example(tables=[], environ={"FEEDSVC_SITE__TITLE": "\ud800", "FEEDSVC_WEB__\udcff": "1"})
@settings(max_examples=200)
def test_any_value_gives_settings_or_faults(tables: list[str], environ: dict[str, str]) -> None:
    """No value for any key, in the file or the environment, ends in anything but a plain list of faults."""
    answer("\n".join(tables), environ)


@given(document=st.binary(max_size=200) | st.text(alphabet="[]{}=\"'.,#\\\n a1", max_size=60))
@settings(max_examples=100)
def test_any_file_gives_settings_or_faults(document: str | bytes) -> None:
    """No content of the file ends in anything but a plain list of faults."""
    answer(document, {})
