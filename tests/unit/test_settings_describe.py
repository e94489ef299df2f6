"""The effective settings, printed."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from pydantic import SecretStr

from feedsvc.settings import Settings, describe, load_settings
from feedsvc.settings.sections import FeedSettings, MailSettings, SiteSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_description_is_a_configuration_with_the_same_effect(tmp_path: Path) -> None:
    """What is printed can be saved as the file, whatever script, quote or odd space a text holds."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "feedsvc.toml").write_text(
        """
        [site]
        title = 'أخبار "اليوم" \\ x'
        description = "a\\u00a0b\\U000e0001"
        [web]
        enabled = false
        [[feed]]
        slug = "sport"
        title = "Sport"
        tags = ["a", "b, c"]
        """,
        encoding="utf-8",
    )
    settings = load_settings(tmp_path, environ={"FEEDSVC_INBOX__GRACE_S": "5"})
    (config / "feedsvc.toml").write_text(describe(settings), encoding="utf-8")
    again = load_settings(tmp_path, environ={})
    assert again.model_dump() == settings.model_dump()


def test_comment_tells_where_a_value_came_from(tmp_path: Path) -> None:
    """Values that are not default name their file, those from the environment their variable; defaults say nothing."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text("[web]\nport = 81\nmax_age_s = 60\n")
    settings = load_settings(tmp_path, environ={"FEEDSVC_WEB__HOST": "127.0.0.1"}, cwd=tmp_path)
    lines = describe(settings).splitlines()
    assert 'host = "127.0.0.1"  # from FEEDSVC_WEB__HOST' in lines
    assert "port = 81  # from config/feedsvc.toml" in lines
    assert "max_age_s = 60" in lines
    assert "enabled = true" in lines


def test_settings_built_in_code_are_described_too(tmp_path: Path) -> None:
    """A description needs no file."""
    settings = Settings(
        root=tmp_path, site=SiteSettings(title="x"), feeds=(FeedSettings(slug="a", title="A", languages=("en",)),)
    )
    document = tomllib.loads(describe(settings))
    assert document["site"]["title"] == "x"
    assert document["feed"] == [{"slug": "a", "title": "A", "languages": ["en"]}]


def test_secrets_are_hidden(tmp_path: Path) -> None:
    """The description can be shown to anybody, and tells whether there is a password."""
    mail = MailSettings(username="me", password=SecretStr("hunter2"))
    settings = Settings(root=tmp_path, mail=mail)
    shown = tomllib.loads(describe(settings))["mail"]
    assert (shown["username"], shown["password"]) == ("me", "********")
    assert "hunter2" not in describe(settings) + repr(settings)
    assert tomllib.loads(describe(Settings(root=tmp_path)))["mail"]["password"] == ""
