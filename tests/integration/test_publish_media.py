"""Copies of media in the published folder: there as long as somebody shows them, and valid in all feeds."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from media_samples import medium
from newsroom import MAIN, SITE, Newsroom, article

from feedsvc.publish import Limits, Publisher

if TYPE_CHECKING:
    from pathlib import Path


class Press:
    """A newsroom and its published folder."""

    def __init__(self, folder: Path) -> None:
        self.room, self.out = Newsroom(folder), folder / "feeds"
        self.start()

    def start(self) -> None:
        """Begin as a new process would."""
        limits = Limits(entries=50, max_bytes=1_000_000)
        self.publisher = Publisher(self.room.store, SITE, (MAIN,), str(self.out), limits, clock=self.room.clock)
        self.publisher.prepare("1")

    def run(self) -> None:
        """Look at the inbox and publish."""
        self.room.scan()
        self.publisher.publish_due()

    def withdraw(self, *paths: str) -> None:
        """Delete files and wait until their entries are gone."""
        self.room.delete(*paths)
        self.room.pass_grace()
        self.publisher.publish_due()

    def copies(self) -> set[str]:
        """Return the names of all files in the media folder."""
        return {path.name for path in (self.out / "media").iterdir()}

    def item(self) -> dict[str, object]:
        """Return the one item of the JSON feed."""
        (item,) = json.loads((self.out / "main" / "feed.json").read_bytes())["items"]
        assert isinstance(item, dict)
        return item


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path)


def test_feeds_and_pages_show_the_public_address(press: Press) -> None:
    """What readers get is the address of the copy on the public site, with the same bytes behind it."""
    press.room.write("cat.png", medium("png"))
    press.room.write("a.md", article("A", "Text ![Cat](cat.png)", image="cat.png"))
    press.run()
    (name,) = press.copies()
    assert name == f"{sha256(medium('png')).hexdigest()}.png"
    assert press.item()["image"] == f"https://news.example/media/{name}"
    assert f'src="https://news.example/media/{name}"' in str(press.item()["content_html"])
    page = (press.out / "entries" / "a" / "index.html").read_text("utf-8")
    assert page.count(f'src="https://news.example/media/{name}"') == 1
    assert ".invalid" not in page


def test_withdrawn_media_are_gone(press: Press) -> None:
    """Who deletes a text takes its picture off the site too; what another text shows stays, and so do foreign files."""
    press.room.write("shared.png", medium("png"))
    press.room.write("own.gif", medium("gif"))
    press.room.write("a.md", article("A", "![](shared.png) ![](own.gif) text"))
    press.room.write("b.md", article("B", image="shared.png"))
    press.run()
    (press.out / "media" / "logo.svg").write_text("<svg/>")
    assert len(press.copies()) == 3
    press.withdraw("a.md")
    assert press.copies() == {f"{sha256(medium('png')).hexdigest()}.png", "logo.svg"}


def test_the_last_good_entry_keeps_its_media(press: Press) -> None:
    """A text that breaks, and whose picture is gone, still shows what it showed, whatever else is withdrawn."""
    press.room.write("cat.png", medium("png"))
    press.room.write("a.md", article("A", image="cat.png"))
    press.room.write("b.md", article("B"))
    press.run()
    before = press.copies()
    press.room.write("a.md", article("A", image="../../x"))
    press.room.delete("cat.png")
    press.run()
    press.withdraw("b.md")
    assert press.copies() == before


def test_an_emptied_folder_is_filled_again(press: Press) -> None:
    """Feeds, pages and media are made from inbox and store: the next start makes all of them, byte for byte."""
    press.room.write("cat.png", medium("png"))
    press.room.write("a.md", article("A", "![](cat.png) text"))
    press.run()
    before = {path.relative_to(press.out): path.read_bytes() for path in press.out.rglob("*") if path.is_file()}
    shutil.rmtree(press.out)
    press.start()
    press.run()
    after = {path.relative_to(press.out): path.read_bytes() for path in press.out.rglob("*") if path.is_file()}
    assert after == before
    assert len(after) > 5


def test_a_site_without_media_has_no_folder_for_them(press: Press) -> None:
    """Nothing is made that nobody needs, also when entries are withdrawn."""
    press.room.write("a.md", article("A"))
    press.run()
    press.withdraw("a.md")
    assert not (press.out / "media").exists()


def test_leftovers_are_swept_at_the_start(press: Press) -> None:
    """What a killed process left, and copies that no text names any more, do not fill the disk."""
    press.room.write("cat.png", medium("png"))
    press.room.write("a.md", article("A", image="cat.png"))
    press.run()
    before = press.copies()
    (press.out / "media" / f".{'0' * 16}.tmp").write_bytes(b"half")
    (press.out / "media" / f"{'0' * 64}.mp3").write_bytes(b"nobody's")
    press.start()
    press.run()
    assert press.copies() == before
