"""Rows of the list of inbox cases that are one file each: what is dropped, and what becomes of it."""

from __future__ import annotations

import codecs
import os
from typing import NamedTuple

from feedsvc.model import FileState

PUBLISHED, QUARANTINED, IGNORED = FileState.PUBLISHED, FileState.QUARANTINED, FileState.IGNORED
SCHEDULED = FileState.SCHEDULED
TEXT = "The council met on Monday and voted.\n"
MAX_BYTES = 1_000_000


def header(*lines: str, body: str = TEXT) -> str:
    """Return a file with these lines of front matter."""
    return "\n".join(["---", *lines, "---", body])


class Case(NamedTuple):
    """A row, the file that is dropped, its state, and the codes of its receipt."""

    row: str
    path: str
    data: bytes
    state: FileState
    codes: tuple[str, ...]


def case(row: str, path: str, text: str | bytes, state: FileState, *codes: str) -> Case:
    """Return one row of the table."""
    return Case(row, path, text.encode() if isinstance(text, str) else text, state, codes)


def nested_mail(depth: int) -> str:
    """Return a mail whose text lies in so many parts, one in the other."""
    opening = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}" for n in range(depth)]
    closing = [f"--b{n}--" for n in reversed(range(depth))]
    return "\n".join(["Subject: The tram", *opening, "Content-Type: text/plain", "", TEXT, *closing, ""])


MAIL_OF_NO_CHARSET = b"Subject: A\nContent-Type: text/plain; charset=x-klingon\n\nThe tram \xe9\xff runs.\n"


