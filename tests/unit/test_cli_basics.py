"""Commands that need no inbox: a new project, the settings, the version, and how errors look."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from feedsvc import __version__
from feedsvc.cli import main
from feedsvc.cli.invocation import error_lines
from feedsvc.errors import SettingsError, StoreError
from feedsvc.settings import load_settings, template

if TYPE_CHECKING:
    from pathlib import Path


def invoke(*arguments: str, environ: dict[str, str] | None = None) -> Result:
    """Run a command as if it were typed."""
    return CliRunner().invoke(main, arguments, env=environ)


def files_below(folder: Path) -> dict[str, str]:
    """Return all files below *folder* with their texts."""
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("arguments", [("version",), ("--version",)])
def test_version_is_printed(arguments: tuple[str, ...]) -> None:
    """Both ways to ask give the same line."""
    assert invoke(*arguments).output == f"feedsvc {__version__}\n"


def test_output_may_be_redirected_inside_python() -> None:
    """A program that calls the command line and catches its output gets it."""
    page = StringIO()
    with redirect_stdout(page):
        main(["version"], standalone_mode=False)
    assert page.getvalue() == f"feedsvc {__version__}\n"


def test_small_commands_import_nothing_heavy() -> None:
    """Asking for the version loads neither the settings library nor the service, so that it answers at once."""
    code = (
        "import sys; from feedsvc.cli import main; main(['version'], standalone_mode=False);"
        "print({'pydantic', 'rich', 'sqlalchemy', 'feedsvc.app', 'feedgen', 'uvicorn'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "set()"


def test_init_makes_a_project_with_two_examples(tmp_path: Path) -> None:
    """A new folder gets configuration, folders, an example in English and one in Arabic, and the next steps."""
    result = invoke("init", str(tmp_path / "site"))
    assert result.exit_code == 0
    made = files_below(tmp_path / "site")
    assert made["config/feedsvc.toml"] == template()
    assert set(made) == {"config/feedsvc.toml", "inbox/welcome.md", "inbox/مرحبا.txt"}
    assert made["inbox/welcome.md"].startswith("---\ntitle: ")
    assert "\n\n" in made["inbox/مرحبا.txt"]
    assert (tmp_path / "site" / "feeds").is_dir()
    assert "made       inbox/مرحبا.txt" in result.output.splitlines()
    assert "feedsvc run" in result.output
    assert load_settings(tmp_path / "site", environ={}).root == tmp_path / "site"


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """A second run changes no byte and says what was there."""
    invoke("init", str(tmp_path))
    (tmp_path / "config" / "feedsvc.toml").write_text('[site]\nurl = "https://example.org"\n')
    (tmp_path / "inbox" / "welcome.md").write_text("mine")
    before = files_below(tmp_path)
    result = invoke("init", str(tmp_path))
    assert files_below(tmp_path) == before
    assert [line.split("  ")[0] for line in result.output.splitlines()[:3]] == ["was there"] * 3
    assert "https://example.org/main/atom.xml" in result.output


def test_init_adds_no_examples_to_an_inbox_in_use(tmp_path: Path) -> None:
    """Examples would be published beside the real texts, so only an empty inbox gets them; .gitkeep does not count."""
    (tmp_path / "used" / "inbox").mkdir(parents=True)
    (tmp_path / "used" / "inbox" / "news.txt").write_text("News")
    (tmp_path / "fresh" / "inbox").mkdir(parents=True)
    (tmp_path / "fresh" / "inbox" / ".gitkeep").touch()
    assert "no examples were added" in invoke("init", str(tmp_path / "used")).output
    invoke("--root", str(tmp_path / "fresh"), "init")
    assert set(files_below(tmp_path / "used" / "inbox")) == {"news.txt"}
    assert set(files_below(tmp_path / "fresh" / "inbox")) == {".gitkeep", "welcome.md", "مرحبا.txt"}


def test_init_uses_the_folders_of_a_configuration_that_is_there(tmp_path: Path) -> None:
    """With other folders configured, those are made."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text('[inbox]\npath = "drop"\n[publish]\npath = "../out"\n')
    result = invoke("init", str(tmp_path))
    assert (tmp_path / "drop" / "welcome.md").is_file()
    assert (tmp_path.parent / "out").is_dir()
    assert not (tmp_path / "inbox").exists()
    assert "save a text or Markdown file in drop/" in result.output


def test_init_without_a_folder_works_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory becomes the project."""
    monkeypatch.chdir(tmp_path)
    assert invoke("init").exit_code == 0
    assert (tmp_path / "config" / "feedsvc.toml").is_file()


def test_init_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    """What the system refuses is told in a sentence with the place."""
    (tmp_path / "site").write_text("")
    result = invoke("init", str(tmp_path / "site" / "sub"))
    assert result.exit_code == 1
    assert result.stderr == f"feedsvc: {tmp_path / 'site' / 'sub' / 'config'}: not a directory\n"


def test_config_prints_what_is_in_effect(tmp_path: Path) -> None:
    """The printed settings include the environment."""
    invoke("init", str(tmp_path))
    result = invoke("--root", str(tmp_path), "config", environ={"FEEDSVC_WEB__PORT": "9000"})
    assert result.exit_code == 0
    assert "port = 9000  # from FEEDSVC_WEB__PORT" in result.stdout


@pytest.mark.parametrize("command", ["config", "build", "run", "status", "confirm-removals"])
def test_faults_of_the_configuration_are_lines_on_standard_error(tmp_path: Path, command: str) -> None:
    """Each command stops with exit code 1 and a line for each fault, no traceback."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text("[web]\nport = -1\nhots = 1\n")
    result = invoke("--root", str(tmp_path), command)
    assert result.exit_code == 1
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first.startswith("feedsvc: ")
    assert "web.port: found -1" in first
    assert "did you mean host?" in second


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    """With --debug the error itself comes through."""
    result = invoke("--debug", "--root", str(tmp_path), "config")
    assert isinstance(result.exception, SettingsError)


@pytest.mark.parametrize("arguments", [("nonsense",), ("--nonsense",), ("check",), ("build", "x"), ("init", "a", "b")])
def test_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    """A command line that makes no sense is told apart from a failure."""
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_help_names_every_command() -> None:
    """The first page of help is the list of commands."""
    output = invoke("-h").output
    for command in ("build", "check", "config", "confirm-removals", "init", "run", "status", "version"):
        assert f"\n  {command} " in output


def test_terminal_without_arabic_gets_escapes_not_a_crash(tmp_path: Path) -> None:
    """In a locale that cannot show a file name, the output is escaped."""
    environ = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "feedsvc", "init", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, env=environ, check=True)
    assert r"inbox/\u0645\u0631\u062d\u0628\u0627.txt" in run.stdout


def test_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    """``feedsvc config | head -1`` prints no traceback."""
    invoke("init", str(tmp_path))
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "feedsvc", "--root", str(tmp_path), "config"]
    run = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert run.stderr == ""


def test_errors_become_one_line() -> None:
    """Whatever the error holds, a person reads one line, and never an empty one."""
    assert error_lines(StoreError("the database\nis full")) == ("the database is full",)
    assert error_lines(StoreError()) == ("StoreError",)
    assert error_lines(OSError("odd")) == ("odd",)
    assert error_lines(OSError(28, "No space left on device")) == ("no space left on device",)
