"""Documents in memory."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from feedsvc.errors import SourceChangedError
from feedsvc.web.documents import Document, DocumentCache, FileStamp, load_document, stamp_of
from feedsvc.web.negotiation import Coding

if TYPE_CHECKING:
    from pathlib import Path

STAMP = FileStamp(1, 2, 3, 4_500_000_000, 5)


def document(path: str, data: bytes = b"x" * 100) -> Document:
    return Document(path, STAMP, data)


def test_tags_come_from_the_bytes() -> None:
    """Same bytes, same tag, wherever and whenever; the gzip form has a tag of its own."""
    one, other, changed = (
        document("a", b"text"),
        Document("b", STAMP._replace(inode=9), b"text"),
        document("a", b"Text"),
    )
    assert one.tag(Coding.IDENTITY) == other.tag(Coding.IDENTITY) != changed.tag(Coding.IDENTITY)
    assert one.tag(Coding.GZIP).opaque == f"{one.tag(Coding.IDENTITY).opaque}-gz"


def test_gzip_form_is_made_once() -> None:
    """It unpacks to the document, is the same bytes each time, and is not made before it is asked for."""
    text = document("a", b"feed " * 1000)
    assert not text.is_ready(Coding.GZIP)
    form = text.form(Coding.GZIP)
    assert gzip.decompress(form.body) == text.data
    assert text.form(Coding.GZIP) is form
    assert document("b", b"feed " * 1000).form(Coding.GZIP).body == form.body


def test_cache_knows_one_state_only() -> None:
    """A file with any other stamp has to be read again."""
    cache = DocumentCache(1000)
    cache.put(document("a"))
    assert cache.get("a", STAMP) is not None
    for field, value in (("inode", 0), ("mtime_ns", 0), ("size", 0), ("ctime_ns", 0), ("device", 0)):
        assert cache.get("a", STAMP._replace(**{field: value})) is None
    assert cache.get("b", STAMP) is None


def test_cache_forgets_the_one_unused_for_longest() -> None:
    """The bound holds: the oldest goes, what was used lately stays, what is too large never enters."""
    cache = DocumentCache(500)
    cache.put(document("a"))
    cache.put(document("b"))
    cache.get("a", STAMP)
    cache.put(document("c"))
    cache.put(document("d", b"x" * 300))
    assert [path for path in "abcd" if cache.get(path, STAMP)] == ["a", "c"]


def test_cache_replaces_and_drops() -> None:
    """A newer document takes the place of the older, whose memory counts no more."""
    cache = DocumentCache(500)
    for _ in range(5):
        cache.put(document("a"))
    cache.put(document("b"))
    assert cache.get("a", STAMP)
    cache.drop("a")
    cache.drop("a")
    assert cache.get("a", STAMP) is None
    assert cache.get("b", STAMP)


def test_loading(tmp_path: Path) -> None:
    """A regular file is read; folders, links and missing files are none."""
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "atom.xml").write_text("<feed/>")
    (tmp_path / "feeds" / "link.xml").symlink_to("atom.xml")
    (tmp_path / "linked").symlink_to("feeds")
    root = str(tmp_path)

    found = load_document(root, "feeds/atom.xml")
    assert found is not None
    assert found.data == b"<feed/>"
    assert found.stamp == stamp_of(root, "feeds/atom.xml")
    for path in ("feeds", "feeds/link.xml", "feeds/none.xml", "feeds/atom.xml/x", "x" * 300, "\ud800"):
        assert stamp_of(root, path) is None
    for path in ("feeds", "feeds/link.xml", "feeds/none.xml", "linked/atom.xml", "feeds/../feeds/atom.xml"):
        assert load_document(root, path) is None


def test_a_file_that_moves_is_not_used() -> None:
    """A file whose size does not fit what was read is refused, not served in part."""
    if stamp_of("/proc", "version") is None:
        pytest.skip("needs a /proc, whose files have no size")
    with pytest.raises(SourceChangedError):
        load_document("/proc", "version")
