"""Every fault of the configuration is told at once, in a line that leads to its repair."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from feedsvc.errors import SettingsError
from feedsvc.settings import load_settings

FILE = "config/feedsvc.toml"


def faults_of(folder: Path, text: str | bytes = "", environ: dict[str, str] | None = None) -> list[str]:
    """Return the faults of a project whose configuration file holds *text*."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as caught:
        load_settings(folder, environ=environ or {}, cwd=folder)
    return list(caught.value.faults)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """One run shows every mistake: in sections, feeds, folders and the environment."""
    text = """
    surprise = 1
    [web]
    port = "eighty"
    prot = 1
    [state]
    path = "inbox/state"
    [[feed]]
    slug = "news"
    [[feed]]
    title = "No slug"
    """
    environ = {"FEEDSVC_LOG__LEVEL": "warn", "FEEDSVC_WEB__PORTS": "1"}
    faults = faults_of(tmp_path, text, environ)
    assert [fault.split(": ")[:2] for fault in faults] == [
        [FILE, "surprise"],
        [FILE, "web.port"],
        [FILE, "web.prot"],
        ["environment variable FEEDSVC_LOG__LEVEL", "log.level"],
        [FILE, "feed[news].title"],
        [FILE, "feed[2].slug"],
        ["environment variable FEEDSVC_WEB__PORTS", "there is no such setting; did you mean FEEDSVC_WEB__PORT?"],
        [FILE, "inbox.path"],
    ]
    assert all("\n" not in fault for fault in faults)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[web]\nport = "eighty"', 'web.port: found "eighty", expected a whole number from 0 to 65535'),
        ("[web]\nport = 65536", "web.port: found 65536, expected a whole number from 0 to 65535"),
        ("[web]\nport = true", "web.port: found true, expected a whole number from 0 to 65535"),
        ("[web]\nport = 80.0", "web.port: found 80.0, expected a whole number from 0 to 65535"),
        (f"[web]\nport = {10**50}", "web.port: found a very large number, expected a whole number from 0 to 65535"),
        ('[web]\nenabled = "no"', 'web.enabled: found "no", expected true or false'),
        ("[web]\nhost = 1", "web.host: found 1, expected an IP address or host name to listen on, "),
        ('[web]\nhost = "a b"', 'web.host: found "a b", expected an IP address or host name'),
        ('[log]\nlevel = "warn"', 'expected one of "debug", "info", "warning", "error"; did you mean warning?'),
        ("[log]\nlevel = []", "log.level: found a list, expected one of"),
        ("[site]\ntitle = 2026-01-01", "site.title: found 2026-01-01, expected text in quotes, not empty"),
        ('[site]\ntitle = " "', 'site.title: found " ", expected text in quotes, not empty'),
        ('[site]\nauthor = "a\\nb"', 'site.author: found "a\\nb", expected text in quotes, on one line'),
        ("[site]\nauthor = {}", "site.author: found a table, expected text in quotes"),
        ('[site]\nlanguage = "en_US"', "expected a language tag such as en, ar or pt-BR"),
        (
            '[site]\ntimezone = "Europe/Berln"',
            "expected a time zone such as UTC or Africa/Cairo; did you mean Europe/B",
        ),
        ('[site]\ntimezone = "../etc"', "expected a time zone"),
        ('[site]\ntimezone = "Europe"', "expected a time zone"),
        ('[inbox]\npath = "~/drop"', 'found "~/drop", expected the path of a folder'),
        ('[inbox]\npath = ""', "expected the path of a folder"),
        ("[inbox]\nsettle-ms = 1", "inbox.settle-ms: there is no such setting; did you mean settle_ms?"),
        ("[inbox]\nzzz = 1", "inbox.zzz: there is no such setting; known here: date_order, empty_wait_s,"),
        ("[inbx]", "inbx: there is no such section; did you mean inbox?"),
        ("[[feeds]]", "feeds: there is no such section; did you mean feed?"),
        (
            "[zzz]",
            "zzz: there is no such section; known here: digests, feed, inbox, log, mail, publish, site, state, web",
        ),
        ("port = 80", "port: this setting stands in no section; did you mean web.port or mail.port?"),
        ('path = "x"', "this setting stands in no section; did you mean inbox.path or publish.path or state.path?"),
        ("web = 1", "web: found 1, expected one section that starts with [web]"),
        ("[[web]]", "web: found a list, expected one section that starts with [web]"),
        ("[feed]", "feed: found a table, expected tables that each start with [[feed]]"),
        ("feed = [1]", "feed[1]: found 1, expected a table that starts with [[feed]]"),
    ],
)
def test_fault_says_found_expected_and_nearest(tmp_path: Path, text: str, fault: str) -> None:
    """Each kind of mistake gets a line that a person can act on, and only that line."""
    (line,) = faults_of(tmp_path, text)
    assert line.startswith(f"{FILE}: ")
    assert fault in line


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://example.org/?a=b",
        "https://example.org/#top",
        "https://me:secret@example.org",
        "https://example.org:99999",
        "https://exa mple.org",
        "https://[::1",
        "https://a..b",
        "https://example.org\\news",
    ],
)
def test_unusable_public_address_is_refused(tmp_path: Path, url: str) -> None:
    """An address that would break every link of the site stops the start."""
    (line,) = faults_of(tmp_path, environ={"FEEDSVC_SITE__URL": url})
    assert "site.url: found" in line
    assert "starting with http:// or https://" in line


