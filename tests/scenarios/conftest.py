"""What all scenarios start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from daemon import Site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Make a new project with an empty inbox."""
    return Site(tmp_path / "site")
