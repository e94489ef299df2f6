"""The rows of the list of inbox cases: a test names the row that it proves.

Section 1 holds what goes wrong in real drop folders, section 2 hostile and clumsy files. A row stands in the id of a
parametrised test (``case-2.7-swap``) or in the mark ``@pytest.mark.case("1.15")``; either way ``pytest -k case-1.15``
finds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SECTIONS = {1: 32, 2: 62}
"""Number of rows in each section."""

_IN_ID = re.compile(r"\bcase-(\d+\.\d+)")


def all_rows() -> list[str]:
    """Return every row as ``section.row``, in order."""
    return [f"{section}.{row}" for section, count in SECTIONS.items() for row in range(1, count + 1)]


def rows_of(item: pytest.Item) -> set[str]:
    """Return the rows that a test names in its id or its marks."""
    marked = {str(row) for mark in item.iter_markers("case") for row in mark.args}
    return marked | set(_IN_ID.findall(item.nodeid))
