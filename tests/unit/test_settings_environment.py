"""Values as people write them in environment variables."""

from __future__ import annotations

import pytest

from feedsvc.settings.environment import from_text


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (int, "50", 50),
        (int, "+5_000 ", 5000),
        (int, "fifty", "fifty"),
        (bool, "TRUE", True),
        (bool, "off", False),
        (bool, "maybe", "maybe"),
        (str, " as it is ", " as it is "),
        (tuple[str, ...], "news, sport,", ["news", "sport"]),
        (tuple[int, ...], "1,2", [1, 2]),
        (tuple[str, ...], '["a, b", "c"]', ["a, b", "c"]),
        (tuple[str, ...], '["a', '["a'),
        (tuple[str, ...], "", []),
    ],
)
def test_text_becomes_the_value_that_the_setting_wants(annotation: object, text: str, value: object) -> None:
    """Numbers, truths and lists are understood; what does not fit stays as it was, to be refused with its own words."""
    assert from_text(annotation, text) == value
