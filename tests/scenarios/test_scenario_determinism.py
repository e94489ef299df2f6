"""The same files make the same bytes, whoever reads them, wherever and in whatever order."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import needs
from daemon import Daemon, Site

if TYPE_CHECKING:
    from pathlib import Path

LOCALE = "ar_EG.UTF-8"
COUNT = 60


def text(number: int) -> str:
    """Return an article; its date is fixed, and every fifth article shares it with others."""
    language = ("en", "ar", "fa")[number % 3]
    title = {"en": "Report number", "ar": "تقرير رقم", "fa": "گزارش شماره"}[language]
    tags = ", ".join(sorted({f"tag{number % 7}", f"وسم{number % 4}", "İstanbul", "straße"}, reverse=bool(number % 2)))
    day = 1 if number % 5 == 0 else number % 28 + 1
    return (
        f"---\ntitle: {title} {number}\ndate: 2026-05-{day:02} 10:00\nauthors: [Ada, ليلى]\ntags: [{tags}]\n---\n\n"
        f"{title} *{number}*, [a link](page-{number}.html) & more.\n\n> ١٢٣ 123\n"
    )


def fill(site: Site, *, backwards: bool) -> None:
    """Put the same articles into an inbox, in one order or the other."""
    for number in sorted(range(COUNT), reverse=backwards):
        site.write(f"{('', 'news/', 'أخبار/محلية/')[number % 3]}{number}.md", text(number))


def test_two_machines_publish_the_same_bytes(tmp_path: Path) -> None:
    """A build in the C locale and a daemon in an Arabic one, with other hash seeds, time zones and orders of files."""
    if LOCALE.replace("UTF-8", "utf8") not in subprocess.check_output([needs.tool("locale"), "-a"], text=True).split():
        needs.missing(f"the locale {LOCALE}")
    one = Site(tmp_path / "one", LC_ALL="C", PYTHONHASHSEED="1", TZ="Asia/Tokyo")
    two = Site(tmp_path / "two", LC_ALL=LOCALE, PYTHONHASHSEED="2", TZ="America/St_Johns")
    fill(one, backwards=False)
    one.feedsvc("build")
    shutil.copy(one.root / "config" / "site.id", two.root / "config" / "site.id")
    with Daemon(two) as daemon:
        daemon.wait_for("service.ready")
        fill(two, backwards=True)
        daemon.wait_until(lambda: two.counts() == {"published": COUNT})
        daemon.wait_until(lambda: two.items() == one.items())
        daemon.terminate()
    former, latter = one.tree(), two.tree()
    assert len(former) == COUNT + 4 * 4 + 1
    assert latter.keys() == former.keys()
    assert [path for path, content in former.items() if latter[path] != content] == []
