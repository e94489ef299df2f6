"""Choosing a content coding (RFC 9110 section 12.5.3)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")  # RFC 9110 section 12.4.2
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110 section 8.4.1.3


class Coding(StrEnum):
    """The content codings on offer."""

    IDENTITY = "identity"
    GZIP = "gzip"


def parse_weights(text: str) -> dict[str, float]:
    """Read an ``Accept-Encoding`` value as coding -> weight; members that make no sense are skipped."""
    members = (_member(part) for part in text.lower().split(","))
    return {coding: weight for coding, weight in members if coding and weight is not None}


def _member(part: str) -> tuple[str, float | None]:
    name, _, parameters = part.partition(";")
    coding = name.strip(" \t")
    return _ALIASES.get(coding, coding), _weight(parameters)


def _weight(parameters: str) -> float | None:
    if not parameters.strip(" \t"):
        return 1.0
    key, _, value = parameters.partition("=")
    value = value.strip(" \t")
    return float(value) if key.strip(" \t") == "q" and _WEIGHT.fullmatch(value) else None


@lru_cache(maxsize=64)
def choose_coding(accept_encoding: str | None, *, is_gzip_worth_it: bool) -> Coding | None:
    """Return the coding to send, or None if the client accepts none of ours.

    Gzip is sent where the client allows it, it is worth it and identity is not explicitly preferred; identity is
    sent wherever it is not refused. A request without the header gets identity.
    """
    if accept_encoding is None:
        return Coding.IDENTITY
    weights = parse_weights(accept_encoding)
    gzip = weights.get("gzip", weights.get("*", 0.0))
    identity = weights.get("identity", weights.get("*"))
    if identity == 0:
        return Coding.GZIP if gzip else None
    is_gzip_preferred = gzip > 0 and (identity is None or gzip >= identity)
    return Coding.GZIP if is_gzip_worth_it and is_gzip_preferred else Coding.IDENTITY
