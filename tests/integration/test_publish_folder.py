"""From a real store to files in the published folder: what is written, what is left alone, what stays out."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from newsroom import MAIN, SITE, Newsroom, article

from feedsvc.ingest import reselect
from feedsvc.model import EntryState, Feed, FileState, Format
from feedsvc.publish import Limits, Publication, Publisher
from feedsvc.render import check_feed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from feedsvc.model import Site

OLD_NS = 1_600_000_000_000_000_000
LIMITS = Limits(entries=50, max_bytes=1_000_000)
DOCUMENTS = ("atom.xml", "feed.json", "index.html", "rss.xml")
_A = "{http://www.w3.org/2005/Atom}"


class Press:
    """A newsroom and what it publishes."""

    def __init__(self, folder: Path, *, feeds: Sequence[Feed] = (MAIN,), limits: Limits = LIMITS) -> None:
        self.room = Newsroom(folder, feeds=feeds)
        self.out = folder / "feeds"
        self.limits = limits
        self.start()

    def start(self, site: Site = SITE, version: str = "1") -> None:
        """Begin as a new process would, with the present feeds and limits."""
        room = self.room
        room.site = site
        reselect(room.store, room.feeds)
        room.restart()
        self.publisher = Publisher(room.store, site, room.feeds, str(self.out), self.limits, clock=room.clock)
        self.publisher.prepare(version)

    def run(self) -> Publication:
        """Look at the inbox and publish."""
        self.room.scan()
        return self.publisher.publish_due()

    def publish(self, *paths: str) -> Publication:
        """Save an article at each path, a minute apart, and publish them together."""
        for path in paths:
            self.room.write(path, article(f"About {path}"))
            self.room.clock.advance(60)
            self.room.scan()
        return self.publisher.publish_due()

    def bytes_of(self, feed: str, name: str = "atom.xml") -> bytes:
        """Return a document of *feed*."""
        return (self.out / feed / name).read_bytes()

    def titles(self, feed: str = "main") -> list[str]:
        """Return the titles in the documents of *feed*, which must be valid and agree."""
        atom, rss, plain = (self.bytes_of(feed, name) for name in ("atom.xml", "rss.xml", "feed.json"))
        titles = [item["title"] for item in json.loads(plain)["items"]]
        for format_, document in ((Format.ATOM, atom), (Format.RSS, rss), (Format.JSON, plain)):
            check_feed(format_, document, len(titles))
        assert [entry.findtext(f"{_A}title") for entry in ElementTree.fromstring(atom).iter(f"{_A}entry")] == titles
        assert [item.findtext("title") for item in ElementTree.fromstring(rss).iter("item")] == titles
        return titles

    def page(self, slug: str) -> Path:
        """Return where the page of an entry belongs."""
        return self.out / "entries" / slug / "index.html"

    def tree(self) -> dict[str, bytes]:
        """Return everything that is published, by path."""
        return {
            str(path.relative_to(self.out)): path.read_bytes() for path in sorted(self.out.rglob("*")) if path.is_file()
        }

    def age(self) -> None:
        """Give all published files an old time, so that the next write shows."""
        for path in self.out.rglob("*"):
            os.utime(path, ns=(OLD_NS, OLD_NS))

    def written(self) -> set[str]:
        """Return the paths that were written since ``age``."""
        files = [path for path in self.out.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.out)) for path in files if path.stat().st_mtime_ns != OLD_NS}


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    made = Press(tmp_path)
    yield made
    made.room.store.close()


def of(*feeds: str) -> set[str]:
    """Return the paths of all documents of *feeds*, and of the landing page."""
    return {"index.html", *(f"{feed}/{name}" for feed in feeds for name in DOCUMENTS)}


# What is written


def test_an_empty_site_has_valid_feeds(press: Press) -> None:
    """Before the first entry there is something to subscribe to, the same at every start."""
    press.run()
    assert press.titles() == []
    assert set(press.tree()) == of("main")
    before = press.tree()
    press.room.clock.advance(86_400)
    press.start()
    press.run()
    assert press.tree() == before


def test_an_entry_appears_in_its_feeds_and_on_its_page(press: Press) -> None:
    """All formats, the main feed and that of its folder, and nothing else is there: no temporary file."""
    done = press.publish("news/tram.md")
    assert (sorted(done.feeds), done.pages, done.quarantined, done.failed) == (["main", "news"], 1, [], [])
    assert press.titles("main") == press.titles("news") == ["About news/tram.md"]
    assert set(press.tree()) == {*of("main", "news"), "entries/about-news-tram-md/index.html"}


def test_the_newest_comes_first_and_the_oldest_drops_out(tmp_path: Path) -> None:
    """As many as the limit says, but every entry keeps its page."""
    press = Press(tmp_path, limits=Limits(3, 1_000_000))
    press.publish(*(f"{n}.md" for n in range(5)))
    assert press.titles() == ["About 4.md", "About 3.md", "About 2.md"]
    assert len(list((press.out / "entries").iterdir())) == 5
    press.room.store.close()


def test_only_feeds_that_are_touched_are_written(press: Press) -> None:
    """An entry in one folder leaves the documents of the other folders alone."""
    press.publish("news/a.md", "sport/b.md")
    press.age()
    done = press.publish("news/c.md")
    assert sorted(done.feeds) == ["main", "news"]
    assert press.written() == {*of("main", "news"), "entries/about-news-c-md/index.html"} - {"index.html"}


def test_nothing_to_do_writes_nothing(press: Press) -> None:
    """Neither at the next call nor after a restart."""
    press.publish("a.md")
    press.age()
    assert press.publisher.publish_due() == Publication()
    press.start()
    assert press.run() == Publication()
    assert press.written() == set()


@pytest.mark.case("1.12")
def test_bytes_that_do_not_change_are_not_written(press: Press) -> None:
    """Everything is made anew, and only what differs is written."""
    press.publish("news/a.md", "news/b.md")
    press.age()
    press.start(version="2")
    assert press.run() == Publication()
    assert press.written() == set()


def test_a_document_that_is_lost_comes_back(press: Press) -> None:
    """Output can be rebuilt: with the next program version, or whatever makes everything anew."""
    press.publish("news/a.md")
    before = press.tree()
    (press.out / "news" / "rss.xml").unlink()
    press.page("about-news-a-md").unlink()
    press.start(version="2")
    press.run()
    assert press.tree() == before


def test_an_edit_changes_documents_and_page(press: Press) -> None:
    """Its feeds and its page show the new text under the same address."""
    press.publish("news/a.md", "sport/b.md")
    press.age()
    press.room.write("news/a.md", article("Retitled", "With another text."))
    done = press.run()
    assert (sorted(done.feeds), done.pages) == (["main", "news"], 1)
    assert press.titles("news") == ["Retitled"]
    assert b"With another text." in press.page("about-news-a-md").read_bytes()
    assert press.written() == {*of("main", "news"), "entries/about-news-a-md/index.html"} - {"index.html"}


def test_an_entry_that_moves_leaves_one_feed_and_joins_another(press: Press) -> None:
    """Its page stays where it is, unwritten."""
    press.publish("news/a.md", "sport/b.md")
    press.age()
    press.room.rename("news/a.md", "sport/a.md")
    press.run()
    assert (press.titles("news"), press.titles("sport")) == ([], ["About sport/b.md", "About news/a.md"])
    assert not any(path.startswith("entries/") for path in press.written())


def test_a_withdrawn_entry_leaves_feed_and_page(press: Press) -> None:
    """The page goes with its folder, the neighbours stay; it comes back with the file."""
    press.publish("news/a.md", "news/b.md")
    before = press.tree()
    text = (press.room.inbox / "news/a.md").read_bytes()
    press.room.delete("news/a.md")
    press.room.pass_grace()
    done = press.publisher.publish_due()
    assert (sorted(done.feeds), done.pages) == (["main", "news"], 1)
    assert press.titles("news") == ["About news/b.md"]
    assert [path.name for path in (press.out / "entries").iterdir()] == ["about-news-b-md"]
    press.room.write("news/a.md", text)
    press.run()
    assert press.tree() == before


def test_a_page_folder_with_something_else_in_it_stays(press: Press) -> None:
    """What an operator put beside the page is not ours to remove."""
    press.publish("a.md")
    beside = press.page("about-a-md").with_name("photo.jpg")
    beside.write_bytes(b"photo")
    press.room.delete("a.md")
    press.room.pass_grace()
    press.publisher.publish_due()
    assert (beside.exists(), press.page("about-a-md").exists()) == (True, False)


def test_scheduled_entries_and_drafts_are_nowhere(press: Press) -> None:
    """Not in feeds, not on pages, until their time has come."""
    press.room.write("a.md", article("Later", date="2026-03-01T10:00:00Z"))
    press.room.write("b.md", article("Draft", draft="true"))
    press.run()
    assert (press.titles(), (press.out / "entries").exists()) == ([], False)
    assert not any(b"Later" in document or b"Draft" in document for document in press.tree().values())
    press.room.clock.advance(7200)
    press.room.ingest.release_due()
    press.publisher.publish_due()
    assert (press.titles(), press.page("later").exists()) == (["Later"], True)


def test_more_entries_than_are_written_at_once(press: Press) -> None:
    """Many pages and many feeds: all of them are there after one call."""
    for number in range(1100):
        (press.room.inbox / f"f{number % 120}").mkdir(exist_ok=True)
        (press.room.inbox / f"f{number % 120}" / f"{number}.md").write_text(article(f"Number {number}"))
    done = press.run()
    assert (len(done.feeds), done.pages) == (121, 1100)
    assert len(list((press.out / "entries").iterdir())) == 1100
    assert len(press.titles()) == 50
    assert len(press.titles("f7")) == 10
    assert press.publisher.publish_due() == Publication()


def test_without_pages_there_are_none(tmp_path: Path) -> None:
    """Only the three documents of each feed."""
    press = Press(tmp_path, limits=replace(LIMITS, with_pages=False))
    press.publish("news/a.md")
    names = {f"{feed}/{name}" for feed in ("main", "news") for name in ("atom.xml", "rss.xml", "feed.json")}
    assert set(press.tree()) == names
    press.room.store.close()


# Size


def test_a_document_that_would_be_too_large_is_cut(tmp_path: Path) -> None:
    """Each stays below the limit with the newest entries, and all are still valid."""
    limit = 12_000
    press = Press(tmp_path, limits=Limits(50, limit))
    for number in range(20):
        press.room.write(f"{number:02}.md", article(f"Number {number:02}", "A sentence of some length. " * 40))
        press.room.clock.advance(60)
        press.room.scan()
    press.publisher.publish_due()
    for format_, name in ((Format.ATOM, "atom.xml"), (Format.RSS, "rss.xml"), (Format.JSON, "feed.json")):
        document = press.bytes_of("main", name)
        assert limit / 2 < len(document) <= limit
        shown = sum(f"Number {n:02}".encode() in document for n in range(20))
        check_feed(format_, document, shown)
        assert 0 < shown < 20
        assert all(f"Number {n:02}".encode() in document for n in range(20 - shown, 20))
    press.room.store.close()


def test_one_entry_is_always_shown(tmp_path: Path) -> None:
    """A limit that is too small for a single entry does not make the feed empty."""
    press = Press(tmp_path, limits=Limits(50, 10))
    press.publish("a.md", "b.md")
    assert press.titles() == ["About b.md"]
    press.room.store.close()


@pytest.mark.case("2.30")
@pytest.mark.parametrize(
    ("title", "shown"),
    [("word " * 60, "word " * 39 + "word…"), ("字" * 300, "字" * 199 + "…"), ("a" + "\u0301" * 3 + "b" * 196, None)],
)
def test_a_long_title_is_cut_in_feeds_and_whole_on_its_page(press: Press, title: str, shown: str | None) -> None:
    """At a word, or between characters where there are no words; one of the longest that fits is left alone."""
    press.room.write("a.md", article(title))
    press.run()
    assert press.titles() == [title if shown is None else shown]
    assert title.strip() in press.page(press.room.entry("a.md").slug).read_text("utf-8")


# Reuse and determinism


def test_entries_look_the_same_after_many_publications(press: Press) -> None:
    """However often a feed is written with other entries, the part of an unchanged entry has the same bytes."""
    press.publish("first.md")

    def part_of_first(name: str, start: bytes, end: bytes) -> bytes:
        parts = press.bytes_of("main", name).split(start)[1:]
        (part,) = [part.split(end)[0] for part in parts if b"About first.md" in part]
        return part

    places = {"atom.xml": (b"<entry", b"</entry>"), "rss.xml": (b"<item", b"</item>")}
    before = {name: part_of_first(name, *ends) for name, ends in places.items()}
    for number in range(10):
        press.publish(f"{number}.md")
        assert {name: part_of_first(name, *ends) for name, ends in places.items()} == before
    fresh = press.tree()
    press.start(version="2")  # nothing is remembered of what was rendered before
    press.run()
    assert press.tree() == fresh


def test_two_builds_of_equal_inboxes_are_byte_equal(tmp_path: Path) -> None:
    """All at once or one by one, in one process or over restarts: the same bytes in every document and page."""
    dated = {
        f"{folder}/{n}.md": f"2026-02-{n + 1:02}T08:00:00Z" for folder in ("news", "sport", "أخبار") for n in range(5)
    }
    trees = []
    for name, paths in (("one", sorted(dated)), ("two", sorted(dated, reverse=True))):
        press = Press(tmp_path / name)
        for path in paths:
            press.room.write(path, article(f"About {path}", f"See [{path}](x.pdf).", date=dated[path], tags="[b, a]"))
            if name == "two":
                press.run()
                press.start()
        press.run()
        trees.append(press.tree())
        press.room.store.close()
    assert trees[0] == trees[1]
    assert len(trees[0]) == 15 + len(of("main", "news", "sport", "x"))


# Configuration


def test_a_new_title_of_the_site_is_written_everywhere(press: Press) -> None:
    """Every document and page that names it is made anew, and the entries stay the same."""
    press.publish("news/a.md", "b.md")
    seq = press.room.seq()
    press.age()
    before = press.tree()
    press.start(site=replace(SITE, title="Town Herald"))
    done = press.run()
    assert (sorted(done.feeds), done.pages) == (["main", "news"], 2)
    assert press.written() == {path for path, data in press.tree().items() if data != before[path]}
    assert all(b"Town Herald" in data for path, data in press.tree().items() if path.endswith((".html", "atom.xml")))
    assert (press.titles("main"), press.room.seq()) == (["About b.md", "About news/a.md"], seq)


def test_a_new_address_changes_links_but_no_ids(press: Press) -> None:
    """The old address is nowhere any more; readers know every entry and feed again by its id."""
    press.room.write("news/a.md", article("A", "See [the plan](plan.pdf)."))
    press.run()

    def ids() -> list[str | None]:
        return [element.text for element in ElementTree.fromstring(press.bytes_of("main")).iter(f"{_A}id")]

    before = ids()
    press.start(site=replace(SITE, url="https://elsewhere.example/blog"))
    press.run()
    assert ids() == before
    for path, document in press.tree().items():
        assert b"news.example" not in document, path
        assert SITE.neutral_origin.encode() not in document, path
    assert b"https://elsewhere.example/blog/news/plan.pdf" in press.bytes_of("main")


def test_a_feed_that_is_declared_later_shows_what_is_there(press: Press) -> None:
    """Its entries are found in the store; the other feeds are not changed by it."""
    press.publish("news/a.md")
    press.room.write("b.md", article("Tagged", tags="[city]"))
    press.run()
    before = press.tree()
    press.room.feeds = (MAIN, Feed("city", "The City", tags=("city",)))
    press.start()
    done = press.run()
    assert (done.feeds, press.titles("city")) == (["city"], ["Tagged"])
    assert {path: data for path, data in press.tree().items() if path in before and path != "index.html"} == {
        path: data for path, data in before.items() if path != "index.html"
    }
    assert b"The City" in press.tree()["index.html"]
    assert press.room.feeds_of("b.md") == ("city", "main")


def test_a_feed_that_is_not_declared_any_more_is_not_kept_up(press: Press) -> None:
    """It leaves the landing page and gets no new entries; those of folders stay."""
    press.room.feeds = (MAIN, Feed("city", "The City", tags=("city",)))
    press.start()
    press.room.write("news/a.md", article("Tagged", tags="[city]"))
    press.run()
    press.room.feeds = (MAIN,)
    press.start()
    press.room.write("news/b.md", article("Tagged too", tags="[city]"))
    done = press.run()
    assert sorted(done.feeds) == ["main", "news"]
    assert b"The City" not in press.tree()["index.html"]
    assert press.room.feeds_of("news/b.md") == ("main", "news")


def test_a_changed_selection_moves_entries(press: Press) -> None:
    """A feed that selects something else shows something else, old entries included."""
    press.room.feeds = (MAIN, Feed("choice", "Choice", folder="news"))
    press.start()
    press.publish("news/a.md", "sport/b.md")
    assert press.titles("choice") == ["About news/a.md"]
    press.room.feeds = (MAIN, Feed("choice", "Choice", folder="sport"))
    press.start()
    press.run()
    assert press.titles("choice") == ["About sport/b.md"]


def test_selecting_again_is_done_once(press: Press) -> None:
    """The same declaration, in any order and with other titles, selects nothing anew."""
    feeds = (MAIN, Feed("a", "A", tags=("x",)), Feed("b", "B", folder="news"))
    assert reselect(press.room.store, feeds)
    assert not reselect(press.room.store, feeds)
    assert not reselect(press.room.store, feeds[::-1])
    assert not reselect(press.room.store, (MAIN, replace(feeds[1], title="Other"), feeds[2]))
    assert reselect(press.room.store, (MAIN, replace(feeds[1], tags=("y",)), feeds[2]))


# Slugs of folders


@pytest.mark.parametrize("folder", ["entries", "media", "main", "Main", "ENTRIES"])
def test_a_folder_never_takes_a_reserved_address(press: Press, folder: str) -> None:
    """Its feed lives under another slug, and the site's own addresses stay what they are."""
    press.publish(f"{folder}/a.md", "b.md")
    with press.room.store.reading() as unit:
        (slug,) = [feed.slug for feed in unit.feeds() if feed.folder == folder]
    assert slug == f"{folder.casefold()}-2"
    assert press.titles(slug) == [f"About {folder}/a.md"]
    assert press.titles("main") == ["About b.md", f"About {folder}/a.md"]


