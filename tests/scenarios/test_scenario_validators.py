"""What caches and readers remember stays true when the daemon is stopped, or dies."""

from __future__ import annotations

import pytest
from daemon import DOCUMENTS, Daemon, Site

PATHS = [f"/{slug}/{name}" for slug in ("main", "news", "أخبار") for name in (*DOCUMENTS, "")] + ["/"]


@pytest.mark.parametrize("is_crash", [False, True], ids=["stop", "crash"])
def test_validators_survive_a_restart(site: Site, *, is_crash: bool) -> None:
    """Each document has the same ETag and Last-Modified as before, and a reader that has it is answered 304."""
    site.write("news/first.txt", "A first report\n\nWhat happened, in a few words.\n")
    site.write("أخبار/خبر.txt", "تقرير عن المكتبة الجديدة\n\nافتتحت المكتبة أبوابها هذا الصباح.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_pages(2)
        page = "/entries/a-first-report/"
        before = {path: daemon.get(path) for path in (*PATHS, page)}
        daemon.kill() if is_crash else daemon.terminate()
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        assert {path: daemon.get(path) for path in (*PATHS, page)} == before
        for path, answer in before.items():
            assert answer.status == 200
            for headers in (
                {"If-None-Match": answer.headers["etag"]},
                {"If-Modified-Since": answer.headers["last-modified"]},
            ):
                again = daemon.get(path, headers)
                assert (again.status, again.body) == (304, b"")
        daemon.terminate()


def test_only_what_changed_gets_new_validators(site: Site) -> None:
    """A new entry in one folder leaves the documents of the other folder as they were, and their readers at 304."""
    site.write("news/first.txt", "A first report\n\nWhat happened, in a few words.\n")
    site.write("أخبار/خبر.txt", "تقرير عن المكتبة الجديدة\n\nافتتحت المكتبة أبوابها هذا الصباح.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_pages(2)
        before = {path: daemon.get(path) for path in PATHS}
        site.write("news/second.txt", "A second report\n\nAnd what happened then.\n")
        daemon.wait_for_pages(3)
        assert site.titles("news") == ["A first report", "A second report"]
        after = {path: daemon.get(path) for path in PATHS}
        changed = {path for path in PATHS if after[path].headers["etag"] != before[path].headers["etag"]}
        assert changed == {path for path in PATHS if path.startswith(("/main/", "/news/"))}
        daemon.terminate()
