"""Settings shared by all tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("feedsvc", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("feedsvc")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known that names the row of the list of inbox cases which a test proves."""
    config.addinivalue_line("markers", "case(*rows): the rows of the list of inbox cases that are proved, see cases.py")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let ``pytest -k case-1.15`` find tests by their marks."""
    item.extra_keyword_matches.update(f"case-{row}" for mark in item.iter_markers("case") for row in mark.args)


@pytest.fixture(autouse=True)
def life_goes_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check after each test of a row that its newsroom still publishes what is dropped."""
    is_row = request.node.get_closest_marker("case") is not None
    room = request.getfixturevalue("room") if is_row and "room" in request.fixturenames else None
    yield
    if room is not None:
        from aftermath import assert_goes_on

        assert_goes_on(room)