ENCODED = "أعلنت البلدية عن افتتاح المكتبة"
NOT_UTF8 = os.fsdecode(b"caf\xe9.txt")
CASES = [
    # Section 1
    case("1.16-nil", "a.md", header("id: 00000000-0000-0000-0000-000000000000"), PUBLISHED, "W_ID"),
    case("1.16-todo", "a.md", header("id: TODO"), PUBLISHED, "W_ID"),
    case("1.16-empty", "a.md", header('id: ""'), PUBLISHED, "W_ID"),
    case("1.17-colon", "a.md", header("title: Foo: bar"), QUARANTINED, "E_FRONTMATTER"),
    case("1.17-at", "a.md", header("title: @x"), QUARANTINED, "E_FRONTMATTER"),
    case("1.17-bracket", "a.md", header("title: [a] b"), QUARANTINED, "E_FRONTMATTER"),
    case("1.17-escape", "a.md", header('title: "a\\d"'), QUARANTINED, "E_FRONTMATTER"),
    case("1.17-tab", "a.md", header("title: a", "\tb: c"), QUARANTINED, "E_FRONTMATTER"),
    case("1.19-month-13", "a.md", header("date: 2026-13-45"), QUARANTINED, "E_DATE"),
    case("1.19-year-0", "a.md", header("date: 0000-01-01"), QUARANTINED, "E_DATE"),
    case("1.19-huge-number", "a.md", header(f"title: {'9' * 10_000}"), PUBLISHED),
    case("1.19-depth", "a.md", header("a: " + "[" * 5_000), QUARANTINED, "E_LIMIT"),
    case("1.19-keys", "a.md", header(*(f"k{n}: 1" for n in range(100_000))), QUARANTINED, "E_LIMIT"),
    case("1.20-two-ways", "a.md", header("date: 03-04-2016"), QUARANTINED, "E_DATE"),
    case("1.20-impossible", "a.md", header("date: 2026-11-31"), QUARANTINED, "E_DATE"),
    case("1.21", "2026-01-02 a.md", header("date: 2026-01-24T10:00:00Z"), PUBLISHED, "H_NAME_DATE"),
    case("1.22-9-minutes", "a.md", header("date: 2026-03-01T08:09:00Z"), PUBLISHED),
    case("1.22-12-minutes", "a.md", header("date: 2026-03-01T08:12:00Z"), SCHEDULED),
    case("1.23-nul", "a.txt", "Hello there".encode("utf-16-le") + b"\0\0\0", QUARANTINED, "E_BINARY"),
    case("1.23-cp1256", "a.txt", ENCODED.encode("cp1256"), QUARANTINED, "E_ENCODING"),
    case("1.24", NOT_UTF8, TEXT, PUBLISHED),
    case("1.26-dropbox", "a (Mona's conflicted copy 2026-11-24).txt", TEXT, IGNORED, "W_CONFLICT"),
    case("1.26-syncthing", "a.sync-conflict-20261124-101010-ABCDEFG.txt", TEXT, IGNORED, "W_CONFLICT"),
    case("1.30", "a.md", header("title: A", "Tag: harbour"), PUBLISHED, "W_KEY"),
    # Section 2
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
    case("2.5-no-ending", "README", TEXT, IGNORED, "E_TYPE"),
    case("2.6", "a.TXT", TEXT, PUBLISHED),
    case("2.6-mixed", "a.Txt", TEXT, PUBLISHED),
    case("2.8-dropbox", "a (Mona's conflicted copy 2026-11-24).txt", TEXT, IGNORED, "W_CONFLICT"),
    case("2.8-syncthing", "a.sync-conflict-20261124-101010-ABCDEFG.txt", TEXT, IGNORED, "W_CONFLICT"),
    case("2.15", "a.txt", "word " * (MAX_BYTES // 5 + 1), QUARANTINED, "E_SIZE"),
    case("2.21", "a.txt", b"Hello\0there", QUARANTINED, "E_BINARY"),
    case("2.22-utf16-le", "a.txt", codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), PUBLISHED),
    case("2.22-utf16-be", "a.txt", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), PUBLISHED),
    case("2.22-bom-crlf", "a.txt", b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\nText.\r\n", PUBLISHED),
    case("2.23", "a.txt", ENCODED.encode("cp1256"), QUARANTINED, "E_ENCODING"),
    case("2.24-byte", "a.txt", b"One\nTwo \xff three\n", QUARANTINED, "E_ENCODING"),
    case("2.24-overlong", "a.txt", b"One \xc0\xaf two", QUARANTINED, "E_ENCODING"),
    case("2.24-cesu", "a.txt", b"One \xed\xa0\xbd\xed\xb8\x80", QUARANTINED, "E_ENCODING"),
    case("2.25", "a.txt", "One\x0b\x0c\x1b\x02 two\ufffe\uffff.\n", PUBLISHED, "W_CTRL"),
    case("2.26", "a.md", header('title: "\\ud800"'), PUBLISHED, "W_CTRL"),
    case("2.26-json", "a.json", r'[{"title": "A \ud800", "body": "B \ud800"}]', PUBLISHED, "W_CTRL"),
    case("2.27", "a.md", header('title: "\u202egnp.exe \u2066"', 'author: "\u202eMona"'), PUBLISHED),
    case("2.28", "a.md", header('title: "\u200b\u3164\u2800"'), PUBLISHED),
    case("2.29", "a.md", header("title: 👨\u200d👩\u200d👧 🇪🇬 " + "a" + "\u0301" * 40), PUBLISHED),
    case("2.30-emoji", "a.md", header("title: 🎉🎉"), PUBLISHED),
    case("2.30-dots", "a.md", header("title: ..."), PUBLISHED),
    case("2.30-slash", "a.md", header("title: /"), PUBLISHED),
    case("2.30-device", "a.md", header("title: CON"), PUBLISHED),
    case("2.30-long", "a.md", header(f"title: {'word ' * 60}"), PUBLISHED),
    case("2.31-parent", "a.md", header("slug: ../../etc/cron.d/x"), QUARANTINED, "E_PATH"),
    case("2.31-root", "a.md", header("slug: /abs"), QUARANTINED, "E_PATH"),
    case("2.31-backslash", "a.md", header("slug: a\\b"), QUARANTINED, "E_PATH"),
    case("2.31-encoded", "a.md", header('slug: "%2e%2e"'), QUARANTINED, "E_PATH"),
    case("2.31-nul", "a.md", header('slug: "a\\0b"'), QUARANTINED, "E_PATH"),
    *(
        case(f"2.32-{key}-{name}", "a.md", header("title: A", f"{key}: {value}"), QUARANTINED, "E_PATH")
        for key in ("enclosure", "image", "audio")
        for name, value in (("up", "../../secret"), ("file", "file:///etc/passwd"), ("web", "http://169.254.169.254/"))
    ),
    case("2.33", "a.md", header("title: A", "output: ../x.html", "template: /etc/passwd"), PUBLISHED, "W_KEY", "W_KEY"),
    case("2.32-missing", "a.md", header("audio: none.mp3"), QUARANTINED, "E_MEDIA"),
    case("2.32-text", "a.md", header("title: A", body="Text ![x](../../secret.png)"), PUBLISHED, "W_MEDIA"),
    case("2.34", "a.md", "<script>x</script><svg onload=x>\n\n[a](javascript:x) text <iframe src=x>", PUBLISHED),
    case("2.34-text", "a.txt", "<script>alert(1)</script>\n\nText.", PUBLISHED),
    case("2.34-title", "a.md", header('title: "<script>alert(1)</script>"'), PUBLISHED),
    case("2.35", "a.txt", "]]> <!ENTITY x> &undefined; <?xml?>\n\nText.", PUBLISHED),
    case("2.36", "a.md", header('title: "Hi\\r\\nBcc: x@y.z\\0\\e"'), PUBLISHED),
    case("2.37", "a.txt", "{{ 7*7 }} {% include x %} %(x)s ${HOME}\n\nText.", PUBLISHED),
    case("2.38", "a.md", header("a: &a [x, x]", "b: [*a, *a]"), QUARANTINED, "E_FRONTMATTER"),
    case("2.38-merge", "a.md", header("a: &a {x: y}", "b: {<<: *a}"), QUARANTINED, "E_FRONTMATTER"),
    case("2.38-self", "a.md", header("a: &a [*a]"), QUARANTINED, "E_FRONTMATTER"),
    case("2.39-depth", "a.md", header("a: " + "[" * 5_000), QUARANTINED, "E_LIMIT"),
    case("2.39-keys", "a.md", header(*(f"k{n}: 1" for n in range(1_500))), QUARANTINED, "E_LIMIT"),
    case("2.39-json-depth", "a.json", "[" * 100_000, QUARANTINED, "E_LIMIT"),
    case("2.39-number", "a.json", f'[{{"title": {"9" * 10_000}, "body": "A."}}]', QUARANTINED, "E_LIMIT"),
    case("2.39-number-lines", "a.jsonl", f'{{"body": "A."}}\n{{"id": {"9" * 10_000}}}', PUBLISHED, "W_ITEM"),
    case("2.39-number-toml", "a.md", f"+++\ntitle = {'9' * 10_000}\n+++\n{TEXT}", QUARANTINED, "E_LIMIT"),
    case("2.39-number-text", "a.md", header(f"title: {'9' * 10_000}"), PUBLISHED),
    case("2.40", "a.md", header("a: !!python/object/apply:os.system [ls]"), QUARANTINED, "E_FRONTMATTER"),
    case("2.41-unclosed", "a.md", "---\ntitle: A\n\nText.", QUARANTINED, "E_FRONTMATTER"),
    case("2.41-rule", "a.md", "Text.\n\n---\n\nMore.", PUBLISHED),
    case("2.41-text", "a.txt", "---\nText without keys.\n\nMore.", PUBLISHED),
    case("2.41-toml", "a.md", '+++\ntitle = "A"\n\nText.', QUARANTINED, "E_FRONTMATTER"),
    case("2.42-colon", "a.md", header("title: Foo: bar"), QUARANTINED, "E_FRONTMATTER"),
    case("2.42-tab", "a.md", header("title: a", "\tb: c"), QUARANTINED, "E_FRONTMATTER"),
    case("2.42-escape", "a.md", header('title: "a\\d"'), QUARANTINED, "E_FRONTMATTER"),
    case("2.43", "a.md", header("Title: A", "title: B", "TITLE: C"), PUBLISHED, "W_DUP_KEY", "W_DUP_KEY"),
    case("2.43-twice", "a.md", header("title: A", "title: B"), PUBLISHED, "W_DUP_KEY"),
    case("2.44", "a.txt", "Note: the minister said so\n\nText.", PUBLISHED),
    case("2.45-february", "a.md", header("date: 2026-02-30"), QUARANTINED, "E_DATE"),
    case("2.45-tomorrow", "a.md", header("date: tomorrow"), QUARANTINED, "E_DATE"),
    case("2.45-day-first", "a.md", header("date: 24/11/2026 08:00Z"), SCHEDULED),
    case("2.45-two-meanings", "a.md", header("date: 03/02/2026"), QUARANTINED, "E_DATE"),
    case("2.45-time", "a.md", header("date: 12:30:45"), QUARANTINED, "E_DATE"),
    case("2.45-arabic", "a.md", header("date: ٢٠٢٦-٠١-٢٤"), PUBLISHED, "H_ZONE"),
    case("2.45-persian", "a.md", header("date: ۲۰۲۶-۰۱-۲۴"), PUBLISHED, "H_ZONE"),
    case("2.46-2099", "a.md", header("date: 2099-01-01T00:00:00Z"), SCHEDULED),
    case("2.46-year-1", "a.md", header("date: 0001-01-01T00:00:00Z"), QUARANTINED, "E_DATE"),
    case("2.46-5-minutes", "a.md", header("date: 2026-03-01T08:05:00Z"), PUBLISHED),
    case("2.47-draft", "a.md", header("draft: true"), FileState.DRAFT),
    case("2.47-over", "a.md", header("expires: 2025-01-01T00:00:00Z"), IGNORED, "W_EXPIRED"),
    case("2.47-order", "a.md", header("date: 2026-02-02 00:00 Z", "expires: 2026-02-01 00:00 Z"), IGNORED, "W_EXPIRED"),
    case("2.51-not-utf8", NOT_UTF8, TEXT, PUBLISHED),
    case("2.51-line", "a\nb.txt", TEXT, PUBLISHED),
    case("2.51-escape", "\x1b[31mred\x1b[0m.txt", TEXT, PUBLISHED),
    case("2.51-long", "n" * 251 + ".txt", TEXT, PUBLISHED),
    case("2.58", "a.zip", b"PK\x03\x04", IGNORED, "E_TYPE"),
    case("2.58-gz", "a.txt.gz", b"\x1f\x8b\x08", IGNORED, "E_TYPE"),
    case("2.59-nested", "a.eml", nested_mail(20), PUBLISHED),
    case("2.59-charset", "a.eml", MAIL_OF_NO_CHARSET, QUARANTINED, "E_ENCODING"),
    case("2.59-no-subject", "a.eml", "From: m@a.example\n\nThe tram runs again.\n", PUBLISHED),
    case("2.60", "a.json", '[{"body": "Good."}, {"body": "Bad.", "date": "x"}]', PUBLISHED, "W_ITEM"),
    case("2.62", "a.md", header(f"tags: {','.join(f't{n:x}' for n in range(10_000))}"), PUBLISHED, "W_TAGS"),
    case("2.62-homoglyph", "a.md", header("tags: [paypal, pаypal]"), PUBLISHED),
    case("2.62-author", "a.md", header('author: "<x@y>\\n"'), PUBLISHED),
]  # fmt: skip
