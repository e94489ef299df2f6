"""Commands beside a running daemon, and daemons that cannot start."""

from __future__ import annotations

import json
import os
import socket

from daemon import Daemon, Site


def test_a_port_in_use_is_one_sentence(site: Site) -> None:
    """It says which port, and what to do; nothing was published, and the state is free for the next start."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        run = site.feedsvc("run", exit_code=1, FEEDSVC_WEB__PORT=port)
    (sentence,) = run.stderr.splitlines()
    assert sentence.startswith("feedsvc: ")
    assert port in sentence
    assert run.stdout == ""
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        daemon.terminate()


def test_faults_in_the_settings_are_all_told_before_the_start(site: Site) -> None:
    """Each fault has its line with the variable that set it."""
    run = site.feedsvc("run", exit_code=1, FEEDSVC_INBOX__GRACE_S="soon", FEEDSVC_WEB__PROT="80")
    assert len(run.stderr.splitlines()) == 2
    assert "FEEDSVC_INBOX__GRACE_S" in run.stderr
    assert "FEEDSVC_WEB__PROT" in run.stderr


def test_commands_work_beside_the_daemon(site: Site) -> None:
    """Looking is always possible, building is the daemon's own work, and none of it disturbs the daemon."""
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        site.write("news/first.txt", "The first report\n\nIts text.\n")
        daemon.wait_for_pages(1)
        before = site.tree()

        refusal = site.feedsvc("build", exit_code=1).stderr
        assert f"another feedsvc (process {daemon.process.pid}) already works on" in refusal
        assert len(refusal.splitlines()) == 1

        (line,) = site.feedsvc("status").stdout.splitlines()
        assert line.split("\t")[:2] == ["published", "news/first.txt"]
        receipt = site.receipt("news/first.txt")
        assert receipt["entries"][0]["feeds"] == ["main", "news"]

        draft = site.root / "draft.txt"
        draft.write_text("A second report\n\nIts text.\n")
        (checked,) = json.loads(site.feedsvc("check", str(draft), "--json").stdout)
        assert checked["entries"][0]["title"] == "A second report"
        assert site.feedsvc("check", str(site.inbox / "news/first.txt")).stdout.count(receipt["entries"][0]["id"]) == 1

        assert "quiet_ms = 300" in site.feedsvc("config").stdout
        assert site.feedsvc("confirm-removals").stdout == "No removals are held.\n"
        assert site.feedsvc("version").stdout.startswith("feedsvc ")
        assert site.tree() == before
        assert site.counts() == {"published": 1}
        daemon.terminate()


def test_check_foretells_what_the_daemon_does(site: Site) -> None:
    """For good files, broken ones and those that wait, the receipt beforehand is the receipt afterwards."""
    texts = {
        "plain.txt": "عنوان من سطر واحد\n\nنص الخبر.\n",
        "dated.md": "---\ntitle: Dated\ndate: 2026-02-03\ntgas: [a]\n---\n\nText.\n",
        "broken.md": "---\ntitle: [open\n---\n\nText.\n",
        "later.md": "---\ntitle: Later\ndate: 2099-01-01\n---\n\nText.\n",
        "draft.md": "---\ntitle: Draft\ndraft: true\n---\n\nText.\n",
        "picture.png": "not a text",
    }
    paths = [str(site.write(path, text)) for path, text in texts.items()]
    for path in paths:
        os.utime(path, (10**9, 10**9))
    before = json.loads(site.feedsvc("check", *paths, "--json", exit_code=1).stdout)
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        after = [site.receipt(path) for path in texts]
        daemon.terminate()
    for foretold, received in zip(before, after, strict=True):
        for entry in (*foretold["entries"], *received["entries"]):
            if foretold["path"] in ("plain.txt", "draft.md"):
                entry.pop("published")  # the time of first sight
        assert foretold == received
