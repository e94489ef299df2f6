"""The likely encoding of bytes that are not UTF-8: only ever named to the editor, never used to read."""

from __future__ import annotations

_PAGES = [
    "cp1256",
    "iso8859_6",
    "cp1255",
    "cp1251",
    "koi8_r",
    "cp1252",
    "cp1250",
    "cp1253",
    "cp1254",
    "shift_jis",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
    "cp949",
]
_WINDOWS = "cp125"
_SAMPLE_BYTES = 8_192
_LEAST_BYTES = 12
"""Fewer bytes beyond ASCII fit nearly every code page."""


def likely_encoding(data: bytes, position: int) -> str:
    """Return the name of the encoding that *data* around *position* seems to have, empty if nothing can be said."""
    start = data.rfind(b"\n", 0, position) + 1
    sample = data[max(start, position - _SAMPLE_BYTES // 2) :][:_SAMPLE_BYTES]
    if sum(byte > 127 for byte in sample) < _LEAST_BYTES:
        return ""
    from charset_normalizer import from_bytes  # only broken files need it, and it is slow to import

    best = from_bytes(sample, cp_isolation=_PAGES, preemptive_behaviour=False).best()
    if best is None or best.encoding not in _PAGES:
        return ""
    name = best.encoding
    return (
        f"windows-{name[2:]}" if name.startswith(_WINDOWS) else name.replace("iso8859_", "iso-8859-").replace("_", "-")
    )
