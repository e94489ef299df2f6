"""How a header and a text name the files that go with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parse_helpers import ORIGIN, codes, entry, parse

from feedsvc.errors import EntryParseError
from feedsvc.model import MediaReference
from feedsvc.parse.attachments import local_path
from feedsvc.parse.hosts import is_public_host


def header(*lines: str, body: str = "Text.") -> str:
    return "\n".join(["---", "title: A", *lines, "---", body, ""])


def refusal(text: str, path: str = "news/file.txt") -> EntryParseError:
    with pytest.raises(EntryParseError) as caught:
        parse(text, path)
    return caught.value


def remote(
    url: str, role: str = "enclosure", media_type: str = "", length: int | None = None, title: str = ""
) -> tuple[object, ...]:
    return (role, "", url, media_type, length, title)


def local(path: str, role: str = "enclosure", title: str = "") -> tuple[object, ...]:
    return (role, path, "", "", None, title)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["audio: talk.mp3"], [local("news/talk.mp3", "audio")]),
        (["image: ./pictures/cat.png"], [local("news/pictures/cat.png", "image")]),
        (["enclosure: /plans/a.pdf"], [local("plans/a.pdf")]),
        (["enclosure: ../plans/a.pdf"], [local("plans/a.pdf")]),
        (["audio: نشرة الظهيرة.mp3"], [local("news/نشرة الظهيرة.mp3", "audio")]),
        (["audio: 100%.mp3"], [local("news/100%.mp3", "audio")]),
        (["audio: [one.mp3, two.mp3]"], [local("news/one.mp3", "audio"), local("news/two.mp3", "audio")]),
        (
            ["enclosure:", "  - a.pdf", "  - {file: b.pdf, title: Plan}"],
            [local("news/a.pdf"), local("news/b.pdf", title="Plan")],
        ),
        (["image: b.png", "audio: a.mp3"], [local("news/b.png", "image"), local("news/a.mp3", "audio")]),
        (["enclosure: https://cdn.example.org/a.mp3"], [remote("https://cdn.example.org/a.mp3")]),
        (["enclosure: HTTPS://cdn.example.org/a b.mp3"], [remote("https://cdn.example.org/a%20b.mp3")]),
        (
            ["audio: {url: 'https://cdn.example.org/a.mp3', length: 1234, type: Audio/MPEG, title: Talk}"],
            [remote("https://cdn.example.org/a.mp3", "audio", "audio/mpeg", 1234, "Talk")],
        ),
        (["image: {path: a.png, alt: A cat}"], [local("news/a.png", "image", "A cat")]),
        (["image: false"], []),
        (["audio:"], []),
        (["audio: ''"], []),
    ],
)  # fmt: skip
def test_what_a_header_names(lines: list[str], found: list[tuple[object, ...]]) -> None:
    """Names are seen from the folder of the text or the top of the inbox; addresses come with what is said of them."""
    assert [reference[:6] for reference in entry(header(*lines)).references] == found


@pytest.mark.parametrize(
    "text",
    [
        '+++\ntitle = "A"\naudio = ["one.mp3"]\n+++\nText.\n',
        '{"title": "A", "audio": "one.mp3"}\n\nText.\n',
        "Title: A\nAudio: one.mp3\n\nText.\n",
        ".. title: A\n.. audio: one.mp3\n\nText.\n",
        "#+TITLE: A\n#+AUDIO: one.mp3\n\nText.\n",
    ],
)
def test_every_kind_of_header_may_name_files(text: str) -> None:
    """The keys are the same in all of them."""
    assert [reference.path for reference in entry(text).references] == ["news/one.mp3"]


def test_json_items_name_files_of_their_own() -> None:
    """Each object has its media; one with a bad path is left out and the others stay."""
    good = '{"title": "A", "body": "x", "audio": {"url": "a.mp3", "title": "T"}}'
    text = f'[{good}, {{"title": "B", "body": "y", "image": "../../x.png"}}]'
    read = parse(text, "news/list.json")
    assert [[reference.path for reference in item.references] for item in read.entries] == [["news/a.mp3"]]
    assert [notice.code for notice in read.notices] == ["W_ITEM"]
    assert "E_PATH" in read.notices[0].message


@pytest.mark.parametrize(
    "name",
    [
        "../../secret", "/../secret", "a/../../../b.mp3", "file:///etc/passwd", "FILE:/etc/passwd",
        "ftp://a.example/b.mp3",
        "data:audio/mpeg;base64,AAAA", "javascript:alert(1)", "C:\\music\\a.mp3", "c:a.mp3", "a\\b.mp3", "%2e%2e/a.mp3",
        "..%2Fa.mp3",
        "a%5cb.mp3", "a%00.mp3", "//cdn.example.org/a.mp3", ".hidden.mp3", ".git/config", "folder/", "..", ".",
        "http://169.254.169.254/", "http://127.0.0.1/a.mp3", "https://localhost/a.mp3", "http://10.0.0.1/a", "http://[::1]/a",
        "http://[::ffff:192.168.1.1]/a",
        "http://0x7f.1/a", "http://2130706433/a", "http://017700000001/", "http://a.local/x",
        "http://printer/a.mp3", "http://user@192.168.0.1/a", "http://１２７.0.0.1/a", "http://127。0。0。1/a",
        "http://[fe80::1%25eth0]/",
        "http://%31%32%37.0.0.1/a", "http://a.example:0/b", "http://a.example:x/b", "http://[bad/b", "http:///a.mp3", "https://",
        "http://127.0.0.1.:80/a", "http://metadata.google.internal/", "http://[64:ff9b::7f00:1]/", "http://224.0.0.1/",
    ],
)  # fmt: skip
def test_what_no_header_may_name(name: str) -> None:
    """Everything outside the inbox, every other scheme and every private network is refused, with the line."""
    error = refusal(header(f"enclosure: '{name}'"))
    assert (error.code, error.line) == ("E_PATH", 3)
    assert "https://" in error.fix


def test_a_name_with_a_null_is_refused() -> None:
    """YAML can write characters that no name has."""
    assert refusal(header('audio: "a\\0.mp3"')).code == "E_PATH"


@pytest.mark.parametrize(
    "host",
    ["example.org", "cdn.example.org.", "93.184.216.34", "2606:2800:220:1::1", "xn--mgbh0fb.example", "مثال.example"],
)
def test_public_hosts(host: str) -> None:
    """Names with a dot and global addresses are what the public can reach."""
    assert is_public_host(host)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("image: [a.png, b.png]", "E_FRONTMATTER"),
        ("audio: [[a.mp3]]", "E_FRONTMATTER"),
        ("audio: {title: no name}", "E_FRONTMATTER"),
        (f"audio: [{', '.join(f'{n}.mp3' for n in range(101))}]", "E_LIMIT"),
    ],
)
def test_shapes_that_are_refused(line: str, code: str) -> None:
    """One image, names and not lists of lists, and not more than a hundred of them."""
    assert refusal(header(line)).code == code


@pytest.mark.parametrize(
    "detail", ["length: many", "length: -1", "length: 99999999999999999999", "type: sound", "type: 'a/b\\r\\nX: y'"]
)
def test_details_that_make_no_sense_are_not_used(detail: str) -> None:
    """A wrong length or type costs a warning, not the entry."""
    text = header(f"audio: {{url: 'https://a.example/b.mp3', {detail}}}")
    assert codes(text) == ["W_MEDIA"]
    (reference,) = entry(text).references
    assert (reference.media_type, reference.length) == ("", None)


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("![](cat.png)", "news/cat.png"),
        ("![](<my cat.png>)", "news/my cat.png"),
        ("![](my%20cat.png)", "news/my cat.png"),
        ("![](/pictures/cat.png)", "pictures/cat.png"),
        ("![](../pictures/cat.png?v=1#top)", "pictures/cat.png"),
        ("![](قطة.png)", "news/قطة.png"),
        ('<img src="cat.png" alt="a > b">', "news/cat.png"),
        ("<IMG SRC=cat.png>", "news/cat.png"),
        ("<image src=cat.png>", "news/cat.png"),
    ],
)
def test_images_within_a_text(image: str, path: str) -> None:
    """They are named like all links of Markdown and HTML, and stay in the text for the time being."""
    read = entry(f"Text\n\n{image}\n", "news/a.md")
    assert read.references == (MediaReference("inline", path, "", "", None, "", 3, None),)
    assert f'src="{ORIGIN}/' in read.body_html


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.png",
        "file:///etc/passwd",
        "..%2f..%2fsecret.png",
        "a\\b.png",
        "data:image/png;base64,AA",
        ".git/a.png",
    ],
)
def test_images_with_bad_paths_leave_their_words(name: str) -> None:
    """The text is published with the alternative text in the place of the image, and a warning says so."""
    text = f"Before ![a **cat**](<{name}>) after.\n"
    assert codes(text, "news/a.md") == ["W_MEDIA"]
    read = entry(text, "news/a.md")
    assert (read.body_html, read.references) == ("<p>Before a cat after.</p>", ())


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        (header(body="One.\n\n![](cat.png)"), "a.md", 6),
        ("<p>One.</p>\n<img src='my%20cat.png'>\n", "a.html", 2),
        ("---\nprofile: bulletin\nitems: heading\n---\n# One\n\nText.\n\n# Two\n\n![](cat.png) text\n", "a.md", 11),
    ],
)
def test_the_line_of_an_image_is_known(text: str, path: str, line: int) -> None:
    """What is wrong with it can be shown in its place."""
    assert [each.line for item in parse(text, path).entries for each in item.references] == [line]


def test_images_elsewhere_stay() -> None:
    """Absolute addresses are the business of the reader."""
    text = "![a](https://a.example/b.png) ![b](//a.example/c.png)\n"
    assert codes(text, "news/a.md") == []
    read = entry(text, "news/a.md")
    assert read.references == ()
    assert read.body_html.count("<img") == 2


def test_plain_text_shows_no_images() -> None:
    """What looks like an image in plain text is text."""
    read = entry("Head\n\n![a](b.png) <img src=c.png>\n")
    assert read.references == ()


def test_a_caption_is_no_header() -> None:
    """A text that begins with “Image: ...” stays a text."""
    read = entry("Image: the mayor opens the pool\n\nMany came.\n")
    assert read.references == ()
    assert "the mayor opens the pool" in read.title


@pytest.mark.parametrize(
    ("lines", "title", "body"),
    [
        (["title: Talk", "audio: a.mp3"], "Talk", ""),
        (["audio: evening-news.mp3"], "evening news", ""),
        (["audio: {file: a.mp3, title: The talk}", "summary: One hour."], "The talk", "<p>One hour.</p>"),
    ],
)
def test_a_file_may_be_the_whole_entry(lines: list[str], title: str, body: str) -> None:
    """A podcast episode needs no text; its title is told or taken from the name."""
    read = entry("\n".join(["---", *lines, "---", ""]))
    assert (read.title, read.body_html) == (title, body)


def test_a_bulletin_shares_no_files() -> None:
    """A file belongs to one item; blocks name their own, with their own lines."""
    items = "title: A\naudio: a.mp3\n\nOne.\n\n---\ntitle: B\n\nTwo.\n"
    text = f"---\nprofile: bulletin\nitems: blocks\naudio: all.mp3\n---\n{items}"
    read = parse(text)
    assert [[(r.path, r.line) for r in item.references] for item in read.entries] == [[("news/a.mp3", 7)], []]
    assert [notice.code for notice in read.notices] == ["W_KEY"]


@given(st.text(alphabet=st.sampled_from("ab./\\%2eEfF05cC: \0é"), max_size=30), st.sampled_from(["", "news", "a/b"]))
def test_no_name_leads_out_of_the_inbox(name: str, folder: str) -> None:
    """Whatever is written, what is accepted is a plain path below the inbox without hidden parts."""
    try:
        path = local_path(name, folder)
    except ValueError:
        return
    assert path
    assert all(part and not part.startswith(".") and "\\" not in part and "\0" not in part for part in path.split("/"))
