"""Small files that begin as sound, pictures and documents do; no player needs to like them."""

from __future__ import annotations

from feedsvc.model import MEDIA_SUFFIXES

_REST = bytes(range(256)) * 2


def _iso(brand: bytes, *others: bytes) -> bytes:
    brands = brand + b"\0\0\0\0" + b"".join(others)
    return (8 + len(brands)).to_bytes(4) + b"ftyp" + brands + _REST


def _ogg(codec: bytes) -> bytes:
    return b"OggS\0\x02" + bytes(20) + b"\x01\x13" + codec + _REST


def _ebml(kind: bytes) -> bytes:
    return (
        b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82"
        + bytes([0x80 + len(kind)])
        + kind
        + _REST
    )


def _zip(first: bytes) -> bytes:
    return b"PK\x03\x04\x14" + bytes(25) + first + _REST


MEDIA: dict[str, tuple[bytes, str]] = {
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF" + _REST, "image/jpeg"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + _REST, "image/png"),
    "gif": (b"GIF89a" + _REST, "image/gif"),
    "webp": (b"RIFF\x20\0\0\0WEBPVP8 " + _REST, "image/webp"),
    "avif": (_iso(b"avif", b"mif1"), "image/avif"),
    "avif by its second brand": (_iso(b"mif1", b"avif"), "image/avif"),
    "mp3": (b"\xff\xfb\x90\x64" + _REST, "audio/mpeg"),
    "mp3 with tag": (b"ID3\x04\0\0\0\0\0\x0a" + _REST, "audio/mpeg"),
    "m4a": (_iso(b"M4A ", b"isom"), "audio/mp4"),
    "aac": (b"\xff\xf1\x50\x80" + _REST, "audio/aac"),
    "ogg": (_ogg(b"\x01vorbis"), "audio/ogg"),
    "opus": (_ogg(b"OpusHead"), "audio/ogg"),
    "flac": (b"fLaC\0\0\0\x22" + _REST, "audio/flac"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt " + _REST, "audio/wav"),
    "mp4": (_iso(b"isom", b"mp41"), "video/mp4"),
    "webm": (_ebml(b"webm"), "video/webm"),
    "pdf": (b"%PDF-1.7\n" + _REST, "application/pdf"),
    "epub": (_zip(b"mimetypeapplication/epub+zip"), "application/epub+zip"),
}
"""Bytes and media type of each kind that is published."""

NO_MEDIA = {
    "nothing": b"",
    "text": b"Only words.\n",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg with declaration": b'<?xml version="1.0"?><svg/>',
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "zip": _zip(b"readme.txt"),
    "executable": b"\x7fELF\x02\x01\x01" + _REST,
    "matroska": _ebml(b"matroska"),
    "film in ogg": _ogg(b"\x80theora"),
    "photo of a telephone": _iso(b"heic", b"mif1"),
    "quicktime": _iso(b"qt  "),
    "avi": b"RIFF\x24\0\0\0AVI LIST" + _REST,
    "layer two": b"\xff\xfd\x90\x64" + _REST,
    "free bit rate": b"\xff\xfb\x00\x64" + _REST,
    "UTF-16": "\ufeffWords".encode("utf-16"),
    "html after a byte order mark": b"\xff\xfe<\0h\0t\0m\0l\0>\0",
}
"""Files that no reader should be sent."""


def medium(kind: str, mark: str = "") -> bytes:
    """Return a file of *kind*; each *mark* makes another one."""
    return MEDIA[kind][0] + mark.encode()


def suffix_of(kind: str) -> str:
    """Return the suffix that the published copy of a file of *kind* has."""
    return MEDIA_SUFFIXES[MEDIA[kind][1]]
