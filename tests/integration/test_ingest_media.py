"""Texts and the files that go with them, in a real inbox: named, copied, missing, replaced, hostile."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from fakes import file_modes_count
from media_samples import MEDIA, NO_MEDIA, medium, suffix_of
from newsroom import GRACE_S, MAX_MEDIA_BYTES, QUIET_S, SITE, Newsroom, article

from feedsvc.ingest import examining
from feedsvc.ingest.examine import Examined
from feedsvc.model import Enclosure, FileState

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHED, QUARANTINED, WAITING = FileState.PUBLISHED, FileState.QUARANTINED, FileState.WAITING
TALK = medium("mp3")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


def name_of(data: bytes, kind: str) -> str:
    """Return the name of the published copy of *data*."""
    return sha256(data).hexdigest() + suffix_of(kind)


def address(data: bytes, kind: str) -> str:
    """Return the stored address of *data*."""
    return f"{SITE.neutral_origin}/media/{name_of(data, kind)}"


def copies(room: Newsroom) -> dict[str, bytes]:
    """Return all published copies by name."""
    return {path.name: path.read_bytes() for path in room.media.iterdir()} if room.media.is_dir() else {}


# What is published


@pytest.mark.parametrize("kind", MEDIA)
def test_a_file_is_published_as_what_it_is(room: Newsroom, kind: str) -> None:
    """Type and suffix come from the content, the length is true, and the copy has the same bytes under its hash."""
    data, media_type = MEDIA[kind]
    room.write("news/file.bin", data)
    path = room.write("news/a.md", article("A", enclosure="file.bin"))
    room.scan()
    assert room.entry(path).enclosures == (Enclosure(address(data, kind), media_type, len(data), ""),)
    assert copies(room) == {name_of(data, kind): data}


@pytest.mark.parametrize("kind", NO_MEDIA)
def test_what_is_no_medium_is_refused_whatever_its_name(room: Newsroom, kind: str) -> None:
    """A page with scripts does not become a picture by its name; nothing of it is copied."""
    room.write("picture.png", NO_MEDIA[kind])
    path = room.write("a.md", article("A", image="picture.png"))
    room.scan()
    assert (room.state(path), room.code(path)) == (QUARANTINED, "E_MEDIA")
    assert copies(room) == {}


def test_image_and_sound_and_their_order(room: Newsroom) -> None:
    """The main image is among the enclosures; those of other sites keep what is said of them."""
    room.write("cat.png", medium("png"))
    room.write("talk.mp3", TALK)
    far = "{url: 'https://cdn.example/b.m4a', length: 99, type: audio/mp4, title: Far}"
    path = room.write(
        "a.md", article("A", image="cat.png", audio=f"[talk.mp3, {far}]", enclosure="https://x.example/b.pdf")
    )
    room.scan()
    entry = room.entry(path)
    assert entry.image == address(medium("png"), "png")
    assert entry.enclosures == (
        Enclosure(entry.image, "image/png", len(medium("png")), ""),
        Enclosure(address(TALK, "mp3"), "audio/mpeg", len(TALK), ""),
        Enclosure("https://cdn.example/b.m4a", "audio/mp4", 99, "Far"),
        Enclosure("https://x.example/b.pdf", "application/pdf", None, ""),
    )


def test_images_of_the_text(room: Newsroom) -> None:
    """Images of Markdown and HTML are copied and shown at their new address; others of the text stay as they are."""
    room.write("pictures/my cat.png", medium("png"))
    markdown = room.write("news/a.md", article("A", "![A cat](<../pictures/my cat.png>) ![](https://x.example/b.png)"))
    html = room.write("b.html", '<h1>B</h1><p>Text <img src="/pictures/my%20cat.png" alt="A cat" width="9"></p>')
    room.scan()
    source = f'src="{address(medium("png"), "png")}" alt="A cat"'
    assert source in room.entry(markdown).body_html
    assert 'src="https://x.example/b.png"' in room.entry(markdown).body_html
    assert f'{source} width="9"' in room.entry(html).body_html
    assert len(copies(room)) == 1


def test_one_copy_for_all_who_name_it(room: Newsroom) -> None:
    """Equal files share a copy, which is never written twice."""
    for number in range(3):
        room.write(f"{number}/talk.mp3", TALK)
        room.write(f"{number}/a.md", article(f"A{number}", audio="talk.mp3"))
    room.scan()
    before = (room.media / name_of(TALK, "mp3")).stat()
    room.write("0/a.md", article("A0 changed", audio="talk.mp3"))
    room.scan()
    after = (room.media / name_of(TALK, "mp3")).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert len(copies(room)) == 1


def test_composed_and_decomposed_names_are_one(room: Newsroom) -> None:
    """Some systems store letters and accents apart; editors cannot see that."""
    room.write("re\u0301sume\u0301.mp3", TALK)
    room.write("b\u00e9.mp3", TALK)
    first = room.write("a.md", article("A", audio="r\u00e9sum\u00e9.mp3"))
    second = room.write("b.md", article("B", audio="be\u0301.mp3"))
    room.scan()
    assert room.state(first) == room.state(second) == PUBLISHED


def test_a_name_that_is_not_utf8(room: Newsroom) -> None:
    """A picture with a name of old bytes can be shown by its encoded name."""
    (room.inbox / os.fsdecode(b"caf\xe9.png")).write_bytes(medium("png"))
    path = room.write("a.md", article("A", "Text ![x](caf%E9.png)"))
    room.scan()
    assert address(medium("png"), "png") in room.entry(path).body_html


def test_items_of_a_list_have_their_own(room: Newsroom) -> None:
    """Of a JSON file, an item whose file is missing is left out, and comes when the file does."""
    room.write("one.mp3", TALK)
    items = [
        '{"id": "1", "title": "One", "body": "x", "audio": "one.mp3"}',
        '{"id": "2", "title": "Two", "body": "y", "audio": "two.mp3"}',
    ]
    path = room.write("week.jsonl", "\n".join(items))
    room.scan()
    assert room.live_titles() == ["One"]
    assert [notice.code for notice in room.source(path).notices] == ["W_ITEM"]
    room.write("two.mp3", medium("mp3", "two"))
    room.scan()
    assert sorted(room.live_titles()) == ["One", "Two"]


def test_an_episode_needs_no_text(room: Newsroom) -> None:
    """A header that names a sound is a whole entry."""
    room.write("evening-news.mp3", TALK)
    path = room.write("a.md", "---\naudio: evening-news.mp3\n---\n")
    room.scan()
    assert (room.state(path), room.entry(path).title) == (PUBLISHED, "evening news")


# Missing, late, replaced, gone


def test_a_file_that_comes_later(room: Newsroom) -> None:
    """Editors upload the text first: it says what it waits for, and is published by itself when the file is there."""
    path = room.write("news/a.md", article("A", audio="talk.mp3"))
    room.scan()
    problem = room.source(path).problem
    assert problem is not None
    assert (room.state(path), problem.code, problem.line) == (QUARANTINED, "E_MEDIA", 3)
    assert "news/talk.mp3" in problem.cause
    room.write("news/talk.mp3", TALK)
    room.scan()
    assert (room.state(path), room.live_titles()) == (PUBLISHED, ["A"])


def test_texts_that_wait_for_a_file_are_known_by_it(room: Newsroom) -> None:
    """An event about a file leads to the texts that name it, also where its name is composed in another way."""
    path = room.write("a.md", article("A", audio="r\u00e9sum\u00e9.mp3"))
    room.scan()
    assert room.ingest.users_of({"re\u0301sume\u0301.mp3"}) == [path]
    assert room.ingest.users_of({"r\u00e9sum\u00e9.mp3"}) == [path]
    assert room.ingest.users_of({"other.mp3"}) == []


def test_an_image_that_comes_later(room: Newsroom) -> None:
    """A missing image of the text costs a warning; the text is there at once and the image when it comes."""
    path = room.write("a.md", article("A", "Before ![a cat](cat.png) after."))
    room.scan()
    assert room.entry(path).body_html == "<p>Before a cat after.</p>"
    assert [(notice.code, "cat.png" in notice.message) for notice in room.source(path).notices] == [("W_MEDIA", True)]
    room.write("cat.png", medium("png"))
    room.scan()
    assert "<img" in room.entry(path).body_html
    assert room.source(path).notices == ()
    assert room.kinds() == ["published", "updated"]


def test_the_receipt_follows_what_is_wrong(room: Newsroom) -> None:
    """An image that was missing and then is of the wrong kind is told of as it is now."""
    path = room.write("a.md", article("A", "Text ![a cat](cat.png)"))
    room.scan()
    room.write("cat.png", NO_MEDIA["svg"])
    room.scan()
    (notice,) = room.source(path).notices
    assert (notice.code, notice.line) == ("W_MEDIA", 4)
    assert "whatever its name says" in notice.message
    assert room.kinds() == ["published"]


def test_a_text_of_nothing_but_a_missing_image_waits(room: Newsroom) -> None:
    """Nobody is shown an empty entry."""
    path = room.write("a.md", "![](cat.png)\n")
    room.scan()
    assert room.code(path) == "E_MEDIA"
    room.write("cat.png", medium("png"))
    room.scan()
    assert room.state(path) is PUBLISHED


def test_a_replaced_file_updates_its_entry(room: Newsroom) -> None:
    """The new sound has a new address, and readers are told once; the entry stays the same."""
    room.write("talk.mp3", TALK)
    path = room.write("a.md", article("A", audio="talk.mp3"))
    room.scan()
    before = room.entry(path)
    better = medium("m4a")
    room.write("talk.mp3", better)
    room.scan()
    after = room.entry(path)
    assert (after.id, after.revision) == (before.id, before.revision + 1)
    assert after.enclosures == (Enclosure(address(better, "m4a"), "audio/mp4", len(better), ""),)
    assert room.kinds() == ["published", "updated"]


def test_a_touched_file_changes_nothing(room: Newsroom) -> None:
    """The same bytes with a new time are no news, and are not looked at for ever."""
    room.write("talk.mp3", TALK)
    room.write("a.md", article("A", audio="talk.mp3"))
    room.scan()
    room.touch("talk.mp3")
    room.scan()
    assert room.kinds() == ["published"]
    assert room.ingest.look()[1] == []


def test_a_file_that_goes_leaves_the_good_entry(room: Newsroom) -> None:
    """The text is quarantined with the reason; what was published stays as it was."""
    room.write("talk.mp3", TALK)
    path = room.write("a.md", article("A", audio="talk.mp3"))
    room.scan()
    room.delete("talk.mp3")
    room.scan()
    assert (room.state(path), room.code(path), room.live_titles()) == (QUARANTINED, "E_MEDIA", ["A"])
    room.write("talk.mp3", TALK)
    room.scan()
    assert (room.state(path), room.kinds()) == (PUBLISHED, ["published"])


def test_text_and_files_move_together(room: Newsroom) -> None:
    """A folder with a text and its picture keeps its entry wherever it goes."""
    room.write("news/cat.png", medium("png"))
    room.write("news/a.md", article("A", image="cat.png"))
    room.scan()
    before = room.entry("news/a.md").id
    room.rename("news/cat.png", "sport/cat.png")
    room.rename("news/a.md", "sport/a.md")
    room.scan()
    assert room.entry("sport/a.md").id == before


def test_lost_copies_come_back(room: Newsroom) -> None:
    """Whoever empties the published folder gets the same files again, and no reader a new entry."""
    room.write("talk.mp3", TALK)
    room.write("a.md", article("A", audio="talk.mp3"))
    room.scan()
    (room.media / name_of(TALK, "mp3")).unlink()
    room.scan()
    assert copies(room) == {name_of(TALK, "mp3"): TALK}
    assert room.kinds() == ["published"]
    (room.media / name_of(TALK, "mp3")).write_bytes(b"cut off")
    room.upgrade()
    room.scan()
    assert copies(room) == {name_of(TALK, "mp3"): TALK}


# Unfinished


def test_a_file_that_is_being_written_is_waited_for(room: Newsroom) -> None:
    """Half a podcast is not published: its text waits until the upload is over."""
    path = room.write("a.md", article("A", audio="talk.mp3"))
    with (room.inbox / "talk.mp3").open("wb") as upload:
        upload.write(TALK)
        upload.flush()
        report = room.scan()
        assert report.again == {path: QUIET_S}
        assert (room.state(path), copies(room)) == (WAITING, {})
        problem = room.source(path).problem
        assert problem is not None
        assert "talk.mp3" in problem.cause
        assert room.check(path).state is WAITING
    room.touch("talk.mp3")
    room.scan()
    assert (room.state(path), room.live_titles()) == (PUBLISHED, ["A"])


def test_a_file_that_just_changed_is_waited_for(room: Newsroom) -> None:
    """On a network share nobody can tell who writes: only rest does."""
    room.examiner = replace(room.examiner, media=replace(room.examiner.media, rest_s=3600.0))
    room.restart()
    path = room.write("a.md", article("A", audio="talk.mp3"))
    room.write("talk.mp3", TALK)
    os.utime(room.inbox / "talk.mp3", (time.time(), time.time()))
    room.scan()
    assert room.state(path) is WAITING
    room.touch("talk.mp3")
    room.scan()
    assert room.state(path) is PUBLISHED


# Hostile


@pytest.mark.case("2.32")
def test_links_are_not_followed(room: Newsroom, tmp_path: Path) -> None:
    """A link, to wherever it leads, gives nothing away: not the file, not one behind a linked folder."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.mp3").write_bytes(TALK)
    room.write("real.mp3", TALK)
    (room.inbox / "link.mp3").symlink_to(tmp_path / "outside" / "secret.mp3")
    (room.inbox / "inside.mp3").symlink_to(room.inbox / "real.mp3")
    (room.inbox / "folder").symlink_to(tmp_path / "outside")
    paths = [
        room.write(f"{n}.md", article("A", audio=name))
        for n, name in enumerate(("link.mp3", "inside.mp3", "folder/secret.mp3"))
    ]
    image = room.write("image.md", article("B", "Text ![x](link.mp3)"))
    room.scan()
    assert [room.code(path) for path in paths] == ["E_PATH"] * 3
    assert [notice.code for notice in room.source(image).notices] == ["W_MEDIA"]
    assert copies(room) == {}


