"""Language and direction from what is declared and what is written."""

from __future__ import annotations

import pytest

from feedsvc.parse.language import is_rtl_language, language_tag, read_language

ARABIC = "بدأت في نيويورك أعمال مؤتمر أممي"


@pytest.mark.parametrize(
    ("text", "language", "direction"),
    [
        pytest.param("Plain English", "en", "ltr", id="latin"),
        pytest.param("“Naïve” — résumé…", "en", "ltr", id="latin-with-quotes"),
        pytest.param(ARABIC, "ar", "rtl", id="arabic"),
        pytest.param("این گزارش چگونه پدید می‌آید و کجا چاپ می‌شود", "fa", "rtl", id="persian"),
        pytest.param("یہ خبر آج ٹیلی ویژن پر نشر ہوئی ہے اور بڑے لوگ", "ur", "rtl", id="urdu"),
        pytest.param("שלום עולם וחדשות היום", "he", "rtl", id="hebrew"),
        pytest.param("これは日本語の文章です", "ja", "ltr", id="japanese"),
        pytest.param("東京都知事選挙結果発表の件について", "ja", "ltr", id="japanese-mostly-han"),
        pytest.param("这是中文新闻", "zh", "ltr", id="chinese"),
        pytest.param("한국어 뉴스", "ko", "ltr", id="korean"),
        pytest.param("Новости дня", "ru", "ltr", id="russian"),
        pytest.param("Новини дня в Україні", "uk", "ltr", id="ukrainian"),
        pytest.param("Ειδήσεις", "el", "ltr", id="greek"),
        pytest.param("ข่าววันนี้", "th", "ltr", id="thai"),
        pytest.param("आज की खबर", "hi", "ltr", id="hindi"),
        pytest.param("🎉 12345 ٪", "en", "ltr", id="no-letters"),
        pytest.param("߀ 𞤢𞤣𞤤", "nqo", "rtl", id="beyond-the-first-plane"),
        pytest.param("ⴰⴱⴲ ⵣ", "en", "ltr", id="script-without-a-rule"),
    ],
)
def test_letters_tell_the_language(text: str, language: str, direction: str) -> None:
    """The script, and in some scripts single letters, give language and direction."""
    assert read_language("", text, None, "en") == (language, direction)


@pytest.mark.parametrize(
    ("text", "declared", "fallback", "language", "direction"),
    [
        pytest.param(ARABIC, "fa", "en", "fa", "rtl", id="declared-wins"),
        pytest.param("Only English here", "ar", "en", "ar", "ltr", id="declared-but-written-otherwise"),
        pytest.param(f"{ARABIC} Some English words quoted here", "ar", "en", "ar", "rtl", id="mixed"),
        pytest.param(ARABIC, "en", "en", "en", "rtl", id="latin-declared-arabic-written"),
        pytest.param(ARABIC, None, "ar-EG", "ar-EG", "rtl", id="region-of-the-inbox"),
        pytest.param("برنامج", None, "fa", "fa", "rtl", id="inbox-decides-without-telling-letters"),
        pytest.param("كتاب جديد في المكتبة", None, "fa", "ar", "rtl", id="arabic-letters-in-a-persian-inbox"),
        pytest.param("Добър ден", None, "bg", "bg", "ltr", id="bulgarian-inbox"),
        pytest.param("abcd ابجد", None, "en", "en", "ltr", id="tie-first-strong-left"),
        pytest.param("ابجد abcd", None, "en", "ar", "rtl", id="tie-first-strong-right"),
    ],
)
def test_declaration_and_text(text: str, declared: str | None, fallback: str, language: str, direction: str) -> None:
    """What is declared counts; the direction follows what is really written."""
    assert read_language("", text, declared, fallback) == (language, direction)


@pytest.mark.parametrize("text", ["", "x", "arabic", "en--GB", "1a", "ar EG", "العربية"])
def test_words_that_are_no_tags(text: str) -> None:
    """Names of languages are not taken for tags."""
    assert language_tag(text) is None


@pytest.mark.parametrize(
    ("tag", "expected"), [("ar", True), ("az-Arab", True), ("ar-Latn", False), ("en", False), ("he-IL", True)]
)
def test_script_subtag_decides_direction(tag: str, expected: bool) -> None:
    """A script in the tag goes before the language's usual one."""
    assert is_rtl_language(tag) is expected
