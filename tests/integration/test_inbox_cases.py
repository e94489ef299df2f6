"""Hostile and clumsy files, one by one: each has its outcome, and none harms its neighbour or is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from newsroom import EMPTY_WAIT_S, Newsroom, article

from feedsvc.model import Channel, FileState, Format
from feedsvc.render import check_feed, render_entry, render_feed

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHED, QUARANTINED, IGNORED = FileState.PUBLISHED, FileState.QUARANTINED, FileState.IGNORED
TEXT = "The council met on Monday and voted.\n"


def header(*lines: str, body: str = TEXT) -> str:
    """Return a file with these lines of front matter."""
    return "\n".join(["---", *lines, "---", body])


def case(row: str, path: str, text: str | bytes, state: FileState, *codes: str) -> object:
    """Return one row: what is dropped, the state of the file, and the codes of its receipt."""
    return pytest.param(path, text, state, codes, id=f"case-{row}")


@pytest.mark.parametrize(
    ("path", "text", "state", "codes"),
    [
        case("2.1-nothing", "a.txt", b"", QUARANTINED, "E_EMPTY"),
        case("2.1-spaces", "a.txt", " \n\t\n", QUARANTINED, "E_EMPTY"),
        case("2.1-bom", "a.txt", b"\xef\xbb\xbf", QUARANTINED, "E_EMPTY"),
        case("2.2", "a.md", header("title: A", body=""), QUARANTINED, "E_NO_BODY"),
        case("2.2-link", "a.md", header("title: A", "link: https://a.example/", body=""), PUBLISHED),
        case("2.2-audio", "a.md", header("audio: https://cdn.example.org/a.mp3", body=""), PUBLISHED),
        case("2.3", "a.md", header("title:"), PUBLISHED),
        case("2.4", "a.txt", TEXT, PUBLISHED),
        case("2.5-picture", "a.jpg", b"\xff\xd8\xff\xe0", IGNORED, "E_TYPE"),
        case("2.5-office", "a.docx", b"PK\x03\x04", IGNORED, "E_TYPE"),
        case("2.5-log", "a.log", TEXT, IGNORED, "E_TYPE"),
        case("2.6", "a.TXT", TEXT, PUBLISHED),
        case("2.8-dropbox", "a (Mona's conflicted copy 2026-11-24).txt", TEXT, IGNORED, "W_CONFLICT"),
        case("2.8-syncthing", "a.sync-conflict-20261124-101010-ABCDEFG.txt", TEXT, IGNORED, "W_CONFLICT"),
        case("2.15", "a.txt", "word " * 5_000, QUARANTINED, "E_SIZE"),
        case("2.21", "a.txt", b"Hello\0there", QUARANTINED, "E_BINARY"),
        case("2.22-bom-crlf", "a.txt", b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\nText.\r\n", PUBLISHED),
        case("2.23", "a.txt", "أعلنت البلدية عن افتتاح المكتبة".encode("cp1256"), QUARANTINED, "E_ENCODING"),
        case("2.24-byte", "a.txt", b"One\nTwo \xff three\n", QUARANTINED, "E_ENCODING"),
        case("2.24-overlong", "a.txt", b"One \xc0\xaf two", QUARANTINED, "E_ENCODING"),
        case("2.24-cesu", "a.txt", b"One \xed\xa0\xbd\xed\xb8\x80", QUARANTINED, "E_ENCODING"),
        case("2.25", "a.txt", "One\x0b\x0c\x1b\x02 two\ufffe\uffff.\n", PUBLISHED, "W_CTRL"),
        case("2.26", "a.md", header('title: "\\ud800"'), PUBLISHED, "W_CTRL"),
        case("2.27", "a.md", header('title: "\u202egnp.exe \u2066"', 'author: "\u202eMona"'), PUBLISHED),
        case("2.28", "a.md", header('title: "\u200b\u3164\u2800"'), PUBLISHED),
        case("2.29", "a.md", header("title: 👨\u200d👩\u200d👧 🇪🇬 " + "a" + "\u0301" * 40), PUBLISHED),
        case("2.30-emoji", "a.md", header("title: 🎉🎉"), PUBLISHED),
        case("2.30-dots", "a.md", header("title: ..."), PUBLISHED),
        case("2.30-device", "a.md", header("title: CON"), PUBLISHED),
        case("2.30-long", "a.md", header(f"title: {'word ' * 60}"), PUBLISHED),
        case("2.31-parent", "a.md", header("slug: ../../etc/cron.d/x"), QUARANTINED, "E_PATH"),
        case("2.31-root", "a.md", header("slug: /abs"), QUARANTINED, "E_PATH"),
        case("2.31-backslash", "a.md", header("slug: a\\b"), QUARANTINED, "E_PATH"),
        case("2.31-encoded", "a.md", header('slug: "%2e%2e"'), QUARANTINED, "E_PATH"),
        case("2.32-parent", "a.md", header("enclosure: ../../secret"), QUARANTINED, "E_PATH"),
        case("2.32-file", "a.md", header("image: file:///etc/passwd"), QUARANTINED, "E_PATH"),
        case("2.32-network", "a.md", header("enclosure: http://169.254.169.254/"), QUARANTINED, "E_PATH"),
        case("2.32-audio", "a.md", header("audio: /../secret.mp3"), QUARANTINED, "E_PATH"),
        case("2.32-encoded", "a.md", header("image: '%2e%2e/secret.png'"), QUARANTINED, "E_PATH"),
        case("2.32-missing", "a.md", header("audio: none.mp3"), QUARANTINED, "E_MEDIA"),
        case("2.32-text", "a.md", header("title: A", body="Text ![x](../../secret.png)"), PUBLISHED, "W_MEDIA"),
        case("2.34", "a.md", "<script>x</script><svg onload=x>\n\n[a](javascript:x) text <iframe src=x>", PUBLISHED),
        case("2.34-text", "a.txt", "<script>alert(1)</script>\n\nText.", PUBLISHED),
        case("2.35", "a.txt", "]]> <!ENTITY x> &undefined; <?xml?>\n\nText.", PUBLISHED),
        case("2.36", "a.md", header('title: "Hi\\r\\nBcc: x@y.z\\0\\e"'), PUBLISHED),
        case("2.37", "a.txt", "{{ 7*7 }} {% include x %} %(x)s ${HOME}\n\nText.", PUBLISHED),
        case("2.38", "a.md", header("a: &a [x, x]", "b: [*a, *a]"), QUARANTINED, "E_FRONTMATTER"),
        case("2.39-depth", "a.md", header("a: " + "[" * 5_000), QUARANTINED, "E_LIMIT"),
        case("2.39-keys", "a.md", header(*(f"k{n}: 1" for n in range(1_500))), QUARANTINED, "E_LIMIT"),
        case("2.40", "a.md", header("a: !!python/object/apply:os.system [ls]"), QUARANTINED, "E_FRONTMATTER"),
        case("2.41-unclosed", "a.md", "---\ntitle: A\n\nText.", QUARANTINED, "E_FRONTMATTER"),
        case("2.41-rule", "a.md", "Text.\n\n---\n\nMore.", PUBLISHED),
        case("2.41-text", "a.txt", "---\nText without keys.\n\nMore.", PUBLISHED),
        case("2.42-colon", "a.md", header("title: Foo: bar"), QUARANTINED, "E_FRONTMATTER"),
        case("2.42-tab", "a.md", header("title: a", "\tb: c"), QUARANTINED, "E_FRONTMATTER"),
        case("2.42-escape", "a.md", header('title: "a\\d"'), QUARANTINED, "E_FRONTMATTER"),
        case("2.43", "a.md", header("Title: A", "title: B", "TITLE: C"), PUBLISHED, "W_DUP_KEY", "W_DUP_KEY"),
        case("2.44", "a.txt", "Note: the minister said so\n\nText.", PUBLISHED),
        case("2.45-february", "a.md", header("date: 2026-02-30"), QUARANTINED, "E_DATE"),
        case("2.45-tomorrow", "a.md", header("date: tomorrow"), QUARANTINED, "E_DATE"),
        case("2.45-time", "a.md", header("date: 12:30:45"), QUARANTINED, "E_DATE"),
        case("2.45-arabic", "a.md", header("date: ٢٠٢٦-٠١-٢٤"), PUBLISHED, "H_ZONE"),
        case("2.46-2099", "a.md", header("date: 2099-01-01T00:00:00Z"), FileState.SCHEDULED),
        case("2.46-year-1", "a.md", header("date: 0001-01-01T00:00:00Z"), QUARANTINED, "E_DATE"),
        case("2.47-draft", "a.md", header("draft: true"), FileState.DRAFT),
        case("2.47-over", "a.md", header("expires: 2025-01-01T00:00:00Z"), IGNORED, "W_EXPIRED"),
        case("2.58", "a.zip", b"PK\x03\x04", IGNORED, "E_TYPE"),
        case("2.60", "a.json", '[{"body": "Good."}, {"body": "Bad.", "date": "x"}]', PUBLISHED, "W_ITEM"),
        case("2.62", "a.md", header(f"tags: {', '.join(f't{n}' for n in range(2_000))}"), PUBLISHED, "W_TAGS"),
    ],
)  # fmt: skip
def test_file_has_its_outcome(
    path: str, text: str | bytes, state: FileState, codes: tuple[str, ...], tmp_path: Path
) -> None:
    """State and codes are as listed, checking says the same, and nobody else notices anything."""
    room = Newsroom(tmp_path)
    room.write("neighbour.md", article("Neighbour"))
    room.write(path, text)
    before = (room.inbox / path).read_bytes()
    room.scan()
    room.clock.advance(EMPTY_WAIT_S + 1)
    room.scan()
    receipt = room.receipt(path)
    found = [*([receipt.problem.code] if receipt.problem else []), *(notice.code for notice in receipt.notices)]
    assert (receipt.state, sorted(found)) == (state, sorted(codes))
    if state is not IGNORED:
        assert room.check(path) == receipt
    assert room.state("neighbour.md") is PUBLISHED
    assert (room.inbox / path).read_bytes() == before
    assert_feeds_are_valid(room)


def assert_feeds_are_valid(room: Newsroom) -> None:
    """Render the main feed in all formats and check each."""
    with room.store.reading() as unit:
        entries = unit.window("main", 50)
    channel = Channel(room.feeds[0], max(entry.updated for entry in entries))
    for format_ in Format:
        parts = [render_entry(format_, entry, room.site) for entry in entries]
        check_feed(format_, render_feed(format_, channel, parts, room.site), len(parts))


@pytest.mark.parametrize(
    "name",
    [".hidden.txt", "_draft.txt", "a.txt~", "#a.txt#", ".#a.txt", ".a.txt.swp", "4913", ".goutputstream-X", "a.tmp",
     "a.part", "a.filepart", "a.crdownload", ".syncthing.a.txt.tmp", "~syncthing~a.txt", ".~lock.a.txt#", "._a.txt",
     ".DS_Store", "Thumbs.db"],
    ids=lambda name: f"case-2.7-{name}",
)  # fmt: skip
def test_program_files_are_passed_over_in_silence(name: str, tmp_path: Path) -> None:
    """The store never hears of them."""
    room = Newsroom(tmp_path)
    room.write(name, TEXT)
    room.scan()
    assert not room.is_known(name)