def test_pipes_and_folders_are_no_files(room: Newsroom) -> None:
    """A pipe does not block the service."""
    os.mkfifo(room.inbox / "pipe.mp3")
    (room.inbox / "folder.mp3").mkdir()
    paths = [room.write(f"{name}.md", article("A", audio=f"{name}.mp3")) for name in ("pipe", "folder")]
    room.scan()
    assert [room.code(path) for path in paths] == ["E_MEDIA"] * 2


def test_too_large_a_file_is_not_read(room: Newsroom) -> None:
    """A file of ten gigabytes is refused by its size; the setting that allows more is named."""
    room.write("talk.mp3", TALK)
    os.truncate(room.inbox / "talk.mp3", 10_000_000_000)
    path = room.write("a.md", article("A", audio="talk.mp3"))
    room.scan()
    problem = room.source(path).problem
    assert problem is not None
    assert (problem.code, problem.line) == ("E_SIZE", 3)
    assert "inbox.max_media_bytes" in problem.fix
    assert f"{MAX_MEDIA_BYTES:,}" in problem.cause


def test_an_unreadable_file_is_tried_again(room: Newsroom) -> None:
    """Its rights are named; once they are given, the text is published by itself."""
    path = room.write("a.md", article("A", audio="talk.mp3"))
    room.write("talk.mp3", TALK)
    (room.inbox / "talk.mp3").chmod(0)
    with file_modes_count():
        room.scan()
    assert room.code(path) == "E_PERM"
    (room.inbox / "talk.mp3").chmod(0o644)
    room.scan()
    assert room.state(path) is PUBLISHED