@pytest.mark.parametrize("slug", ["News", "a b", "a/b", "..", "-a", "a-", "", "entries", "-", "x" * 201, "Ä", "a_b"])
def test_slug_that_makes_no_address_is_refused(tmp_path: Path, slug: str) -> None:
    """Slugs are folder names and parts of addresses, and some are taken."""
    (line,) = faults_of(tmp_path, f'[[feed]]\nslug = "{slug}"\ntitle = "x"\n')
    assert "expected a short name of lower-case letters, digits and inner hyphens" in line


def test_faults_of_feeds_name_the_feed_and_the_item(tmp_path: Path) -> None:
    """A feed is called by its slug, or its number where the slug is no use; list items are counted from 1."""
    text = """
    [[feed]]
    slug = "a-b"
    title = "x"
    languages = ["en", "e"]
    tags = "x"
    [[feed]]
    slug = ["x"]
    title = "x"
    [[feed]]
    slug = "twice"
    title = "x"
    [[feed]]
    slug = "twice"
    title = "x"
    [[feed]]
    slug = "main"
    title = "x"
    folder = "news"
    tags = ["x"]
    """
    tags, languages, number, twice, folder, main_tags = faults_of(tmp_path, text)
    assert 'feed[a-b].languages[2]: found "e", expected a list in [ ], each item a language tag' in languages
    assert 'feed[a-b].tags: found "x", expected a list in [ ], each item text in quotes' in tags
    assert "feed[2].slug: found a list, expected" in number
    assert "feed[twice].slug: given to two feeds" in twice
    assert 'feed[main].folder: found "news", expected no folder: the feed main always carries every entry' in folder
    assert "feed[main].tags: found a list, expected no tags" in main_tags


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('[inbox]\npath = "feeds"', ["inbox.path", "publish.path"]),
        ('[inbox]\npath = "feeds/in"', ["inbox.path", "publish.path"]),
        ('[publish]\npath = "inbox/out"', ["inbox.path", "publish.path"]),
        ('[state]\npath = "feeds/./state"', ["publish.path", "state.path"]),
        ('[publish]\npath = "config"', ["publish.path", "the folder config/"]),
    ],
)
def test_folders_must_not_lie_inside_one_another(tmp_path: Path, text: str, keys: list[str]) -> None:
    """Output read as input, or a database served to the public, is refused before it can happen."""
    (line,) = faults_of(tmp_path, text)
    assert all(key in line for key in keys)
    assert "neither holds nor lies inside" in line


def test_links_do_not_hide_that_two_folders_are_one(tmp_path: Path) -> None:
    """A symbolic link to the inbox is the inbox."""
    (tmp_path / "inbox").mkdir()
    os.symlink("inbox", tmp_path / "feeds")
    (line,) = faults_of(tmp_path)
    assert "inbox.path" in line


def test_fault_of_a_folder_from_the_environment_names_the_variable(tmp_path: Path) -> None:
    """The line leads to where the value was set."""
    (line,) = faults_of(tmp_path, environ={"FEEDSVC_PUBLISH__PATH": "inbox"} | {"FEEDSVC_INBOX__PATH": "inbox"})
    assert line.startswith("environment variable FEEDSVC_INBOX__PATH: inbox.path:")


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("FEEDSVC_INBOX__SETTLE", "did you mean FEEDSVC_INBOX__SETTLE_MS?"),
        ("feedsvc_web__port", "did you mean FEEDSVC_WEB__PORT?"),
        ("FEEDSVC_FEED__NEWS__TITLE", "feeds can only be declared in the configuration file"),
    ],
)
def test_variable_that_names_no_setting_is_a_fault(tmp_path: Path, variable: str, words: str) -> None:
    """A mistyped variable is not silently without effect."""
    (line,) = faults_of(tmp_path, environ={variable: "1"})
    assert line.startswith(f"environment variable {variable}: ")
    assert words in line


