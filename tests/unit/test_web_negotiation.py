"""Choosing gzip or not."""

from __future__ import annotations

import pytest

from feedsvc.web.negotiation import Coding, choose_coding, parse_weights


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, Coding.IDENTITY),
        ("", Coding.IDENTITY),
        ("gzip", Coding.GZIP),
        ("GZip", Coding.GZIP),
        ("x-gzip", Coding.GZIP),
        ("br, gzip;q=0.5", Coding.GZIP),
        ("deflate , gzip ; q=0.001", Coding.GZIP),
        ("gzip;q=0", Coding.IDENTITY),
        ("gzip;q=0.000", Coding.IDENTITY),
        ("gzip;q=0.5, identity", Coding.IDENTITY),
        ("gzip;q=0.5, identity;q=0.5", Coding.GZIP),
        ("*", Coding.GZIP),
        ("*;q=0.5, gzip;q=0.2", Coding.IDENTITY),
        ("*, gzip;q=0", Coding.IDENTITY),
        ("identity;q=0, gzip", Coding.GZIP),
        ("identity;q=0, *;q=0.1", Coding.GZIP),
        ("*;q=0, gzip", Coding.GZIP),
        ("*;q=0, identity", Coding.IDENTITY),
        ("br", Coding.IDENTITY),
        ("gzip;q=2", Coding.IDENTITY),
        ("gzip;q=high", Coding.IDENTITY),
        ("gzip;level=9", Coding.IDENTITY),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("br, *;q=0", None),
    ],
)
def test_coding(header: str | None, coding: Coding | None) -> None:
    """Weights, ``*`` and ``identity`` as RFC 9110 section 12.5.3 has them; a member that makes no sense is absent."""
    assert choose_coding(header, is_gzip_worth_it=True) is coding


@pytest.mark.parametrize(
    ("header", "coding"),
    [("gzip", Coding.IDENTITY), ("identity;q=0, gzip", Coding.GZIP), ("*;q=0", None), (None, Coding.IDENTITY)],
)
def test_small_or_packed_documents(header: str | None, coding: Coding | None) -> None:
    """What gzip does not make smaller is sent as it is, unless the client refuses that."""
    assert choose_coding(header, is_gzip_worth_it=False) is coding


def test_weights() -> None:
    """Names in lower case, a missing weight is one."""
    assert parse_weights("Br;Q=0.25, gzip,, ;q=1") == {"br": 0.25, "gzip": 1.0}
