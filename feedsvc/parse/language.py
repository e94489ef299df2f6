"""Language and direction: what is declared, else what the letters say."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from feedsvc.model import Direction

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?(?:-[A-Za-z0-9]{1,8})*")
_SAMPLE = 200
"""Characters of a text that are looked at: enough for a verdict, few enough to cost nothing."""

_RTL_SCRIPTS = frozenset("AHSTN")
_RTL_SUBTAGS = frozenset(("Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"))
_BEYOND_LATIN = re.compile(
    "[\u0370-\u1dff\u2c00-\u2dff\u2e80-\ud7ff\uf900-\ufeff\uff66-\uffdc\U00010000-\U0001efff\U00020000-\U0003ffff]"
)

_SCRIPT_RANGES = (
    (0x0041, 0x024F, "L"), (0x0250, 0x02AF, "L"), (0x1E00, 0x1EFF, "L"), (0x0370, 0x03FF, "G"), (0x1F00, 0x1FFF, "G"),
    (0x0400, 0x052F, "C"), (0x0530, 0x058F, "M"), (0x0590, 0x05FF, "H"), (0xFB1D, 0xFB4F, "H"), (0x0600, 0x06FF, "A"),
    (0x0750, 0x077F, "A"), (0x0870, 0x08FF, "A"), (0xFB50, 0xFDFF, "A"), (0xFE70, 0xFEFC, "A"), (0x0700, 0x074F, "S"),
    (0x0780, 0x07BF, "T"), (0x07C0, 0x07FF, "N"), (0x1E900, 0x1E95F, "N"), (0x10D00, 0x10D3F, "N"),
    (0x0900, 0x097F, "D"),
    (0x0980, 0x09FF, "B"), (0x0A00, 0x0A7F, "P"), (0x0A80, 0x0AFF, "U"), (0x0B80, 0x0BFF, "I"), (0x0C00, 0x0C7F, "E"),
    (0x0C80, 0x0CFF, "F"), (0x0D00, 0x0D7F, "Y"), (0x0D80, 0x0DFF, "W"), (0x0E00, 0x0E7F, "Q"), (0x0E80, 0x0EFF, "O"),
    (0x1000, 0x109F, "V"), (0x10A0, 0x10FF, "X"), (0x1200, 0x137F, "Z"), (0x1780, 0x17FF, "R"), (0x3040, 0x30FF, "J"),
    (0x31F0, 0x31FF, "J"), (0xFF66, 0xFF9F, "J"), (0x1100, 0x11FF, "K"), (0x3130, 0x318F, "K"), (0xAC00, 0xD7A3, "K"),
    (0x3400, 0x4DBF, "h"), (0x4E00, 0x9FFF, "h"), (0xF900, 0xFAFF, "h"), (0x20000, 0x3FFFF, "h"),
)  # fmt: skip
_LANGUAGE_OF_SCRIPT = {
    "A": "ar", "H": "he", "S": "syr", "T": "dv", "N": "nqo", "G": "el", "C": "ru", "M": "hy", "D": "hi", "B": "bn",
    "P": "pa", "U": "gu", "I": "ta", "E": "te", "F": "kn", "Y": "ml", "W": "si", "Q": "th", "O": "lo", "V": "my",
    "X": "ka", "Z": "am", "R": "km", "J": "ja", "K": "ko", "h": "zh",
}  # fmt: skip
_SHARED_SCRIPTS = {
    "A": ("fa", "ur", "ps", "sd", "ug", "ckb", "ks", "pnb", "azb", "bal", "mzn", "glk", "arz", "ary", "apc", "prs"),
    "B": ("as",),
    "C": ("uk", "bg", "be", "sr", "mk", "kk", "ky", "tg", "mn", "tt", "ba", "cv"),
    "D": ("mr", "ne", "sa", "kok", "mai"),
    "H": ("yi", "iw", "lad"),
    "S": ("arc",),
    "Z": ("ti",),
    "h": ("yue", "wuu"),
}
"""Languages that share a script with the one it usually stands for."""

_SCRIPT_OF_LANGUAGE = {language: script for script, language in _LANGUAGE_OF_SCRIPT.items()} | {
    language: script for script, languages in _SHARED_SCRIPTS.items() for language in languages
}

_PERSIAN, _URDU, _ARABIC_ONLY = "پچژگکی", "ٹڈڑںےہھ", "ةيىك"
_UKRAINIAN = "іїєґІЇЄҐ"
_TELLING_SHARE = 50
"""One letter in fifty is more than a foreign name brings into a text."""

_REMEMBERED = 0x10000
"""Rarer characters are looked up each time, so that no file can fill the memory."""


class _Scripts(dict[int, str]):
    """Maps a character to the mark of its script, other characters to nothing; learns as it is asked."""

    def __missing__(self, code: int) -> str:
        mark = next((mark for low, high, mark in _SCRIPT_RANGES if low <= code <= high), "")
        if mark and not chr(code).isalpha():
            mark = ""
        if code < _REMEMBERED:
            self[code] = mark
        return mark


_SCRIPTS = _Scripts()


class Reading(NamedTuple):
    """Language tag and base direction of a text."""

    language: str
    direction: Direction


@lru_cache(maxsize=256)
def language_tag(text: str) -> str | None:
    """Return *text* as a BCP 47 tag in its usual case (RFC 5646 section 2.1.1), or None if it is none.

    POSIX locale names such as ``ar_EG.UTF-8`` are understood.
    """
    tag = text.strip().partition(".")[0].partition("@")[0].replace("_", "-")
    if _TAG.fullmatch(tag) is None:
        return None
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


def read_language(title: str, body: str, declared: str | None, fallback: str) -> Reading:
    """Return language and direction of an entry.

    Args:
        title: Plain text.
        body: Plain text or HTML; its beginning is looked at.
        declared: BCP 47 tag of the front matter, if any.
        fallback: BCP 47 tag of the inbox, for Latin and for unclear texts.
    """
    sample = f"{title[:_SAMPLE]}\n{body[:_SAMPLE]}"
    if sample.isascii() or _BEYOND_LATIN.search(sample) is None:
        return Reading(declared or fallback, "ltr")
    scripts = sample.translate(_SCRIPTS)
    language = declared or _detect(sample, scripts, fallback)
    return Reading(language, _direction(language if declared else None, scripts))


def _detect(sample: str, scripts: str, fallback: str) -> str:
    script = _main_script(scripts)
    if script not in _LANGUAGE_OF_SCRIPT:
        return fallback
    detected = _by_letters(sample, scripts, script)
    own = fallback.partition("-")[0]
    if own == detected or (_SCRIPT_OF_LANGUAGE.get(own) == script and not _is_told_by_letters(sample, script)):
        return fallback
    return detected


def _main_script(scripts: str) -> str:
    """Return the most frequent script, of equals the first; Japanese is known by its kana, though Han may prevail."""
    if not scripts:
        return ""
    main = max(set(scripts), key=lambda mark: (scripts.count(mark), -scripts.index(mark)))
    return "J" if main == "h" and scripts.count("J") * 20 > len(scripts) else main


def _share(sample: str, letters: str) -> int:
    return sum(map(sample.count, letters))


def _by_letters(sample: str, scripts: str, script: str) -> str:
    enough = max(1, scripts.count(script) // _TELLING_SHARE)
    if script == "A":
        if _share(sample, _URDU) > enough:
            return "ur"
        return "fa" if _share(sample, _PERSIAN) > enough and not _share(sample, "ةيك") > enough else "ar"
    if script == "C" and _share(sample, _UKRAINIAN) > enough:
        return "uk"
    return _LANGUAGE_OF_SCRIPT[script]


def _is_told_by_letters(sample: str, script: str) -> bool:
    """Tell whether the text has letters that only some languages of its script use."""
    telling = {"A": _PERSIAN + _URDU + _ARABIC_ONLY, "C": _UKRAINIAN + "ыэёЫЭЁ"}.get(script, "")
    return any(letter in sample for letter in telling)


def _direction(declared: str | None, scripts: str) -> Direction:
    """Return the declared language's direction where the text bears it out, else what most letters have."""
    rightward = sum(map(scripts.count, _RTL_SCRIPTS))
    if declared is not None and is_rtl_language(declared):
        return "rtl" if rightward * 5 >= len(scripts) else "ltr"
    if declared is not None or rightward * 2 != len(scripts):
        return "rtl" if rightward * 2 > len(scripts) else "ltr"
    return "rtl" if scripts[:1] in _RTL_SCRIPTS and scripts else "ltr"


@lru_cache(maxsize=256)
def is_rtl_language(tag: str) -> bool:
    """Tell whether the language of BCP 47 *tag* is written from right to left."""
    first, *rest = tag.split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), None)
    return script in _RTL_SUBTAGS if script else _SCRIPT_OF_LANGUAGE.get(first) in _RTL_SCRIPTS