def test_a_full_disk_harms_one_text_only(room: Newsroom) -> None:
    """Where no copy can be made the text says so, its neighbours are published, and it follows when there is room."""
    room.media.parent.mkdir()
    room.media.write_bytes(b"a file where the folder should be")
    room.write("talk.mp3", TALK)
    path = room.write("a.md", article("A", audio="talk.mp3"))
    neighbour = room.write("b.md", article("B"))
    room.scan()
    assert (room.code(path), room.state(neighbour)) == ("E_MEDIA", PUBLISHED)
    room.media.unlink()
    room.scan()
    assert (room.state(path), copies(room)) == (PUBLISHED, {name_of(TALK, "mp3"): TALK})


@pytest.mark.parametrize(("key", "kind"), [("audio", "png"), ("image", "mp3"), ("audio", "pdf")])
def test_a_sound_is_no_picture(room: Newsroom, key: str, kind: str) -> None:
    """A slip in the name is noticed: players show no pictures and pages play no documents."""
    room.write("file", medium(kind))
    path = room.write("a.md", article("A", **{key: "file"}))
    room.scan()
    assert room.code(path) == "E_MEDIA"


def test_checking_copies_nothing(room: Newsroom) -> None:
    """``check`` says the same as the daemon would do, and leaves no trace."""
    room.write("talk.mp3", TALK)
    path = room.write("a.md", article("A", audio="talk.mp3"))
    missing = room.write("b.md", article("B", audio="none.mp3"))
    receipts = room.check(path), room.check(missing)
    assert copies(room) == {}
    room.scan()
    assert receipts == (room.receipt(path), room.receipt(missing))


