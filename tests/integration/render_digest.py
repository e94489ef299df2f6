"""Child of test_render_determinism.py: take the locale of the environment, render everything, print one JSON line."""

from __future__ import annotations

import hashlib
import json
import locale
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

root = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(root), str(root / "tests")]

locale.setlocale(locale.LC_ALL, "")
before = locale.setlocale(locale.LC_ALL)

import mail_samples  # noqa: E402 - after the locale was taken
from render_samples import ARABIC, CHANNEL, ENGLISH, MAIN, SITE, document  # noqa: E402

from feedsvc.model import Format  # noqa: E402
from feedsvc.render.pages import entry_page, feed_page, landing_page  # noqa: E402


def everything(_: int) -> str:
    """Return a hash over all documents and pages."""
    parts = [document(format_) for format_ in Format]
    parts += [entry_page(entry, SITE) for entry in (ENGLISH, ARABIC)]
    parts += [feed_page(CHANNEL, [ENGLISH, ARABIC], SITE), landing_page([MAIN], SITE)]
    parts += [mail_samples.mailed(digest) for digest in (mail_samples.ENGLISH, mail_samples.ARABIC)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


with ThreadPoolExecutor(8) as pool:
    hashes = sorted(set(pool.map(everything, range(200))))
report = {"hashes": hashes, "before": before, "after": locale.setlocale(locale.LC_ALL)}
sys.stdout.write(json.dumps(report))