def test_folders_with_alike_names_have_feeds_of_their_own(press: Press) -> None:
    """Names of which the same letters are left get numbers, and keep them over restarts."""
    folders = ["a b", "a-b", "A B", "a/b"]
    for folder in folders:
        press.publish(f"{folder}/x.md")

    def slugs() -> dict[str | None, str]:
        with press.room.store.reading() as unit:
            return {feed.folder: feed.slug for feed in unit.feeds() if feed.folder in folders}

    before = slugs()
    assert len(set(before.values())) == 4
    for folder, slug in before.items():
        assert press.titles(slug) == [f"About {folder}/x.md"]
    press.start()
    for folder in reversed(folders):
        press.publish(f"{folder}/y.md")
    assert slugs() == before


def test_a_declared_feed_takes_its_slug_back_from_a_folder(press: Press) -> None:
    """The operator's word counts; the folder's feed goes on under another slug with all its entries."""
    press.publish("city/a.md", "b.md")
    assert press.titles("city") == ["About city/a.md"]
    press.room.feeds = (MAIN, Feed("city", "The City", folder="**"))
    press.start()
    press.run()
    assert press.titles("city") == ["About b.md", "About city/a.md"]
    assert press.titles("city-2") == ["About city/a.md"]
    assert press.room.feeds_of("city/a.md") == ("city", "city-2", "main")