@pytest.mark.parametrize("port", ["", "80a", "8080 9090", "1.5", "0x10", "٨٠", "1" * 40])
def test_variable_with_no_number_is_shown_as_written(tmp_path: Path, port: str) -> None:
    """Only plain decimal numbers are numbers."""
    (line,) = faults_of(tmp_path, environ={"FEEDSVC_WEB__PORT": port})
    assert f'found "{port}", expected a whole number' in line


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[web]\nport = eighty", "line 2, column 8", "text needs double quotes"),
        ("[web]\nport 80", "line 2, column 6", "a setting has the form: name = value"),
        ("[web\n", "line 1, column 5", "a section name needs a closing ]"),
        ("[web]\nport = 1\nport = 2", "line 3, column 9", "already given above"),
        ("[web]\nport = 1 max_age_s = 2", "line 2, column 10", "each setting needs a line of its own"),
        ('[site]\ntitle = "x\nauthor = "y"', "line 2, column 11", "a text has no closing quote on its line"),
        ("[web]\n[web]\n", "line 2, column 5", "twice"),
        ("[[feed]]\ntags = [1, ", "line 2, column 12", "no value can be read here"),
        ('[inbox]\npath = "C:\\drop"', "line 2, column", "for a backslash"),
        ('[site]\ntitle = """x', "line 2, column", "a text has no closing quote"),
        ("= 1", "line 1, column 1", "a setting starts with its name"),
        ("[[feed]\n", "line 1, column 7", "two closing brackets"),
        ("x = " + "9" * 5000, "the whole file", "digit"),
        (b'[site]\ntitle = "caf\xe9"', "line 2, column 13", "save the file as UTF-8"),
        ("x = " + "[" * 100_000, "", "nested too deeply"),
    ],
)
def test_syntax_error_is_placed_and_explained(tmp_path: Path, text: str | bytes, place: str, words: str) -> None:
    """A file that is no TOML gets one line: file, line, column and what is wrong there."""
    (line,) = faults_of(tmp_path, text)
    assert line.startswith(f"{FILE}: {place}")
    assert words in line


def test_unreadable_file_is_a_fault_not_a_default(tmp_path: Path) -> None:
    """A folder in place of the file is not taken for a missing file."""
    (tmp_path / FILE).mkdir(parents=True)
    with pytest.raises(SettingsError, match=r"feedsvc\.toml: cannot be read: is a directory"):
        load_settings(tmp_path, environ={})


def test_file_outside_the_working_directory_is_named_in_full(tmp_path: Path) -> None:
    """The line leads to the file from wherever the command ran."""
    (tmp_path / "config").mkdir()
    (tmp_path / FILE).write_text("[web]\nport = -1\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, environ={}, cwd=Path("/"))
    assert str(caught.value).startswith(f"{str(tmp_path).lstrip('/')}/{FILE}: web.port: found -1")


def test_machine_without_time_zones_is_told_apart_from_a_wrong_name(tmp_path: Path) -> None:
    """Where no zone is known at all, the line says what to install; UTC works even there."""
    (tmp_path / "config").mkdir()
    code = (
        "import sys; sys.modules['tzdata'] = None\n"
        "from pathlib import Path; from feedsvc.settings import load_settings; root = Path(sys.argv[1])\n"
        "load_settings(root, {}); load_settings(root, {'FEEDSVC_SITE__TIMEZONE': 'Asia/Tokyo'})"
    )
    environ = {**os.environ, "PYTHONTZPATH": ""}
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, env=environ, check=False
    )
    assert run.stderr.rstrip().endswith("this machine has no time zone database, install tzdata")


def test_fault_of_a_secret_does_not_show_it(tmp_path: Path) -> None:
    """A password of the wrong type is not written to the screen or a log."""
    (tmp_path / "config").mkdir()
    (tmp_path / FILE).write_text("[mail]\npassword = 12345678\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, {}, tmp_path)
    assert caught.value.faults == (f"{FILE}: mail.password: found ********, expected text in quotes",)


LISTENERS = "without, everybody on the way reads the password"
DOMAIN = "a domain such as example.org, in its xn-- form if it is in another script, or nothing"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('host = "mail.example.org"', "mail.from_address: missing, expected a mail address, because mail.host is set"),
        ('username = "me"', "mail.password: missing, expected the password of mail.username"),
        (
            'host = "mail.example.org"\nfrom_address = "a@b.org"\nusername = "me"\npassword = "x"\nsecurity = "none"',
            'mail.security: found "none", expected "starttls" or "tls": ' + LISTENERS,
        ),
        (
            'from_address = "not an address"',
            'mail.from_address: found "not an address", expected a mail address such as news@example.org, or nothing',
        ),
        (
            'envelope_domain = "-"',
            f'mail.envelope_domain: found "-", expected {DOMAIN}',
        ),
    ],
)
def test_mail_settings_that_do_not_go_together(tmp_path: Path, lines: str, fault: str) -> None:
    """What would fail at the first message is told at the start."""
    (tmp_path / "config").mkdir()
    (tmp_path / FILE).write_text(f"[mail]\n{lines}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, {}, tmp_path)
    assert caught.value.faults == (f"{FILE}: {fault}",)


def test_a_password_may_go_unencrypted_to_this_machine(tmp_path: Path) -> None:
    """Nobody listens on the loopback address."""
    (tmp_path / "config").mkdir()
    lines = 'host = "127.0.0.1"\nfrom_address = "a@b.org"\nusername = "me"\nsecurity = "none"'
    (tmp_path / FILE).write_text(f"[mail]\n{lines}\n")
    assert load_settings(tmp_path, {"FEEDSVC_MAIL__PASSWORD": "x"}, tmp_path).mail.password.get_secret_value() == "x"
