"""Digests of real sentences in six languages under the eyes of SpamAssassin, without its questions to the network."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import needs
import pytest
from mail_samples import ARABIC, ENGLISH, LIBRARY, SITE, TRAM, mailed

if TYPE_CHECKING:
    from pathlib import Path

HIGHEST = 0.5
# It takes Cyrillic letters beside the Latin ones of links for a disguise: each Russian mail with links has that point.
NOT_OURS = "score MIXED_ES 0"
STORIES = {
    "fr": (
        "La Voix de la ville",
        "Le conseil municipal approuve le tramway du port",
        (
            "Par 31 voix contre 17, le conseil a voté lundi la construction de la ligne entre le port et l’université. "
            "Les travaux commencent au printemps ; les premières rames doivent circuler en 2029."
        ),
        "La bibliothèque ouvre le dimanche",
        "À partir de décembre, les lecteurs y sont accueillis de 10 h à 18 h, sans inscription préalable.",
    ),
    "es": (
        "La Voz de la Ciudad",
        "El concejo aprueba el tranvía del puerto",
        (
            "Por 31 votos contra 17, el concejo decidió el lunes construir la línea entre el puerto y la universidad. "
            "Las obras empiezan en primavera; los primeros tranvías circularán en 2029."
        ),
        "La biblioteca abre los domingos",
        "Desde diciembre los lectores la encontrarán abierta de 10 a 18 horas, también en la sala infantil.",
    ),
    "ru": (
        "Голос города",
        "Совет одобрил трамвайную линию к порту",
        (
            "Тридцатью одним голосом против семнадцати совет решил в понедельник построить линию от порта до "
            "университета. Работы начнутся весной, первые трамваи пойдут в 2029 году."
        ),
        "Библиотека открыта по воскресеньям",
        "С декабря читатели могут приходить сюда с 10 до 18 часов, записываться заранее не нужно.",
    ),
    "zh": (
        "城市之声",
        "市议会批准港口电车线路",
        "市议会周一以三十一票对十七票决定修建连接港口和大学的线路。工程将于明年春天开始，首批电车计划于2029年投入运行。",
        "图书馆周日开放",
        "从十二月起，读者周日上午十点到下午六点都可以来图书馆看书，不需要提前预约。",
    ),
}
# What the mail server of a receiver writes above a mail of ours; addresses for documentation are taken for forged.
ARRIVED = (
    "Return-Path: <bounce+Zx_9@news.example>\r\n"
    "Received: from mail.news.example (mail.news.example [93.184.215.14])\r\n"
    "\tby mx.reader.example (Postfix) with ESMTPS id 4Rb7Xq1Yz9\r\n"
    "\tfor <mona@reader.example>; Tue, 24 Nov 2026 05:00:03 +0000 (UTC)\r\n"
)


def digest_in(language: str) -> bytes:
    """Return a digest in a language, of sentences in it."""
    if language == "ar":
        return mailed(ARABIC)
    if language == "en":
        return mailed(ENGLISH, entries=(TRAM, LIBRARY))
    site, *texts = STORIES[language]
    entries = [
        like._replace(title=title, summary=summary, language=language, authors=(), feeds=())
        for like, title, summary in zip((TRAM, LIBRARY), texts[::2], texts[1::2], strict=True)
    ]
    return mailed(ENGLISH, language=language, entries=tuple(entries), site=replace(SITE, title=site, language=language))


@pytest.mark.parametrize("language", ["ar", "en", *STORIES])
def test_no_digest_is_taken_for_spam(language: str, tmp_path: Path) -> None:
    """It gives half a point at most; five make a mail spam."""
    points, rules = judged(digest_in(language), tmp_path)
    assert points <= HIGHEST, rules


def test_it_has_its_rules(tmp_path: Path) -> None:
    """A mail without a date does get points."""
    points, rules = judged(re.sub(rb"Date: .*\r\n", b"", digest_in("en")), tmp_path)
    assert points > HIGHEST
    assert "MISSING_DATE" in rules


def judged(message: bytes, home: Path) -> tuple[float, str]:
    """Return the points for a message that arrived, and the rules that gave them."""
    line = [needs.tool("spamassassin"), "--local", "--test-mode", "--prefspath=/dev/null", f"--cf={NOT_OURS}"]
    surroundings = {"HOME": str(home), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(line, input=ARRIVED.encode() + message, env=surroundings, capture_output=True, check=True)
    found = re.search(
        rb"^X-Spam-Status: \w+, score=(-?[\d.]+) required=5.0 tests=([\w,\s]+)", done.stdout, re.MULTILINE
    )
    assert found is not None
    return float(found[1]), found[2].decode()