def test_the_feed_of_an_emptied_folder_stays_valid(press: Press) -> None:
    """Its subscribers find an empty feed, not an error, and the folder may be filled again."""
    press.publish("news/a.md", "b.md")
    press.room.delete("news/a.md")
    press.room.pass_grace()
    press.publisher.publish_due()
    assert press.titles("news") == []
    press.publish("news/c.md")
    assert press.titles("news") == ["About news/c.md"]


# Trouble


def spoil(press: Press, path: str, **changes: str) -> str:
    """Put a text into the store that no parser would let through, and return the entry's id."""
    entry = press.room.entry(path)
    with press.room.store.writing() as unit:
        unit.add_revisions([replace(entry, **changes)], press.room.clock())
        unit.touch_feeds(["main"], unit.last_seq() + 1)
    return entry.id


@pytest.mark.parametrize("changes", [{"title": "Bad \x0b title"}, {"summary": "\x00"}, {"body_html": "<p>\ufffe</p>"}])
@pytest.mark.case("1.29")
def test_an_entry_that_cannot_be_written_is_taken_out(press: Press, changes: dict[str, str]) -> None:
    """Its neighbours are published all the same, in the same call; its editor is told, and may mend it."""
    for path in ("a.md", "b.md", "c.md"):
        press.room.write(path, article(f"About {path}"))
    press.room.scan()
    entry_id = spoil(press, "b.md", **changes)
    done = press.publisher.publish_due()
    assert (done.quarantined, done.failed) == ([entry_id], [])
    assert sorted(press.titles()) == ["About a.md", "About c.md"]
    problem = press.room.source("b.md").problem
    assert problem is not None
    assert (press.room.state("b.md"), problem.code) == (FileState.QUARANTINED, "E_RENDER")
    assert press.room.by_id(entry_id).state is EntryState.WITHDRAWN
    assert not press.page("about-b-md").exists()
    assert press.publisher.publish_due() == Publication()
    press.room.write("b.md", article("Mended"))
    press.run()
    assert sorted(press.titles()) == ["About a.md", "About c.md", "Mended"]
    assert press.room.entry("b.md").id == entry_id


