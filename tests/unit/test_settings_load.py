"""Where settings come from: the project folder, its file, the environment, the defaults."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedsvc.errors import SettingsError
from feedsvc.settings import Settings, load_settings


def project(folder: Path, text: str | None = None) -> Path:
    """Make *folder* a project whose configuration file holds *text*; none for None."""
    (folder / "config").mkdir(parents=True)
    if text is not None:
        (folder / "config" / "feedsvc.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("text", [None, "", "# nothing\n", "[web]\n"])
def test_nothing_written_means_all_defaults(tmp_path: Path, text: str | None) -> None:
    """A missing, an empty and a hollow configuration file all work."""
    settings = load_settings(project(tmp_path, text), environ={})
    assert settings == Settings(root=tmp_path)
    assert (settings.web.port, settings.inbox.settle_ms, settings.site.language) == (8080, 200, "en")


def test_file_goes_before_defaults_and_environment_before_file(tmp_path: Path) -> None:
    """Each value comes from the nearest source."""
    project(tmp_path, '[web]\nport = 9000\nmax_age_s = 5\n[site]\ntitle = "أخبار"\n')
    settings = load_settings(tmp_path, environ={"FEEDSVC_WEB__PORT": " 9001 ", "FEEDSVC_WEB__ENABLED": "No"})
    assert (settings.web.port, settings.web.max_age_s, settings.web.enabled) == (9001, 5, False)
    assert settings.site.title == "أخبار"


def test_byte_order_mark_of_a_windows_editor_is_no_fault(tmp_path: Path) -> None:
    """TOML forbids a byte order mark, but editors write one."""
    project(tmp_path)
    (tmp_path / "config" / "feedsvc.toml").write_bytes(b"\xef\xbb\xbf[web]\r\nport = 1\r\n")
    assert load_settings(tmp_path, environ={}).web.port == 1


def test_variables_that_are_no_settings_are_left_alone(tmp_path: Path) -> None:
    """Test switches, other programs, and what Kubernetes makes up for a service called feedsvc do no harm."""
    environ = {"FEEDSVC_TEST_REQUIRE": "all", "FEEDSVC_TEST__X": "1", "FEEDSVC_WEB_PORT": "tcp://10.0.0.1", "A__B": "c"}
    assert load_settings(project(tmp_path), environ=environ) == Settings(root=tmp_path)


def test_project_is_found_from_a_folder_deep_inside(tmp_path: Path) -> None:
    """Commands work anywhere below the project; a stray config folder on the way does not mislead them."""
    project(tmp_path, "")
    deep = tmp_path / "inbox" / "news" / "config"
    deep.mkdir(parents=True)
    assert load_settings(environ={}, cwd=deep.parent).root == tmp_path


def test_project_without_a_file_is_found_by_its_config_folder(tmp_path: Path) -> None:
    """An empty config folder is enough to mark a project."""
    project(tmp_path)
    (tmp_path / "inbox").mkdir()
    assert load_settings(environ={}, cwd=tmp_path / "inbox").root == tmp_path


def test_root_is_seen_from_the_working_directory(tmp_path: Path) -> None:
    """A relative root works, and the folders of the settings are absolute all the same."""
    project(tmp_path / "site", '[inbox]\npath = "../drop"\n[state]\npath = "/var/lib/feedsvc"\n')
    settings = load_settings(Path("site"), environ={}, cwd=tmp_path)
    assert settings.root == tmp_path / "site"
    assert settings.inbox_folder == tmp_path / "drop"
    assert settings.publish_folder == tmp_path / "site" / "feeds"
    assert settings.state_folder == Path("/var/lib/feedsvc")
    assert settings.site_id_file == tmp_path / "site" / "config" / "site.id"


@pytest.mark.parametrize("root", [None, Path("site")])
def test_no_project_names_the_way_to_make_one(tmp_path: Path, root: Path | None) -> None:
    """Outside of a project one sentence says where we looked and what to do."""
    (tmp_path / "site").mkdir()
    with pytest.raises(SettingsError) as caught:
        load_settings(root, environ={}, cwd=tmp_path)
    (fault,) = caught.value.faults
    assert fault.startswith(str(tmp_path))
    assert "feedsvc init" in fault


def test_working_directory_and_environment_of_the_process_are_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Called without arguments, it looks where the process stands."""
    monkeypatch.chdir(project(tmp_path))
    monkeypatch.setenv("FEEDSVC_WEB__PORT", "0")
    assert load_settings().web.port == 0


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("https://news.example.org/", "https://news.example.org"),
        ("HTTPS://News.Example.org:8443/a/b/", "https://news.example.org:8443/a/b"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://مثال.إختبار/أخبار", "https://xn--mgbh0fb.xn--kgbechtv/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
    ],
)
def test_public_address_is_stored_in_one_form(tmp_path: Path, written: str, stored: str) -> None:
    """Links start with this text, so it is a plain URI without a trailing slash, whatever the operator wrote."""
    assert load_settings(project(tmp_path), environ={"FEEDSVC_SITE__URL": written}).site.url == stored


def test_time_zone_is_ready_for_use(tmp_path: Path) -> None:
    """The zone is a value, and UTC needs no time zone database."""
    settings = load_settings(project(tmp_path), environ={"FEEDSVC_SITE__TIMEZONE": "Africa/Cairo"})
    assert settings.site.zone == ZoneInfo("Africa/Cairo")
    assert Settings(root=tmp_path).site.zone is UTC


def test_declared_feeds_keep_their_order_and_script(tmp_path: Path) -> None:
    """Feed tables are read in order; slugs may be of any script with its combining marks, in composed form."""
    project(
        tmp_path,
        """
        [[feed]]
        slug = "cafe\u0301-2"
        title = "Café"
        tags = ["a", "b"]
        [[feed]]
        slug = "हिन्दी-أخبار"
        title = "x"
        languages = ["hi", "ar-EG"]
        [[feed]]
        slug = "main"
        title = "Everything"
        """,
    )
    feeds = load_settings(tmp_path, environ={}).feeds
    assert [feed.slug for feed in feeds] == ["café-2", "हिन्दी-أخبار", "main"]
    assert feeds[0].tags == ("a", "b")
    assert feeds[1].languages == ("hi", "ar-EG")
