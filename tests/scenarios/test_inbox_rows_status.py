"""``feedsvc status --json`` adds up to the folder: every file is told once, in the one state that it has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daemon import Daemon, Site
from media_samples import MEDIA

from feedsvc.model import display_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITER = """
import sys
with open(sys.argv[1], "w") as file:
    file.write("half")
    file.flush()
    print(flush=True)
    sys.stdin.readline()
"""
NOISE = (".hidden.txt", "_private.md", "a.txt~", "4913", "b.part", "Thumbs.db")
TEXTS: dict[str, tuple[str, str | bytes]] = {
    "plain.txt": ("published", "A plain one\n\nText.\n"),
    "خبر.txt": ("published", "خبر عاجل\n\nنص الخبر.\n"),
    "week.bulletin.txt": ("published", "One fell.\nTwo rose.\n"),
    "wire.json": ("published", '[{"body": "Good."}, {"body": "Bad.", "date": "x"}]'),
    "mail.eml": ("published", "Subject: A mail\n\nIts text.\n"),
    "page.html": ("published", "<h1>A page</h1><p>Text.</p>"),
    "deep/er/down.md": ("published", "# Down here\n\nText.\n"),
    "later.md": ("scheduled", "---\ntitle: Later\ndate: 2099-01-01T00:00:00Z\n---\nText.\n"),
    "deep/draft.md": ("draft", "---\ntitle: Draft\ndraft: true\n---\nText.\n"),
    "zz copy.txt": ("duplicate", "A plain one\n\nText.\n"),
    "zz/copy.txt": ("duplicate", "A plain one\n\nText.\n"),
    "pod/_inbox.toml": ("ignored", 'tags = ["pod"]\n'),
    "pod/episode.md": ("published", "---\ntitle: Episode\naudio: show.mp3\n---\nText.\n"),
    "pod/show.mp3": ("ignored", MEDIA["mp3"][0]),
    "pod/lost.md": ("quarantined", "---\ntitle: Lost\naudio: lost.mp3\n---\nText.\n"),
    "Twin.txt": ("published", "A twin\n\nText.\n"),
    "twin.txt": ("published", "Its twin\n\nText.\n"),
    "over.md": ("ignored", "---\ntitle: Over\nexpires: 2020-01-01T00:00:00Z\n---\nText.\n"),
    "photo.jpg": ("ignored", b"\xff\xd8"),
    "a (Mona's conflicted copy 2026-11-24).txt": ("ignored", "Text.\n"),
    "broken.md": ("quarantined", "---\ntitle: [\n---\nText.\n"),
    "deep/broken too.md": ("quarantined", "---\ntitle: [\n---\nText.\n"),
    "old.txt": ("quarantined", "عنوان قديم بلا ترميز".encode("cp1256")),
    "binary.txt": ("quarantined", b"a\0b"),
    "date.md": ("quarantined", "---\ntitle: A\ndate: tomorrow\n---\nText.\n"),
    "path.md": ("quarantined", "---\ntitle: A\nslug: ../x\n---\nText.\n"),
    "large.txt": ("quarantined", "word " * 2_000),
    "empty.txt": ("waiting", ""),
    "deep/blank.md": ("waiting", " \n"),
    os.fsdecode(b"caf\xe9.txt"): ("published", "Named in Latin\n\nText.\n"),
    "line\nbreak.txt": ("published", "Named in two lines\n\nText.\n"),
    "\x1b[31mred.txt": ("published", "Named in red\n\nText.\n"),
    "n" * 251 + ".txt": ("published", "Named at length\n\nText.\n"),
    "100%25 'quoted'.txt": ("published", "Named with signs\n\nText.\n"),
}
"""Files of every state, with the state each must be in."""


def drop(site: Site, path: str, data: str | bytes) -> None:
    """Write a file."""
    target = site.inbox / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data.encode() if isinstance(data, str) else data)


def listing(inbox: Path) -> list[str]:
    """Return everything below *inbox* that is no folder, as ``status`` shows it."""
    paths = (os.path.join(place, name) for place, _, names in os.walk(inbox) for name in names)
    return sorted(display_path(os.path.relpath(path, inbox)) for path in paths)


def assert_adds_up(site: Site) -> dict[str, str]:
    """Check that status tells each file of the folder once, and that its counts are right; returns the states."""
    status = site.status()
    files = [(file["path"], file["state"]) for file in status["files"]]
    assert sorted(path for path, _ in files) == listing(site.inbox)
    assert status["counts"] == Counter(state for _, state in files)
    return dict(files)


@contextmanager
def open_for_writing(path: Path) -> Iterator[None]:
    """Let another program hold a half-written file open."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        yield
        writer.communicate(b"\n")


def test_files_of_every_kind_add_up(site: Site) -> None:
    """Before anything is read all wait; then each is in its state, and stays told after renames and deletions."""
    for path, (_, data) in TEXTS.items():
        drop(site, path, data)
    for name in NOISE:
        drop(site, name, "A program's own.\n")
    (site.inbox / "link.txt").symlink_to(site.inbox / "plain.txt")
    os.mkfifo(site.inbox / "pipe.txt")
    os.link(site.inbox / "plain.txt", site.inbox / "zz link.txt")
    site.environ["FEEDSVC_INBOX__MAX_FILE_BYTES"] = "9000"
    assert_adds_up(site)
    expected = {display_path(path): state for path, (state, _) in TEXTS.items()}
    expected |= dict.fromkeys(NOISE, "ignored")
    expected |= {"link.txt": "quarantined", "pipe.txt": "ignored", "zz link.txt": "duplicate", "open.txt": "waiting"}
    with open_for_writing(site.inbox / "open.txt"), Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        assert assert_adds_up(site) == expected
        (site.inbox / "plain.txt").unlink()
        (site.inbox / "broken.md").rename(site.inbox / "deep" / "renamed.md")
        (site.inbox / "photo.jpg").rename(site.inbox / "photo.txt")
        (site.inbox / "deep" / "er").rename(site.inbox / "moved")
        drop(site, "date.md", "---\ntitle: A\ndate: 2026-01-01T00:00:00Z\n---\nText.\n")
        drop(site, "empty.txt", "No longer empty\n\nText.\n")
        assert_adds_up(site)
        expected["date.md"] = expected["empty.txt"] = expected["zz copy.txt"] = "published"
        expected["deep/renamed.md"] = expected.pop("broken.md")
        expected["moved/down.md"] = expected.pop("deep/er/down.md")
        expected["photo.txt"] = "quarantined"
        del expected["photo.jpg"], expected["plain.txt"]
        daemon.wait_until(lambda: assert_adds_up(site) == expected)
        daemon.terminate()
    assert_adds_up(site)
