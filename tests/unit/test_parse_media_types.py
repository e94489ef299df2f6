"""What a file is, by its first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media_samples import MEDIA, NO_MEDIA

from feedsvc.model import MEDIA_SUFFIXES
from feedsvc.parse import HEAD_BYTES, media_type_of


@pytest.mark.parametrize("kind", MEDIA)
def test_kinds_that_are_published(kind: str) -> None:
    """Each is known by its content, and by no more of it than is read."""
    data, media_type = MEDIA[kind]
    assert media_type_of(data[:HEAD_BYTES]) == media_type
    assert media_type in MEDIA_SUFFIXES


@pytest.mark.parametrize("kind", NO_MEDIA)
def test_kinds_that_are_not(kind: str) -> None:
    """What carries scripts, what few readers play, and what is no medium at all is none of them."""
    assert media_type_of(NO_MEDIA[kind][:HEAD_BYTES]) is None


@given(st.binary(max_size=300), st.sampled_from(sorted(MEDIA)), st.integers(0, 40))
def test_any_bytes_are_looked_at_without_harm(data: bytes, kind: str, cut: int) -> None:
    """Whatever a file begins with, and wherever it ends, there is an answer."""
    for head in (data, MEDIA[kind][0][:cut], MEDIA[kind][0][:cut] + data):
        assert media_type_of(head) in {None, *MEDIA_SUFFIXES}
