"""Slugs keep the script and are safe as a path segment."""

from __future__ import annotations

import pytest

from feedsvc.parse import slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param("Hello, World!", "hello-world", id="english"),
        pytest.param("Don't stop", "dont-stop", id="apostrophe"),
        pytest.param("Don’t — stop", "dont-stop", id="typographic-apostrophe"),
        pytest.param("الأمم المتحدة، تعقد", "الأمم-المتحدة-تعقد", id="arabic"),
        pytest.param("كـــتاب", "كتاب", id="kashida"),
        pytest.param("می\u200cخواهم", "میخواهم", id="zero-width-non-joiner"),
        pytest.param("हिन्दी समाचार", "हिन्दी-समाचार", id="devanagari-marks-stay"),
        pytest.param("Cafe\u0301", "café", id="composed"),
        pytest.param("ÄÖÜ ß", "äöü-ß", id="lower-case"),
        pytest.param("東京 2026年", "東京-2026年", id="cjk"),
        pytest.param("🎉🎉", "", id="emoji-only"),
        pytest.param("❤️ x", "x", id="variation-selector"),
        pytest.param("...", "", id="dots"),
        pytest.param("../../etc/%2e", "etc-2e", id="path"),
        pytest.param("a_b", "a-b", id="underscore"),
        pytest.param("", "", id="empty"),
        pytest.param("\u0301\u0302", "", id="marks-without-letter"),
        pytest.param("\U0001e900𞤢", "𞤢𞤢", id="beyond-the-first-plane"),
    ],
)
def test_slug(text: str, slug: str) -> None:
    """Words in their own script, joined by hyphens; nothing else."""
    assert slugify(text) == slug


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("word " * 40, 79, id="between-words"),
        pytest.param("a" * 200, 80, id="one-long-word"),
        pytest.param("漢" * 200, 66, id="bytes"),
        pytest.param("اب " * 200, 80, id="arabic-words"),
    ],
)
def test_long_slugs_are_cut(text: str, length: int) -> None:
    """At most 80 characters and 200 bytes, so that a suffix still fits a file name."""
    slug = slugify(text)
    assert len(slug) == length
    assert len(slug.encode()) <= 200
    assert not slug.endswith("-")


def test_a_slug_is_not_cut_within_a_letter() -> None:
    """Marks stay with their letter."""
    assert slugify("a" * 79 + "ह\u093f") == "a" * 79
