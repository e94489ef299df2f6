"""Text in columns: East Asian letters are two wide, links stay whole, and nothing is cut within a character."""

from __future__ import annotations

import pytest

from feedsvc.render.mail.columns import clusters, shortened, width, wrapped

CHINESE = "市议会经过漫长的讨论批准了从港口到大学的新电车线路，工程将于明年春天开工。首班车将于2029年运行。"


def test_width_is_that_of_a_terminal() -> None:
    """Latin letters take one column, Chinese ones two, marks and controls none."""
    assert [width(text) for text in ("tram", "电车", "مُدُن", "e\u0301", "a\u200fb")] == [4, 4, 3, 1, 2]


def test_lines_end_between_words() -> None:
    """As many words as fit."""
    assert wrapped("The council agreed on Monday", 12) == ("The council", "agreed on", "Monday")
    assert wrapped("") == ("",)


def test_chinese_breaks_between_letters_but_not_before_a_full_stop() -> None:
    """No line is too wide or begins with a closing mark, and no letter is lost."""
    lines = wrapped(CHINESE, 20)
    assert "".join(lines) == CHINESE
    assert all(width(line) <= 20 for line in lines)
    assert not any(line[0] in "，。" for line in lines)
    assert any("2029" in line for line in lines)


def test_links_stay_whole() -> None:
    """However long they are; other long words are divided."""
    link = f"https://news.example/{'x' * 90}"
    assert wrapped(f"See {link} now") == ("See", link, "now")
    assert all(width(line) <= 72 for line in wrapped("x" * 200))


@pytest.mark.parametrize("cluster", ["👩🏽‍🚀", "🇪🇬", "e\u0301", "مُّ", "한"])
def test_characters_are_what_readers_see(cluster: str) -> None:
    """Flags, families and marks are not divided, wherever a text is cut."""
    assert list(clusters(cluster * 3)) == [cluster] * 3
    for limit in range(len(cluster) + 1, 3 * len(cluster)):
        assert shortened(cluster * 3, limit) in (f"{cluster}…", f"{cluster * 2}…")


def test_texts_are_cut_between_words() -> None:
    """With an ellipsis, and never longer than allowed."""
    assert shortened("The council agreed on Monday", 20) == "The council agreed…"
    assert shortened("short", 20) == "short"
    assert shortened("x" * 30, 10) == "x" * 9 + "…"
