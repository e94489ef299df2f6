"""A podcast episode and a picture on their whole way: from the inbox to the ears and eyes of a subscriber."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from daemon import Daemon, Site
from media_samples import medium

if TYPE_CHECKING:
    from pathlib import Path

SOUND = medium("mp3") + b"".join(number.to_bytes(3) for number in range(300_000))
EPISODE = "---\ntitle: نشرة الظهيرة\naudio: نشرة.mp3\n---\nأهم أخبار المدينة في عشر دقائق.\n"


def drop(site: Site, path: str, data: bytes) -> Path:
    """Upload *data* as a program does that moves the finished file in."""
    file = site.inbox / path
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(".upload")
    beside.write_bytes(data)
    os.utime(beside, (1_772_000_000, 1_772_000_000))
    beside.rename(file)
    return file


def item(site: Site) -> dict[str, Any]:
    (only,) = site.items()
    return only


def test_an_episode_reaches_its_listeners(site: Site) -> None:
    """The feed names the sound with its true length; what is fetched there, whole or in parts, is what was dropped."""
    with Daemon(site) as daemon:
        drop(site, "بودكاست/نشرة.mp3", SOUND)
        site.write("بودكاست/نشرة.md", EPISODE)
        daemon.wait_for_titles("نشرة الظهيرة")
        daemon.wait_for("service.ready")
        (entry,) = daemon.feed("main", "rss.xml").entries
        (enclosure,) = entry.enclosures
        assert (enclosure.type, enclosure.length) == ("audio/mpeg", str(len(SOUND)))
        path = "/media/" + enclosure.href.rpartition("/")[2]
        assert enclosure.href.endswith(path)
        answer = daemon.get(path)
        assert (answer.status, answer.headers["content-type"], answer.body) == (200, "audio/mpeg", SOUND)
        part = daemon.get(path, {"Range": "bytes=500000-", "If-Range": answer.headers["etag"]})
        assert (part.status, part.body) == (206, SOUND[500_000:])
        links = [link for link in daemon.feed("main", "atom.xml").entries[0].links if link.rel == "enclosure"]
        assert [(link.href, link.length) for link in links] == [(enclosure.href, str(len(SOUND)))]
        assert daemon.feed("main", "feed.json")["items"][0]["attachments"][0]["url"] == enclosure.href
        page = daemon.get("/entries/نشرة-الظهيرة/").body.decode()
        assert f'<audio controls preload="none" src="{enclosure.href}"' in page
        daemon.terminate()


def test_the_text_may_come_first(site: Site) -> None:
    """A text whose sound is missing says so; the sound alone then brings it out, and a new sound replaces it."""
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        site.write("a.md", "---\ntitle: Talk\naudio: talk.mp3\n---\nText.\n")
        daemon.wait_for("file.quarantined", path="a.md", code="E_MEDIA")
        assert site.receipt("a.md")["problem"]["code"] == "E_MEDIA"
        drop(site, "talk.mp3", SOUND)
        daemon.wait_for_titles("Talk")
        assert item(site)["attachments"][0]["size_in_bytes"] == len(SOUND)
        drop(site, "talk.mp3", medium("m4a"))
        daemon.wait_until(lambda: item(site)["attachments"][0]["mime_type"] == "audio/mp4")
        assert item(site)["attachments"][0]["url"].endswith(f"/{sha256(medium('m4a')).hexdigest()}.m4a")
        daemon.terminate()


def test_an_upload_that_takes_its_time(site: Site) -> None:
    """While a program still writes the sound its text waits; what is published is the whole of it."""
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        with (site.inbox / "talk.mp3").open("wb") as upload:
            upload.write(SOUND[:1000])
            upload.flush()
            site.write("a.md", "---\ntitle: Talk\naudio: talk.mp3\n---\nText.\n")
            daemon.wait_until(lambda: site.counts().get("waiting") == 1)
            assert site.items() == []
            upload.write(SOUND[1000:])
        daemon.wait_for_titles("Talk")
        assert item(site)["attachments"][0]["size_in_bytes"] == len(SOUND)
        daemon.terminate()


def test_one_pass_gives_the_same_as_the_daemon(site: Site) -> None:
    """``build`` publishes text and sound, and makes the same bytes again after the folder was emptied of media."""
    drop(site, "talk.mp3", SOUND)
    site.write("a.md", "---\ntitle: Talk\naudio: talk.mp3\n---\nText.\n")
    site.feedsvc("build")
    before = site.tree()
    (copy,) = (site.published / "media").iterdir()
    assert copy.read_bytes() == SOUND
    copy.unlink()
    site.feedsvc("build")
    assert site.tree() == before
    report = json.loads(site.feedsvc("status", "talk.mp3", "--json").stdout)
    assert report["problem"]["code"] == "I_MEDIA"
    assert site.litter() == []
