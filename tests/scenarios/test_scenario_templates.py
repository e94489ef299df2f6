"""Templates of mails that an operator broke: nobody gets a bad mail, everybody gets theirs once it is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon import Daemon
from digest_site import to_server
from mail_samples import content
from mail_server import Mailbox, mail_server

if TYPE_CHECKING:
    from daemon import Site

GOOD = "Ours, from {{ site }}:\n{% for entry in entries %}\n* {{ entry.title }}\n{% endfor %}\n{{ unsubscribe_url }}\n"
BROKEN = GOOD.replace("entry.title", "entry.headline")
MUTE = GOOD.replace("{{ unsubscribe_url }}", "")


def test_a_broken_template_holds_mail_back_until_it_is_mended(site: Site) -> None:
    """Told at the start with file, line and cause, though nobody is due; feeds go on, no mail is lost or doubled."""
    folder = site.root / "config" / "templates"
    folder.mkdir(parents=True)
    template = folder / "digest.txt"
    template.write_text(BROKEN, encoding="utf-8")
    box = Mailbox()
    with mail_server(box) as server:
        site.feedsvc("subscribers", "add", "mona@example.org", "--frequency", "immediate", "--consent", "a form")
        with Daemon(site, **to_server(server)) as daemon:
            told = daemon.wait_for("mail.failed", step="digests")["detail"]
            assert told.startswith(f"{template}, line 3: ")
            assert told.endswith(" has no attribute 'headline'")
            assert told in daemon.wait_until_ill("mail")
            site.write("tram.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
            daemon.wait_for_titles("Tram line 4 runs again")
            assert site.feedsvc("digests", "list").stdout == "1 active subscriber is looked after.\n"
            assert box.received == []

            template.write_text(GOOD, encoding="utf-8")
            daemon.wait_for("mail.recovered", step="digests")
            daemon.wait_until_well()
            daemon.wait_until(lambda: len(box.received) == 1)

            template.write_text(MUTE, encoding="utf-8")
            assert "it does not show unsubscribe_url" in daemon.wait_until_ill("mail")
            site.write("bus.txt", "Bus line 7 is late\n\nA bridge is closed.\n")
            daemon.wait_for_titles("Tram line 4 runs again", "Bus line 7 is late")
            template.unlink()
            daemon.wait_until(lambda: len(box.received) == 2)
            daemon.terminate()
    first, second = (content(data, "plain") for _, _, data in box.received)
    assert first.startswith("Ours, from feedsvc:\n* Tram line 4 runs again\n")
    assert "Bus line 7 is late" in second
    assert "Ours" not in second
    assert "Tram line 4" not in second
    assert len(daemon.lines("mail.failed")) == 2
