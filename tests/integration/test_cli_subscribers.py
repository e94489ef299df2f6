"""The commands about subscribers on a real project, as an operator or a script runs them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from daemon import Site
from terminal_screen import screen_of

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "address,language,timezone,frequency,hour,day,feeds,consent"
PEOPLE = f"""{HEADER}
ada@example.org,en,Europe/Berlin,weekly,8,5,main,"form, 3 May"
سلمى@مثال.السعودية,ar,Africa/Cairo,,,,,ورقة موقّعة
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Make a project in which nobody subscribed."""
    return Site(tmp_path / "site", FEEDSVC_SITE__TIMEZONE="Asia/Kathmandu")


def people(site: Site, *arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command about subscribers."""
    return site.feedsvc("subscribers", *arguments, exit_code=exit_code)


def bring(site: Site, text: str | bytes, *arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Import a table."""
    path = site.root / "people.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return people(site, "import", str(path), *arguments, exit_code=exit_code)


def shown(site: Site, address: str) -> dict[str, Any]:
    """Return what is known of an address."""
    value: dict[str, Any] = json.loads(people(site, "show", address, "--json").stdout)
    return value


def addresses(site: Site, *arguments: str) -> list[str]:
    """Return the addresses that are listed."""
    return [one["address"] for one in json.loads(people(site, "list", "--json", *arguments).stdout)]


def test_somebody_is_added_with_what_they_want(site: Site) -> None:
    """What is said is kept, the rest is default, and the consent is on record."""
    added = people(
        site, "add", "Ada@EXAMPLE.org", "--consent", "by phone, 3 May", "--frequency", "monthly", "--day", "31",
        "--hour", "18", "--language", "pt-br", "--zone", "Africa/Cairo", "--feeds", "main",
    )  # fmt: skip
    assert added.stdout == "Added: active\tAda@example.org\tpt-BR\tmonthly, on day 31 at 18:00 Africa/Cairo\tmain\n"
    people(site, "add", "bob@example.org", "--consent", "on paper")
    bob = shown(site, "BOB@example.org")
    assert bob["subscriber"]["timezone"] == "Asia/Kathmandu"
    assert (bob["subscriber"]["frequency"], bob["subscriber"]["hour"]) == ("daily", 7)
    assert [(consent["event"], consent["words"]) for consent in bob["consents"]] == [("given", "on paper")]
    text = people(site, "show", "bob@example.org").stdout
    assert text.startswith("bob@example.org: active\n")
    assert "  digest: daily at 07:00 Asia/Kathmandu\n" in text


def test_defaults_come_from_the_settings(tmp_path: Path) -> None:
    """Frequency and hour of the section, language and zone of the site."""
    site = Site(
        tmp_path / "site",
        FEEDSVC_DIGESTS__DEFAULT_FREQUENCY="weekly",
        FEEDSVC_DIGESTS__DEFAULT_HOUR="20",
        FEEDSVC_SITE__LANGUAGE="ar",
    )
    added = people(site, "add", "a@example.org", "--consent", "on paper")
    assert added.stdout == "Added: active\ta@example.org\tar\tweekly, on Monday at 20:00 UTC\tmain\n"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["ada@example.org"], 2, "--consent"),
        (["ada@example.org", "--consent", " "], 1, "nothing says that this person agreed"),
        (["ada@gmail", "--consent", "x"], 1, 'address: found "ada@gmail"'),
        (["ada@example.org", "--consent", "x", "--zone", "Cairo"], 1, "did you mean Africa/Cairo?"),
        (["ada@example.org", "--consent", "x", "--feeds", "mian"], 1, "did you mean main?"),
    ],
)
def test_a_wrong_word_is_told_and_nobody_added(site: Site, arguments: list[str], exit_code: int, said: str) -> None:
    """What was found, the cause and the fix are on standard error."""
    assert said in people(site, "add", *arguments, exit_code=exit_code).stderr
    assert people(site, "list").stdout == ""


def test_feeds_of_folders_can_be_followed(site: Site) -> None:
    """A sub-folder of the inbox has a feed as soon as it was read."""
    site.write("sport/a.txt", "A title\n\nA text.\n")
    people(site, "add", "a@example.org", "--consent", "x", "--feeds", "sport", exit_code=1)
    site.feedsvc("build")
    people(site, "add", "a@example.org", "--consent", "x", "--feeds", "sport,main")
    assert shown(site, "a@example.org")["subscriber"]["feeds"] == ["sport", "main"]


def test_a_table_is_imported_and_comes_out_again(site: Site, tmp_path: Path) -> None:
    """Export, import into another project, export: the same bytes; a second import changes nothing."""
    assert bring(site, PEOPLE).stdout == "2 rows: 2 added, 0 known already\n"
    assert bring(site, PEOPLE).stdout == "2 rows: 0 added, 2 known already\n"
    table = people(site, "export").stdout
    other = Site(tmp_path / "other")
    assert bring(other, table).stdout == "2 rows: 2 added, 0 known already\n"
    assert people(other, "export").stdout == table
    assert table.splitlines()[1] == 'ada@example.org,en,Europe/Berlin,weekly,8,5,main,,"form, 3 May"'


def test_an_export_is_utf8_in_any_locale(site: Site) -> None:
    """A table printed under the C locale has the same bytes."""
    bring(site, PEOPLE)
    plain = site.feedsvc("subscribers", "export", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0").stdout
    assert plain == people(site, "export").stdout
    assert "سلمى@مثال.السعودية" in plain


def test_bad_rows_are_told_and_skipped(site: Site) -> None:
    """Each with its line, cause and fix; the good ones are added, and the exit code is 1."""
    table = (
        PEOPLE.replace("address,language", "consnt,address,language").replace("\nada", "\n,ada").replace("\nس", "\n,س")
    )
    done = bring(site, f"{table},bob@gmail,,,,,,,x\n,cy@example.org,,,,25,,,x\n,di@example.org\n", exit_code=1)
    assert done.stdout == "5 rows: 2 added, 0 known already, 3 skipped with a fault\n"
    told = [line.partition("people.csv: ")[2] for line in done.stderr.splitlines()]
    assert told[0].startswith('column: found "consnt": it is not used; did you mean consent?')
    assert [line.split(":")[:2] for line in told[1:]] == [
        ["line 4", " address"],
        ["line 5", " hour"],
        ["line 6", " consent"],
    ]
    assert told[2].endswith("write a whole number from 0 to 23")


def test_an_import_can_be_told_to_a_program(site: Site) -> None:
    """The same as JSON, with nothing else in either stream."""
    done = bring(site, b"address,hours\na@example.org,7\n\xff@example.org,7\n", "--consent", "x", "--json", exit_code=1)
    value = json.loads(done.stdout)
    assert (value["added"], value["known"], value["suppressed"], done.stderr) == (1, 0, 0, "")
    assert value["faults"] == [
        {
            "line": 3,
            "field": "row",
            "found": "",
            "cause": "the byte 0xff is no UTF-8",
            "fix": "save the file as CSV UTF-8",
        }
    ]
    assert "did you mean hour?" in value["warnings"][0]


def test_a_dry_run_counts_alike_and_changes_nothing(site: Site) -> None:
    """Also people who stand in the table twice are counted as they will be."""
    table = PEOPLE + "ADA@example.org,,,,,,,again\n"
    assert bring(site, table, "--dry-run").stdout == "3 rows: 2 would be added, 1 known already\n"
    assert addresses(site) == []
    assert bring(site, table).stdout == "3 rows: 2 added, 1 known already\n"


def test_a_dry_run_of_many_rows_counts_people_far_apart_once(site: Site) -> None:
    """Rows of different transactions are told apart as in the real run."""
    rows = [f"p{number}@example.org" for number in range(2_500)]
    table = "\n".join(["address", *rows, *rows])
    assert bring(site, table, "--consent", "x", "--dry-run").stdout.startswith("5000 rows: 2500 would be added, 2500 ")
    assert bring(site, table, "--consent", "x").stdout.startswith("5000 rows: 2500 added, 2500 known already")


def test_what_somebody_chose_is_not_overwritten(site: Site) -> None:
    """An old table does not undo the wishes of those who are subscribers already."""
    bring(site, PEOPLE)
    bring(site, f"{HEADER}\nADA@example.org,fr,UTC,daily,1,1,,old list\n")
    ada = shown(site, "ada@example.org")["subscriber"]
    assert (ada["language"], ada["hour"], ada["consent"]) == ("en", 8, "form, 3 May")
    refused = people(site, "add", "ada@example.org", "--consent", "x", exit_code=1)
    assert "this person is subscribed already" in refused.stderr


def test_who_is_removed_stays_away(site: Site) -> None:
    """No import brings them back; the record says that they agreed, and when that ended."""
    bring(site, PEOPLE)
    assert people(site, "remove", "ADA@example.org").stdout == "Removed ada@example.org.\n"
    assert people(site, "remove", "ada@example.org").stdout == "ada@example.org was gone already.\n"
    assert bring(site, PEOPLE).stdout == "2 rows: 0 added, 1 known already, 1 suppressed, not brought back\n"
    ada = shown(site, "ada@example.org")
    assert (ada["subscriber"]["state"], ada["suppression"]["reason"]) == ("gone", "unsubscribed")
    assert [consent["event"] for consent in ada["consents"]] == ["given", "withdrawn"]
    assert addresses(site, "--state", "gone") == ["ada@example.org"]
    assert "ada@" not in people(site, "export").stdout
    assert "nobody subscribed" in people(site, "remove", "eve@example.org", exit_code=1).stderr


def test_who_agrees_anew_comes_back_by_one_command_only(site: Site) -> None:
    """Without --again an operator is told why; with it the person is active, under the same id."""
    bring(site, PEOPLE)
    before = shown(site, "ada@example.org")["subscriber"]["id"]
    people(site, "remove", "ada@example.org")
    refused = people(site, "add", "ada@example.org", "--consent", "phone", exit_code=1)
    assert "gets no mail (unsubscribed)" in refused.stderr
    assert "--again" in refused.stderr
    people(site, "add", "ada@example.org", "--consent", "phone", "--again")
    ada = shown(site, "ada@example.org")
    assert (ada["subscriber"]["state"], ada["suppression"], ada["subscriber"]["id"]) == ("active", None, before)
    assert [consent["words"] for consent in ada["consents"]][::2] == ["form, 3 May", "phone"]


def test_who_is_erased_leaves_no_trace_and_does_not_come_back(site: Site) -> None:
    """The address is in no file of the state any more, and yet is kept out in any spelling."""
    bring(site, PEOPLE)
    refused = people(site, "erase", "ada@example.org", exit_code=2)
    assert "add --yes" in refused.stderr
    assert addresses(site) != []
    assert people(site, "erase", "Ada@example.org", "--yes").stdout.startswith("Erased ")
    state = b"".join(path.read_bytes() for path in (site.root / ".feedsvc").iterdir())
    assert b"ada@example.org" not in state.lower()
    assert b"form, 3 May" not in state
    assert bring(site, PEOPLE.replace("ada@", "ADA@")).stdout.endswith("1 suppressed, not brought back\n")
    ada = shown(site, "ada@example.org")
    assert (ada["subscriber"], ada["consents"], ada["suppression"]["reason"]) == (None, [], "erased")


def test_who_was_never_known_can_be_kept_out(site: Site) -> None:
    """Somebody may ask not to be written to before any list arrives."""
    done = people(site, "erase", "ada@example.org", "--yes")
    assert done.stdout == "Nothing was known of ada@example.org; no import brings it back.\n"
    assert "1 suppressed" in bring(site, PEOPLE).stdout


def test_a_lost_secret_stops_everything_that_would_mail_the_wrong(site: Site) -> None:
    """Without the file, or with another one, nobody is added, and the sentence says what to restore."""
    bring(site, PEOPLE)
    people(site, "remove", "ada@example.org")
    secret = site.root / ".feedsvc" / "addresses.key"
    assert secret.stat().st_mode & 0o077 == 0
    good = secret.read_bytes()
    for bad in (b"", bytes(32), None):
        secret.unlink()
        if bad is not None:
            secret.write_bytes(bad)
        done = people(site, "add", "new@example.org", "--consent", "x", exit_code=1)
        assert "restore it from a backup" in done.stderr
        if bad is None:
            assert not secret.exists()
    secret.write_bytes(good)
    assert "1 suppressed" in bring(site, PEOPLE).stdout


def test_lists_are_made_for_scripts(site: Site) -> None:
    """One line for each with tabs, in the order of addresses; JSON has all there is; nobody is an empty list."""
    assert (people(site, "list").stdout, people(site, "list", "--json").stdout) == ("", "[]\n")
    bring(site, PEOPLE)
    assert [line.split("\t")[:2] for line in people(site, "list").stdout.splitlines()] == [
        ["active", "ada@example.org"],
        ["active", "سلمى@مثال.السعودية"],
    ]
    assert addresses(site, "--state", "pending") == []
    (ada, _) = json.loads(people(site, "list", "--json").stdout)
    assert (ada["day"], ada["paused_until"], ada["feeds"]) == (5, None, ["main"])
    assert people(site, "show", "eve@example.org", exit_code=1).stdout == "eve@example.org: not subscribed\n"


def test_a_terminal_gets_a_table_and_a_progress_bar(site: Site) -> None:
    """States are coloured, and an import shows how far it is; faults stay on the screen."""
    path = site.root / "people.csv"
    path.write_text(f"{PEOPLE}bad,,,,,,,x\n", encoding="utf-8")
    screen = screen_of(site.command("subscribers", "import", str(path)), environ=site.environment())
    assert "Reading the table" in screen
    assert "line 4: address" in screen
    assert "3 rows: 2 added" in screen
    screen = screen_of(site.command("subscribers", "list"), environ=site.environment(COLUMNS="120"))
    assert "\x1b[32mactive" in screen
    assert "weekly, on Friday at 08:00 Europe/Berlin" in screen


def test_erasing_is_asked_for_on_a_terminal(site: Site) -> None:
    """No leaves everything as it is, yes erases."""
    bring(site, PEOPLE)
    command = site.command("subscribers", "erase", "ada@example.org")
    assert "Nothing was erased." in screen_of(command, "n\n", site.environment())
    assert "ada@example.org" in addresses(site)
    assert "Erased ada@example.org" in screen_of(command, "y\n", site.environment())
    assert "ada@example.org" not in addresses(site)


def test_a_table_can_come_through_a_pipe(site: Site) -> None:
    """The file ``-`` is standard input."""
    done = subprocess.run(
        site.command("subscribers", "import", "-"),
        input=PEOPLE,
        env=site.environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "2 rows: 2 added, 0 known already\n"


def test_a_file_that_is_no_table_is_one_sentence(site: Site) -> None:
    """A spreadsheet saved as something else is told as such, one that is not there as wrong usage."""
    assert "UTF-16" in bring(site, PEOPLE.encode("utf-16"), exit_code=1).stderr
    assert "no column address" in bring(site, "mail\na@example.org\n", exit_code=1).stderr
    assert "nosuch.csv" in people(site, "import", "nosuch.csv", exit_code=2).stderr