def test_a_published_file_says_whose_it_is(room: Newsroom) -> None:
    """In the list of ignored files, a picture names the text that shows it, as long as one does."""
    room.write("cat.png", medium("png"))
    path = room.write("a.md", article("A", image="cat.png"))
    room.scan()
    room.scan()
    assert (room.state("cat.png"), room.code("cat.png")) == (FileState.IGNORED, "I_MEDIA")
    assert path in room.receipt("cat.png").problem.cause  # type: ignore[union-attr]
    assert room.check("cat.png") == room.receipt("cat.png")
    room.write("a.md", article("A"))
    room.scan()
    room.scan()
    assert room.code("cat.png") == "E_TYPE"


def test_two_processes_may_copy_the_same_file(room: Newsroom) -> None:
    """Whoever comes second waits, and finds the work done."""
    room.media.mkdir(parents=True)
    room.write("talk.mp3", TALK)
    path = room.write("a.md", article("A", audio="talk.mp3"))
    room.scan()
    copy = room.media / name_of(TALK, "mp3")
    inode = copy.stat().st_ino
    room.write("b.md", article("B", audio="talk.mp3"))
    room.scan()
    assert room.state(path) is PUBLISHED
    assert copy.stat().st_ino == inode
    assert [file.name for file in room.media.iterdir()] == [copy.name]


