"""What hostile and clumsy files say once they are published: titles, dates, names and texts, row by row."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aftermath import assert_goes_on, inventory
from newsroom import Newsroom, article

from feedsvc.model import FileState, Format
from feedsvc.render import render_entry

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.model import Entry

TEXT = "The council met on Monday and voted.\n"
FIRST = "The council met on Monday and voted"
"""The title that is derived from *TEXT*."""

ARABIC = "افتتاح حديقة الميناء\n\nفتحت البلدية أبواب الحديقة صباح اليوم.\n"


def header(*lines: str, body: str = TEXT) -> str:
    """Return a file with these lines of front matter."""
    return "\n".join(["---", *lines, "---", body])


def says(row: str, text: str | bytes, path: str = "a.md", **values: object) -> object:
    """Return one row: what is dropped, and what its entry says."""
    return pytest.param(path, text, values, id=f"case-{row}")


def day(*parts: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("path", "text", "values"),
    [
        says("1.18-yes", header("title: yes"), title="yes"),
        says("1.18-number", header("title: 2026"), title="2026"),
        says("1.18-octal", header("title: 0o17"), title="0o17"),
        says("1.18-tag", header("title: '#tag'"), title="#tag"),
        says("1.18-bare-tag", header("title: #tag"), title="#tag"),
        says("1.18-null", header("title: null"), title="null"),
        says("1.18-time", header("title: 12:30:45"), title="12:30:45"),
        says("1.18-twice", header("title: First", "title: Second"), title="First"),
        says("1.20-offset", header("date: 2013-12-02 7:37:00 -0400"), published=day(2013, 12, 2, 11, 37)),
        says("1.20-slashes", header("date: 2013/02/19 12:49:20"), published=day(2013, 2, 19, 12, 49, 20)),
        says("1.20-utc", header("date: 2013-02-19 12:49:20 UTC"), published=day(2013, 2, 19, 12, 49, 20)),
        says("1.20-short", header("date: 2020-12-2"), published=day(2020, 12, 2)),
        says("1.20-none", header("title: A"), published=day(2026, 3, 1, 8)),
        says("1.20-name", TEXT, "2020-12-02 a.md", published=day(2020, 12, 2)),
        says("1.21", header("date: 2020-01-24"), "2020-01-02 a.md", published=day(2020, 1, 24)),
        says("1.22", header("date: 2026-03-01T08:09:00Z"), published=day(2026, 3, 1, 8)),
        says("1.27", ARABIC, "a.txt", language="ar", direction="rtl"),
        says("2.3", header("title:"), title=FIRST, body_html=f"<p>{TEXT.strip()}</p>"),
        says("2.4", TEXT, "a.txt", title=FIRST, body_html=f"<p>{TEXT.strip()}</p>"),
        says("2.22-utf16", "\ufeffحديقة\n\nنص.\n".encode("utf-16-le"), "a.txt", title="حديقة"),
        says("2.22-crlf", b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\nText.\r\n", title="A", body_html="<p>Text.</p>"),
        says("2.25", "One\x0b\x0c\x1b\x02two\ufffe\uffff.\n", "a.txt", body_html="<p>Onetwo.</p>"),
        says("2.26", header('title: "a\\ud800b"'), title="a\ufffdb"),
        says("2.26-json", r'[{"title": "a\ud800b", "body": "c\udfffd"}]', "a.json", title="a\ufffdb",
             body_html="<p>c\ufffdd</p>"),
        says("2.27", header('title: "\u202egnp.exe \u2066"', 'author: "\u202eMona"'), title="gnp.exe",
             authors=("Mona",)),
        says("2.27-body", "Title\n\nA \u2066word.\n\nA \u200fmark\u200c.", "a.txt",
             body_html="<p>A \u2066word.\u2069</p>\n<p>A \u200fmark\u200c.</p>"),
        says("2.28", header('title: "\u200b\u3164\u2800"'), title=FIRST),
        says("2.30-long", header(f"title: {'word ' * 60}"), title=("word " * 60).strip()),
        says("2.34-text", "T\n\n<script>alert(1)</script>", "a.txt",
             body_html="<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        says("2.34-title", header('title: "<b>A</b>"'), title="<b>A</b>"),
        says("2.36", header('title: "Hi\\r\\nBcc: x@y.z\\L\\0\\e"'), title="Hi Bcc: x@y.z"),
        says("2.37", "{{ 7*7 }} {% x %}\n\n%(x)s ${HOME}", "a.txt", title="{{ 7*7 }} {% x %}",
             body_html="<p>%(x)s ${HOME}</p>"),
        says("2.41-rule", "Text.\n\n---\n\nMore.", body_html="<p>Text.</p>\n<hr>\n<p>More.</p>"),
        says("2.41-text", "---\nText without keys.\n\nMore.", "a.txt", title="---",
             body_html="<p>Text without keys.</p>\n<p>More.</p>"),
        says("2.43", header("Title: A", "title: B", "TITLE: C"), title="B"),
        says("2.43-other", header("Title: A", "TITLE: C"), title="A"),
        says("2.44", "Note: the minister said so\n\nText.", "a.txt", title="Note: the minister said so"),
        says("2.45-arabic", header("date: ٢٠٢٦-٠١-٢٤"), published=day(2026, 1, 24)),
        says("2.45-persian", header("date: ۲۰۲۶-۰۱-۲۴"), published=day(2026, 1, 24)),
        says("2.46-5-minutes", header("date: 2026-03-01T08:05:00Z"), published=day(2026, 3, 1, 8)),
        says("2.51", TEXT, "\x1b[31mred\x1b[0m.txt", slug="the-council-met-on-monday-and-voted"),
        says("2.59-no-subject", "From: m@a.example\n\nThe tram runs again.\n", "a.eml", title="The tram runs again"),
        says("2.62-author", header('author: "<x@y>\\n"'), authors=("<x@y>",)),
    ],
)  # fmt: skip
def test_entry_says_what_its_editor_meant(path: str, text: str | bytes, values: dict[str, Any], tmp_path: Path) -> None:
    """The values are as listed, the neighbours are published, and the file is as it was."""
    room, entry = publish(tmp_path, path, text)
    assert {name: shown(entry, name) for name in values} == values
    room.store.close()


def publish(folder: Path, path: str, text: str | bytes) -> tuple[Newsroom, Entry]:
    """Drop a file beside a good one, and return its entry."""
    room = Newsroom(folder)
    room.write("neighbour.md", article("Neighbour"))
    room.write(path, text)
    before = inventory(room.inbox)
    room.scan()
    assert inventory(room.inbox) == before
    assert room.state("neighbour.md") is FileState.PUBLISHED
    assert_goes_on(room)
    return room, room.entry(path)


def shown(entry: Entry, name: str) -> object:
    """Return what *entry* says, times in whole seconds."""
    value = getattr(entry, name)
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def in_feeds(room: Newsroom, entry: Entry) -> dict[Format, str]:
    """Return the entry as it stands in each feed."""
    return {format_: render_entry(format_, entry, room.site).decode() for format_ in Format}


@pytest.mark.case("1.27")
def test_right_to_left_is_said_in_every_feed(tmp_path: Path) -> None:
    """Readers do not detect it: the body is wrapped with language and direction, and Atom names the language."""
    room, entry = publish(tmp_path, "a.txt", ARABIC)
    feeds = in_feeds(room, entry)
    assert 'xml:lang="ar"' in feeds[Format.ATOM]
    for text in feeds.values():
        wrapper = re.search(r"(?:<|&lt;|\\u003c)div [^>]*?(?:>|&gt;)", text)
        assert wrapper is not None
        assert "rtl" in wrapper[0]
        assert "ar" in wrapper[0]


@pytest.mark.case("1.28")
def test_a_summary_is_cut_before_it_is_escaped(tmp_path: Path) -> None:
    """No feed ends in half an entity, wherever the cut falls."""
    for shift in range(6):
        text = f"Title\n\n{'x' * shift}{'Tom & Jerry < ' * 60}\n"
        room, entry = publish(tmp_path / str(shift), "a.txt", text)
        assert len(entry.summary) <= 301
        assert set(re.findall(r"&\w*;?", entry.summary)) == {"&"}
        assert re.search(r"&(?!\w+;|#\d+;)", in_feeds(room, entry)[Format.ATOM]) is None
        room.store.close()


@pytest.mark.case("2.29")
def test_letters_of_many_parts_are_never_cut_apart(tmp_path: Path) -> None:
    """Families, flags and letters under forty marks stand whole in the title that is cut from a long line."""
    letters = ["👨\u200d👩\u200d👧", "🇪🇬", "a" + "\u0301" * 40]
    for number, letter in enumerate(letters):
        room, entry = publish(tmp_path / str(number), "a.txt", letter * 90 + ".\n")
        title = entry.title.removesuffix("…")
        assert len(entry.title) <= 101
        assert title == letter * (len(title) // len(letter)) != ""
        room.store.close()


@pytest.mark.case("2.30")
@pytest.mark.parametrize("title", ["🎉🎉", "...", "/", "CON", "word " * 60])
def test_odd_titles_have_pages_of_their_own(title: str, tmp_path: Path) -> None:
    """The title is kept, and the address is plain and safe."""
    _, entry = publish(tmp_path, "a.md", header(f"title: {title}"))
    assert entry.title == title.strip()
    assert re.fullmatch(r"[a-z0-9-]{1,80}", entry.slug)


@pytest.mark.case("2.32")
@pytest.mark.parametrize("key", ["enclosure", "image", "audio"])
@pytest.mark.parametrize("value", ["../secret.txt", "file:///etc/passwd", "http://169.254.169.254/"])
def test_no_attachment_leads_out_of_the_inbox(key: str, value: str, tmp_path: Path) -> None:
    """Neither the file it names nor its address gets into a feed."""
    (tmp_path / "secret.txt").write_text("The secret of the house")
    room = Newsroom(tmp_path)
    room.write("a.md", article("A", **{key: value}))
    room.scan()
    assert (room.state("a.md").value, room.code("a.md")) == ("quarantined", "E_PATH")
    room.write("a.md", article("A"))
    room.scan()
    for text in in_feeds(room, room.entry("a.md")).values():
        assert not any(part in text for part in ("secret", "passwd", "169.254"))
    assert_goes_on(room)
    room.store.close()


@pytest.mark.case("2.35")
def test_text_that_looks_like_xml_is_a_text(tmp_path: Path) -> None:
    """It stands in each feed escaped, so that a reader shows what the editor wrote."""
    line = "]]> <!ENTITY x> &undefined; <?xml?>"
    room, entry = publish(tmp_path, "a.txt", f"{line}\n\nText.\n")
    assert entry.title == line
    assert "]]&gt; &lt;!ENTITY x&gt; &amp;undefined; &lt;?xml?&gt;" in in_feeds(room, entry)[Format.ATOM]


@pytest.mark.case("2.33")
def test_a_file_chooses_neither_its_place_nor_its_look(tmp_path: Path) -> None:
    """What it asks for is told as without meaning, and is in no feed."""
    room, entry = publish(tmp_path, "a.md", header("title: A", "output: ../x.html", "template: /etc/passwd"))
    told = [notice.message for notice in room.receipt("a.md").notices]
    assert [message.split()[2] for message in told] == ["output", "template"]
    assert not any("passwd" in text or "x.html" in text for text in in_feeds(room, entry).values())


@pytest.mark.case("2.62")
def test_tags_are_capped(tmp_path: Path) -> None:
    """The first fifty of thousands are used; look-alikes of different letters are two tags."""
    room, entry = publish(tmp_path, "a.md", header(f"tags: {','.join(f't{n}' for n in range(2_000))}"))
    assert entry.tags == tuple(f"t{n}" for n in range(50))
    room.write("b.md", header("title: B", "tags: [paypal, pаypal, PayPal]"))
    room.scan()
    assert room.entry("b.md").tags == ("paypal", "pаypal")