def test_several_culprits_are_taken_out_together(press: Press) -> None:
    """One after the other, until the rest is valid."""
    for path in ("a.md", "b.md", "c.md", "d.md"):
        press.room.write(path, article(f"About {path}"))
    press.room.scan()
    culprits = {spoil(press, path, title="\x0b") for path in ("a.md", "c.md", "d.md")}
    done = press.publisher.publish_due()
    assert set(done.quarantined) == culprits
    assert press.titles() == ["About b.md"]


def test_an_entry_that_is_spoilt_later_leaves_the_good_ones_in_place(press: Press) -> None:
    """What was published before stays, without the culprit and its page."""
    press.publish("a.md", "b.md")
    entry_id = spoil(press, "b.md", title="Bad \x0b title")
    press.start(version="2")
    done = press.run()
    assert (done.quarantined, press.titles()) == ([entry_id], ["About a.md"])
    assert not press.page("about-b-md").exists()


def test_a_feed_that_cannot_be_written_keeps_its_last_good_documents(press: Press) -> None:
    """The head is at fault, no entry: nothing is withdrawn, the old bytes stay, and the trouble is told."""
    press.room.write("a.md", article("A", author="Ada"))
    press.run()
    before = press.bytes_of("main")
    press.start(site=replace(SITE, author="Bad \x0b name"))
    done = press.publisher.publish_due()
    assert (done.failed, done.quarantined, press.bytes_of("main")) == (["main"], [], before)
    assert press.publisher.publish_due().failed == ["main"]
    press.start(site=replace(SITE, author="Good name"))
    assert press.publisher.publish_due().failed == []
    assert b"Good name" in press.bytes_of("main")


