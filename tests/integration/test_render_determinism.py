"""Equal values give equal bytes: in any process, locale and thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import needs
import pytest

CHILD = Path(__file__).with_name("render_digest.py")
ARABIC_LOCALE = "ar_EG.UTF-8"


def start(locale_name: str, hash_seed: str, zone: str) -> subprocess.Popen[str]:
    """Start a fresh interpreter with its own locale, hash seed and time zone."""
    environment = {**os.environ, "LC_ALL": locale_name, "PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONUTF8": "1"}
    return subprocess.Popen(
        [sys.executable, str(CHILD)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def report(child: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what the child found out."""
    output, complaints = child.communicate(timeout=120)
    assert child.returncode == 0, complaints
    answer: dict[str, Any] = json.loads(output)
    return answer


@pytest.fixture(scope="module")
def reports() -> list[dict[str, Any]]:
    """Render everything 200 times in 8 threads, in a process with locale C and in one with an Arabic locale."""
    listed = subprocess.run([needs.tool("locale"), "-a"], capture_output=True, text=True, check=True).stdout
    if "ar_eg.utf8" not in listed.casefold().replace("utf-8", "utf8").split():
        needs.missing(f"the locale {ARABIC_LOCALE}")
    children = [start("C", "1", "UTC"), start(ARABIC_LOCALE, "2", "Africa/Cairo")]
    return [report(child) for child in children]


def test_documents_are_the_same_in_every_process_thread_and_locale(reports: list[dict[str, Any]]) -> None:
    """All threads of both processes came to the same bytes, whatever their locale, zone and hash seed."""
    plain, arabic = reports
    assert len(plain["hashes"]) == 1
    assert arabic["hashes"] == plain["hashes"]


def test_the_locale_of_the_process_stays(reports: list[dict[str, Any]]) -> None:
    """Rendering leaves the locale as it was, which is a different one in the two processes."""
    plain, arabic = reports
    assert plain["after"] == plain["before"] == "C"
    assert ARABIC_LOCALE.partition(".")[0] in arabic["before"]
    assert arabic["after"] == arabic["before"]
