"""The real daemon with a real mail server: somebody comes, changes their wishes and leaves, by its pages alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup
from daemon import Daemon
from mail_samples import parsed
from mail_server import Mailbox, mail_server, way_to
from web_client import fetch

if TYPE_CHECKING:
    from daemon import Site
    from web_client import Answer

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MONA = "mona@reader.example"


def post(daemon: Daemon, url: str, **fields: str) -> Answer:
    return fetch(daemon.port, urlsplit(url).path, "POST", FORM, urlencode(fields).encode())


def shown(site: Site) -> dict[str, object]:
    """Return what the operator sees of Mona."""
    value: dict[str, object] = json.loads(site.feedsvc("subscribers", "show", MONA, "--json").stdout)
    return value


def test_a_reader_comes_and_goes(site: Site) -> None:
    """From the form to the letter, the confirmation, other wishes and the way out, across restarts of the daemon."""
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        environ = way_to(server) | {"FEEDSVC_MAIL__FROM_ADDRESS": "news@news.example"}
        with Daemon(site, **environ) as daemon:
            daemon.wait_until(lambda: (site.root / "feeds" / "index.html").exists())
            way_in = BeautifulSoup(daemon.get("/").body, "html.parser").select_one("main a[href*=subscribe]")
            assert way_in is not None
            assert daemon.get(urlsplit(str(way_in["href"])).path).status == 200
            assert post(daemon, "/-/subscribe", address=MONA, frequency="weekly", weekday="3").status == 200
            daemon.wait_until(lambda: mailbox.received)
            daemon.terminate()
        sender, recipient, data = mailbox.received[0]
        assert (sender.partition("+")[0], recipient) == ("bounce", MONA)
        (link,) = [line for line in parsed(data).get_content().splitlines() if "://" in line]
        with Daemon(site, **environ) as daemon:
            assert daemon.get(urlsplit(link).path).status == 200
            assert "pending" in json.dumps(shown(site))
            done = post(daemon, link)
            assert "active" in json.dumps(shown(site))
            wishes = BeautifulSoup(done.body, "html.parser").select_one("main a[href*=preferences]")
            assert wishes is not None
            form = daemon.get(urlsplit(str(wishes["href"])).path)
            way_out = BeautifulSoup(form.body, "html.parser").select_one("a[href*=unsubscribe]")
            assert way_out is not None
            assert post(daemon, str(wishes["href"]), language="ar", hour="21").status == 200
            assert '"ar"' in json.dumps(shown(site))
            site.write("story.txt", "A story\n\nPublished while readers come and go.\n")
            assert post(daemon, str(way_out["href"])).status == 200
            assert "unsubscribed" in json.dumps(shown(site))
            daemon.wait_for_titles("A story")
            daemon.terminate()
            log = json.dumps(daemon.events)
    tokens = [urlsplit(str(url)).path.rpartition("/")[2] for url in (link, wishes["href"], way_out["href"])]
    assert not [token for token in tokens if token in log]
    assert MONA not in log
    keys = site.root / ".feedsvc" / "token.keys"
    assert keys.stat().st_mode & 0o777 == 0o600


def test_pages_can_be_switched_off(site: Site) -> None:
    """Without them nothing answers below their addresses; the operator's addresses do."""
    with Daemon(site, FEEDSVC_DIGESTS__PAGES="false") as daemon:
        daemon.wait_until(lambda: (site.root / "feeds" / "index.html").exists())
        assert b"subscribe" not in daemon.get("/").body
        assert daemon.get("/-/subscribe").status == 404
        assert daemon.get("/-/ready").status in {200, 503}
        daemon.terminate()
