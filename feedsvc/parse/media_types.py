"""What kind of media a file is, by its first bytes; its name says nothing.

Only what is published is known here: see `MEDIA_SUFFIXES`. SVG and HTML are no media, because they carry scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedsvc.model import MEDIA_SUFFIXES

if TYPE_CHECKING:
    from feedsvc.model import MediaReference

HEAD_BYTES = 4096
"""So many bytes from the beginning of a file are enough."""

_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"fLaC": "audio/flac",
    b"%PDF-": "application/pdf",
    b"ADIF": "audio/aac",
}
_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp"}
_OGG_CODECS = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ")
_AUDIO_BRANDS = frozenset((b"M4A ", b"M4B ", b"M4P "))
_IMAGE_BRANDS = frozenset((b"avif", b"avis"))
_VIDEO_BRANDS = frozenset((
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso8", b"iso9", b"mp41", b"mp42", b"avc1", b"hvc1", b"dash",
    b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"mmp4", b"f4v ",
))  # fmt: skip
_EPUB = b"mimetypeapplication/epub+zip"
_ID3_HEADER = 10
_GUESSES = {"audio": "audio/mpeg", "image": "image/jpeg"}
_FAMILIES = {"audio": ("audio/", "video/"), "image": ("image/",)}
_TYPE_OF_SUFFIX = {suffix: media_type for media_type, suffix in MEDIA_SUFFIXES.items()} | {
    ".jpeg": "image/jpeg",
    ".opus": "audio/ogg",
    ".oga": "audio/ogg",
}


def media_type_of(head: bytes) -> str | None:
    """Return the media type of a file that begins with *head*, None if it is none of those that are published."""
    for beginning, media_type in _BEGINNINGS.items():
        if head.startswith(beginning):
            return media_type
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head.startswith(b"OggS"):
        return "audio/ogg" if head[28:36].startswith(_OGG_CODECS) else None
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head.startswith(b"PK\x03\x04"):
        # EPUB 3.3 section 4.2.1: its first member is called so, and is stored as it is
        return "application/epub+zip" if head[30 : 30 + len(_EPUB)] == _EPUB else None
    return _by_structure(head)


def _by_brand(head: bytes) -> str | None:
    """Tell the kinds of ISO base media files apart (ISO/IEC 14496-12 section 4.3): the major brand, then the others."""
    size = min(int.from_bytes(head[:4]), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    for brand in brands:
        if brand in _AUDIO_BRANDS:
            return "audio/mp4"
        if brand in _IMAGE_BRANDS:
            return "image/avif"
        if brand in _VIDEO_BRANDS:
            return "video/mp4"
    return None


def _by_structure(head: bytes) -> str | None:
    if head.startswith(b"\x1aE\xdf\xa3"):
        # EBML, RFC 8794: the document type stands in its header, as an element of id 4282
        return "video/webm" if b"\x42\x82\x84webm" in head[:128] else None
    if head.startswith(b"ID3") and len(head) > _ID3_HEADER and max(head[6:10]) < 0x80:
        return "audio/mpeg"
    return _by_frame(head)


def _by_frame(head: bytes) -> str | None:
    """Recognise bare audio frames: eleven or twelve set bits, then fields of which some values are forbidden."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0:  # ADTS, ISO/IEC 13818-7: the next four bits are the sampling rate, of which there are 13
        return "audio/aac" if head[1] & 0xF6 == 0xF0 and head[2] >> 2 & 15 < 13 else None
    is_sound = version != 1 and layer == 1 and 0 < head[2] >> 4 < 15 and head[2] >> 2 & 3 != 3
    return "audio/mpeg" if is_sound else None


def declared_type(reference: MediaReference) -> str:
    """Return the type of a file that nobody here has seen: as declared, else as its address looks."""
    if reference.media_type:
        return reference.media_type
    name = urlsplit(reference.url).path.rpartition("/")[2].casefold()
    guess = _TYPE_OF_SUFFIX.get(f".{name.rpartition('.')[2]}", "")
    families = _FAMILIES.get(reference.role, ("",))
    return guess if guess and guess.startswith(families) else _GUESSES.get(reference.role, "application/octet-stream")