def test_helpers_may_copy_the_same_files(room: Newsroom) -> None:
    """A first build reads texts in two processes: what they copy at the same time is there once and whole."""
    sounds = [medium("mp3", f"{number} ") * 40_000 for number in range(5)]
    rules = replace(room.examiner.media, max_bytes=100_000_000)
    examiner = replace(room.examiner, media=rules)
    for number, sound in enumerate(sounds):
        room.write(f"{number}.mp3", sound)
    paths = [room.write(f"{n:04}.md", article(f"A{n}", audio=f"{n // 25 // 2 % 5}.mp3")) for n in range(250)]
    others = [room.write(f"b{n:04}.txt", f"Report {n}\n\nWhat happened.\n") for n in range(1_300)]
    with examining(examiner, [*paths, *others], may_fork=True) as outcomes:
        examined = list(outcomes)
    assert [isinstance(one, Examined) and one.problem for one in examined] == [None] * 1_550
    assert copies(room) == {name_of(sound, "mp3"): sound for sound in sounds}


def test_a_text_that_names_thousands_is_bounded(room: Newsroom) -> None:
    """Nobody can make the service look for more files than that, or write receipts without end."""
    room.examiner = replace(room.examiner, max_bytes=1_000_000)
    room.restart()
    path = room.write("a.md", "Text\n\n" + "".join(f"![x]({number}.png)\n" for number in range(6_000)))
    room.scan()
    source = room.source(path)
    assert source.state is PUBLISHED
    assert len(source.media) == 5_000
    assert len(source.notices) < 100
    assert "<img" not in room.entry(path).body_html


def test_deleting_withdraws_as_ever(room: Newsroom) -> None:
    """A text that goes takes its entry with it; a picture that goes alone takes nothing."""
    room.write("cat.png", medium("png"))
    room.write("a.md", article("A", image="cat.png"))
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    room.clock.advance(GRACE_S)
    assert room.live_titles() == []
