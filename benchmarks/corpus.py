"""Text to measure with: as many files as wanted, the same for the same number, half English and half Arabic."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ENGLISH = tuple(
    "morning harbour council report bridge students river market opened after weather station village engineers "
    "library planted garden evening train visitors measured counted repaired painted records season north valley"
    "".split()
)
_ARABIC = tuple(
    "صباح ميناء مجلس تقرير جسر طلاب نهر سوق افتتح بعد محطة قرية مهندسون مكتبة حديقة مساء قطار زوار سجلات موسم شمال "
    "وادي زرعوا أصلحوا قاسوا رسموا المدينة القديمة الطريق الجديد"
    "".split()
)
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)
_FOLDERS = 10


def sentence(chance: random.Random, language: str, length: int) -> str:
    """Return *length* words of the language ``ar`` or ``en``."""
    return _sentence(chance, _ARABIC if language == "ar" else _ENGLISH, length)


def write_markdown(folder: Path, count: int, size: int = 2_000) -> None:
    """Write *count* Markdown files of about *size* bytes with front matter into ten folders below *folder*."""
    chance = random.Random(count)
    for number in range(count):
        words, language = (_ARABIC, "ar") if number % 2 else (_ENGLISH, "en")
        below = folder / f"section-{number % _FOLDERS}"
        below.mkdir(parents=True, exist_ok=True)
        moment = _FIRST + timedelta(hours=5 * number)
        title = f"{_sentence(chance, words, 6)} {number}"
        header = (
            f"---\ntitle: {title}\ndate: {moment:%Y-%m-%dT%H:%M:%SZ}\ntags: [one, two]\nlanguage: {language}\n---\n"
        )
        text = header + _body(chance, words, size - len(header.encode()))
        path = below / f"{number:06}.md"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (moment.timestamp(), moment.timestamp()))  # long at rest, as files of an archive are


def _body(chance: random.Random, words: Sequence[str], size: int) -> str:
    blocks: list[str] = []
    while sum(len(block.encode()) + 2 for block in blocks) < size:
        blocks.append(_block(chance, words))
    return "\n\n".join(blocks) + "\n"


def _block(chance: random.Random, words: Sequence[str]) -> str:
    kind = chance.random()
    if kind < 0.15:
        return f"## {_sentence(chance, words, 5)}"
    if kind < 0.3:
        return "\n".join(f"- {_sentence(chance, words, 6)} **{chance.choice(words)}**" for _ in range(3))
    link = f" [{chance.choice(words)}](https://example.org/{chance.randrange(1000)})" if kind < 0.6 else ""
    return f"{_sentence(chance, words, 35)}{link}."


def _sentence(chance: random.Random, words: Sequence[str], length: int) -> str:
    return " ".join(chance.choice(words) for _ in range(length))
