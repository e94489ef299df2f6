"""An entry keeps its id, whatever happens to its file, the daemon, the address of the site or the database."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from daemon import Daemon, Site

if TYPE_CHECKING:
    from collections.abc import Callable

MARKDOWN = "---\ntitle: {title}\ndate: 2026-03-01T08:00:00Z\n---\n\n{text}\n"
PLAIN = "{title}\n\n{text}\n"
FILES = {
    "news/first.md": MARKDOWN.format(title="The first report", text="What happened, in a few words."),
    "أخبار/خبر.txt": PLAIN.format(title="تقرير عن المكتبة الجديدة", text="افتتحت المكتبة أبوابها هذا الصباح."),
}


def ids(daemon: Daemon) -> dict[str, str]:
    """Return the ids by title, after making sure that the three formats say the same."""
    items = {item["title"]: item["id"] for item in daemon.feed("main", "feed.json")["items"]}
    for name in ("atom.xml", "rss.xml"):
        assert {entry.title: entry.id for entry in daemon.feed("main", name).entries} == items
    return items


def replace_by_editor(site: Site, path: str, text: str) -> None:
    """Save as editors do that write beside the file and rename over it."""
    beside = site.inbox / f"{path}~"
    beside.write_text(text, "utf-8")
    beside.replace(site.inbox / path)


@pytest.mark.parametrize("save", [Site.write, replace_by_editor], ids=["in place", "renamed over"])
@pytest.mark.case("1.13")
def test_id_and_address_survive_everything_done_to_the_file(site: Site, save: Callable[[Site, str, str], None]) -> None:
    """Retitled, edited, renamed, moved between folders, all of it under a running daemon."""
    for path, text in FILES.items():
        site.write(path, text)
    with Daemon(site) as daemon:
        daemon.wait_for_titles("The first report", "تقرير عن المكتبة الجديدة")
        before = ids(daemon)
        english, arabic = before["The first report"], before["تقرير عن المكتبة الجديدة"]
        addresses = {item["id"]: item["url"] for item in site.items()}

        save(site, "news/first.md", MARKDOWN.format(title="A corrected report", text="What happened, in a few words."))
        save(site, "أخبار/خبر.txt", PLAIN.format(title="المكتبة تفتح أبوابها", text="افتتحت المكتبة هذا الصباح."))
        daemon.wait_for_titles("A corrected report", "المكتبة تفتح أبوابها")
        assert ids(daemon) == {"A corrected report": english, "المكتبة تفتح أبوابها": arabic}

        save(site, "news/first.md", MARKDOWN.format(title="A corrected report", text="More words, other words."))
        daemon.wait_until(lambda: any("other words" in item["content_html"] for item in site.items()))
        assert ids(daemon)["A corrected report"] == english

        (site.inbox / "news/first.md").rename(site.inbox / "news/renamed.md")
        daemon.wait_for("file.published", path="news/renamed.md")
        (site.inbox / "reports").mkdir()
        (site.inbox / "news/renamed.md").rename(site.inbox / "reports/renamed.md")
        (site.inbox / "أخبار/خبر.txt").rename(site.inbox / "reports/library.txt")
        daemon.wait_for_titles("A corrected report", "المكتبة تفتح أبوابها", slug="reports")
        daemon.wait_for_titles(slug="news")
        assert ids(daemon) == {"A corrected report": english, "المكتبة تفتح أبوابها": arabic}
        assert {item["id"]: item["url"] for item in site.items()} == addresses
        assert not daemon.lines("file.withdrawn")
        daemon.terminate()


def test_ids_survive_renames_while_the_daemon_is_away(site: Site) -> None:
    """A file renamed and one moved before the next start are the entries that they were."""
    for path, text in FILES.items():
        site.write(path, text)
    with Daemon(site) as daemon:
        daemon.wait_until(lambda: len(site.items()) == 2)
        before = ids(daemon)
        daemon.kill()
    (site.inbox / "news/first.md").rename(site.inbox / "news/later.md")
    (site.inbox / "أخبار/خبر.txt").rename(site.inbox / "خبر.txt")
    with Daemon(site) as daemon:
        daemon.wait_for_titles(slug="أخبار")
        assert ids(daemon) == before
        assert site.counts() == {"published": 2}
        assert site.receipt("news/later.md")["entries"][0]["id"] == before["The first report"]
        daemon.terminate()


def test_ids_survive_a_new_public_address(site: Site) -> None:
    """All links follow the new address of the site; ids, dates and texts stay, so no reader shows an entry twice."""
    site.write("news/first.md", FILES["news/first.md"] + "\nSee [the map](map.html).\n")
    site.write("أخبار/خبر.txt", FILES["أخبار/خبر.txt"])
    with Daemon(site, FEEDSVC_SITE__URL="http://old.example") as daemon:
        daemon.wait_until(lambda: len(site.items()) == 2)
        before, dates = ids(daemon), {item["id"]: item["date_published"] for item in site.items()}
        modified = {item["id"]: item["date_modified"] for item in site.items()}
        assert b"http://old.example/" in daemon.get("/main/rss.xml").body
        daemon.terminate()
    with Daemon(site, FEEDSVC_SITE__URL="https://new.example/journal") as daemon:
        daemon.wait_for("service.ready")
        assert ids(daemon) == before
        assert {item["id"]: item["date_published"] for item in site.items()} == dates
        assert {item["id"]: item["date_modified"] for item in site.items()} == modified
        published = site.tree()
        assert not [path for path, content in published.items() if b"old.example" in content]
        assert b"https://new.example/journal/main/atom.xml" in published["main/atom.xml"]
        daemon.terminate()


def test_a_lost_database_is_rebuilt_with_the_same_ids(site: Site) -> None:
    """Files that were not renamed since get the ids they had, and those with a date the very same feed."""
    for path, text in FILES.items():
        site.write(path, text)
    site.write("copy/of.md", FILES["news/first.md"].replace("first", "second"))
    with Daemon(site) as daemon:
        daemon.wait_for_pages(3)
        before, feed = ids(daemon), daemon.get("/news/atom.xml")
        daemon.terminate()
    shutil.rmtree(site.root / ".feedsvc")
    shutil.rmtree(site.published)
    for number, path in enumerate(sorted(site.inbox.rglob("*.*"))):
        os.utime(path, (10**9 + number, 10**9 + number))
    with Daemon(site) as daemon:
        daemon.wait_for_pages(3)
        assert ids(daemon) == before
        assert daemon.get("/news/atom.xml").body == feed.body
        daemon.terminate()