@pytest.mark.parametrize("blocked", ["feeds", "feeds/news", "feeds/entries"])
@pytest.mark.case("1.31")
def test_a_folder_that_cannot_be_written_is_caught_up_with(press: Press, blocked: str) -> None:
    """The error is told, what was there stays, nothing is marked as done; once it can be written all is there."""
    press.publish("a.md")
    before = press.tree()
    target = press.room.folder / blocked
    aside = press.room.folder / "aside"
    if target.exists():
        target.rename(aside)
    target.write_bytes(b"not a folder")
    press.room.write("news/b.md", article("About news/b.md"))
    press.room.scan()
    for _ in range(2):
        with pytest.raises(OSError, match=r"."):
            press.publisher.publish_due()
    target.unlink()
    if aside.exists():
        aside.rename(target)
    assert press.tree() == before
    done = press.publisher.publish_due()
    assert sorted(done.feeds) == ["main", "news"]
    assert press.titles("news") == ["About news/b.md"]
    assert press.page("about-news-b-md").exists()


def test_a_feed_of_a_folder_whose_name_is_no_text(press: Press) -> None:
    """Titles of feeds come from folder names, which may hold anything: the feed is valid all the same."""
    press.room.write(os.fsdecode(b"\xff bad \x0b name") + "/a.md", article("A"))
    press.run()
    with press.room.store.reading() as unit:
        (slug,) = [feed.slug for feed in unit.feeds() if feed.folder is not None]
    assert len(press.titles(slug)) == 1


def test_a_page_that_cannot_be_written_takes_its_entry_out(press: Press) -> None:
    """A lone surrogate passes for text until it is encoded: the culprit is found at its page already."""
    press.room.write("a.md", article("A"))
    press.room.write("b.md", article("B"))
    press.room.scan()
    entry_id = press.room.entry("b.md").id
    with press.room.store.writing() as unit:
        unit.add_revisions([replace(press.room.entry("b.md"), tags=("\ud800",))], press.room.clock())
    done = press.publisher.publish_due()
    assert (done.quarantined, press.titles(), press.page("b").exists()) == ([entry_id], ["A"], False)
