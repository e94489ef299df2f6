"""The commands about digests, on a real project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from mail_samples import parsed

from feedsvc.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = (
    '[site]\nurl = "https://news.example"\ntitle = "City Voice"\ntimezone = "Africa/Cairo"\n[publish]\npages = false\n'
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a project with an old and a new English article, an Arabic one in a folder, and read it."""
    for folder in ("config", "inbox/أخبار"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "config" / "feedsvc.toml").write_text(SETTINGS)
    (tmp_path / "inbox" / "old.md").write_text("---\ntitle: Old news\ndate: 2020-01-01\n---\nText.\n")
    (tmp_path / "inbox" / "new.md").write_text(
        "---\ntitle: New news {{ 7*7 }}\nlink: https://else.example/\n---\nText.\n"
    )
    (tmp_path / "inbox" / "أخبار" / "خبر.txt").write_text("عنوان الخبر\n\nفقرة أولى هنا.\n", encoding="utf-8")
    for path in (tmp_path / "inbox").rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert feedsvc(tmp_path, "build").exit_code == 0
    return tmp_path


def feedsvc(root: Path, *arguments: str) -> Result:
    """Run a command as if it were typed."""
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def titles(folder: Path) -> list[str]:
    """Return the titles of a preview."""
    html = BeautifulSoup((folder / "digest.html").read_text("utf-8"), "html.parser")
    return [title.get_text() for title in html.find_all("h2")]


def test_preview_writes_the_mail_that_would_be_sent(site: Path) -> None:
    """HTML, text and raw message lie in the state folder, and their paths are printed."""
    done = feedsvc(site, "digests", "preview")
    folder = site / ".feedsvc" / "preview"
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[1:] == [str(folder / f"digest.{suffix}") for suffix in ("html", "txt", "eml")]
    assert done.output.splitlines()[0].endswith("and 2 more (3 entries)")
    assert set(titles(folder)) == {"Old news", "New news {{ 7*7 }}", "عنوان الخبر"}
    mail = parsed((folder / "digest.eml").read_bytes())
    assert mail["From"] == "City Voice <digests@news.example>"
    assert mail["To"] == "reader@example.org"
    assert "https://else.example/" in (folder / "digest.txt").read_text("utf-8")


def test_preview_takes_language_feeds_days_and_folder(site: Path, tmp_path: Path) -> None:
    """Each narrows what is shown as its name says."""
    out = tmp_path / "out" / "here"
    done = feedsvc(site, "digests", "preview", "--language", "ar", "--days", "30", "--output", str(out))
    assert done.exit_code == 0, done.output
    assert set(titles(out)) == {"New news {{ 7*7 }}", "عنوان الخبر"}
    html = BeautifulSoup((out / "digest.html").read_text("utf-8"), "html.parser")
    assert (html.html["lang"], html.html["dir"]) == ("ar", "rtl")  # type: ignore[index]
    assert "النشرة الشهرية" in html.get_text()
    slug = next(
        path.name
        for path in (site / "feeds").iterdir()
        if path.name not in ("main", "media", "entries") and path.is_dir()
    )
    assert feedsvc(site, "digests", "preview", "--feed", slug, "--output", str(out)).exit_code == 0
    assert titles(out) == ["عنوان الخبر"]


def test_preview_shows_the_templates_of_the_site(site: Path) -> None:
    """The own template is used, and a broken one is told of with its line instead of a mail."""
    templates = site / "config" / "templates"
    templates.mkdir()
    (templates / "digest.txt").write_text("Ours: {{ site }}\n{{ unsubscribe_url }}\n")
    assert feedsvc(site, "digests", "preview").exit_code == 0
    assert (site / ".feedsvc" / "preview" / "digest.txt").read_text("utf-8").startswith("Ours: City Voice")
    (templates / "digest.txt").write_text("Ours:\n{{ sight }}\n{{ unsubscribe_url }}\n")
    done = feedsvc(site, "digests", "preview")
    assert done.exit_code == 1
    assert done.stderr == f"feedsvc: {templates / 'digest.txt'}, line 2: 'sight' is undefined\n"


def test_what_cannot_be_shown_is_told(site: Path) -> None:
    """An unknown feed, or nothing new enough."""
    unknown = feedsvc(site, "digests", "preview", "--feed", "sport")
    assert (unknown.exit_code, "there is no feed 'sport'; the feeds are: main" in unknown.stderr) == (1, True)
    assert feedsvc(site, "digests", "preview", "--days", "0").exit_code == 2


def test_an_empty_site_has_no_preview(tmp_path: Path) -> None:
    """Before anything was read there is nothing to show."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text(SETTINGS)
    done = feedsvc(tmp_path, "digests", "preview", "--days", "3")
    assert done.exit_code == 1
    assert "there is no entry of the last 3 days to show" in done.stderr
