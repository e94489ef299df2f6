"""Whatever a text names as its media, nothing but files of the inbox is read, and nothing is left half done."""

from __future__ import annotations

import json
import os
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media_samples import medium

from feedsvc.ingest import Examiner, MediaRules
from feedsvc.ingest.examine import Examined, examine
from feedsvc.model import media_names

ORIGIN = "https://site.invalid"
PIECES = (
    *(
        "../",
        "./",
        "/",
        "//",
        "n/",
        "%2e%2e/",
        "%",
        "\\",
        "\0",
        "\u202e",
        " ",
        "?",
        "#",
        "'",
        '"',
        "<",
        ">",
        "&",
        ".",
        ":",
    ),
    *("cat.png", "link.png", "pipe.png", "folder", "secret.png", "none.mp3", "e\u0301", "é", "🎉", "x" * 300),
    *("https://", "http://", "file:", "data:", "cdn.example.org", "127.0.0.1", "[::1]", "[", ":80", "@"),
)
names = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
details = st.fixed_dictionaries({"url": names}, optional={"length": names, "type": names, "title": names})
values = names | st.lists(names | details, max_size=3) | details


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Examiner:
    """An inbox with a picture, and everything around it that must not be touched."""
    root = tmp_path_factory.mktemp("desk")
    inbox = root / "inbox"
    (inbox / "n" / "folder").mkdir(parents=True)
    (inbox / "n" / "cat.png").write_bytes(medium("png"))
    for secret in (root / "secret.png", root / "n" / "secret.png"):
        secret.parent.mkdir(exist_ok=True)
        secret.write_bytes(medium("png", "secret"))
    (inbox / "n" / "link.png").symlink_to(root / "secret.png")
    os.mkfifo(inbox / "n" / "pipe.png")
    return Examiner(
        str(inbox), 1_000_000, "en", ZoneInfo("UTC"), ORIGIN, media=MediaRules(str(root / "media"), 100_000)
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(key=st.sampled_from(["audio", "image", "enclosure"]), value=values, inline=st.lists(names, max_size=3))
def test_only_files_of_the_inbox_are_published(desk: Examiner, key: str, value: Any, inline: list[str]) -> None:
    """The only copy there ever is is that of the picture; what remains in the text is public; the rest is refused."""
    images = "".join(f"![words](<{name}>) " for name in inline)
    text = f"---\ntitle: A\n{key}: {json.dumps(value)}\n---\nText {images}\n"
    root = desk.root
    with open(os.path.join(root, "n", "a.md"), "w", encoding="utf-8") as file:
        file.write(text)
    outcome = examine(desk, "n/a.md")
    assert isinstance(outcome, Examined)
    if outcome.problem is not None:
        assert outcome.problem.code in {"E_PATH", "E_MEDIA", "E_FRONTMATTER", "E_BINARY", "E_PERM"}
    for entry in outcome.parsed.entries if outcome.parsed else ():
        shown = media_names(entry.body_html, entry.enclosures)
        assert entry.references == ()
        assert set(shown) <= copies(desk)
        assert entry.body_html.count(f'src="{ORIGIN}/') == entry.body_html.count(f'src="{ORIGIN}/media/')
        assert all(each.url.startswith(("https://", "http://")) for each in entry.enclosures)
    assert len(copies(desk)) <= 1


def copies(desk: Examiner) -> set[str]:
    folder = desk.media.folder or ""
    return set(os.listdir(folder)) if os.path.isdir(folder) else set()
