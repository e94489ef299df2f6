"""The documentation matches the tree: commands, links, decisions, names; and no text tells where it was written."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from feedsvc.cli import main
from feedsvc.store.schema import metadata

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "tests").rglob("README.md"))]
TOP_LEVEL = {"pyproject.toml", "README.md", "feedsvc", "config", "inbox", "feeds", "tests", "docs", "benchmarks"}
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_IN_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_MACHINE = re.compile(r"(?<![\w.])/(?:work|root|tmp/dev)/\w")
_UNDONE = re.compile(r'(?:#|//|<!--|""")[^\n]*\b(?:TOD[O]|FIXM[E])\b|^[-* ]*(?:TOD[O]|FIXM[E])\b', re.MULTILINE)
_DECISION_PARTS = ["Context", "Decision", "Consequences"]


def section(title: str, text: str = README) -> str:
    """Return the part of *text* below the heading *title*."""
    return text.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def shell_lines(text: str) -> list[str]:
    """Return the lines of all shell blocks in *text*."""
    return [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]


def tracked_files() -> list[str]:
    """Return the files that the repository holds; skips where there is none."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name.decode() for name in done.stdout.split(b"\0") if name and (ROOT / name.decode()).is_file()]


def tracked_texts() -> dict[str, str]:
    """Return the texts that the repository holds, by path."""
    texts = {}
    for name in tracked_files():
        data = (ROOT / name).read_bytes()
        if b"\0" not in data:
            texts[name] = data.decode()
    return texts


def commands() -> dict[str, click.Command]:
    """Return the commands of the program, by name."""
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def usage(name: str) -> str:
    """Return the command *name* and its arguments as the README should write them."""
    command = commands()[name]
    pieces = command.collect_usage_pieces(click.Context(command))
    return " ".join(["feedsvc", name, *(piece for piece in pieces if piece != "[OPTIONS]")])


def test_readme_lists_the_commands_of_the_program() -> None:
    """Each command stands in the table with its arguments, and no other does."""
    listed = re.findall(r"^\| `([^`]+)` \|", section("Commands"), re.MULTILINE)
    assert sorted(listed) == sorted(usage(name) for name in commands())


def test_readme_names_the_commands_that_print_json() -> None:
    """The sentence below the table lists exactly the commands that take the option."""
    (sentence,) = re.findall(r"Each takes `--help`; (.*?) take `--json`", section("Commands"))
    with_json = {name for name, command in commands().items() if any("--json" in p.opts for p in command.params)}
    assert set(re.findall(r"`(\w+)`", sentence)) == with_json


def test_readme_has_one_command_to_run_and_one_to_test() -> None:
    """Both install what they need into an environment of their own, from what this project declares."""
    (run,) = [line for line in shell_lines(section("Run it")) if line.startswith("python3 ")]
    (test,) = shell_lines(section("Test it"))
    begin = "python3 -m venv .venv && .venv/bin/pip install -e "
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert run == f"{begin}. && .venv/bin/feedsvc run"
    assert "feedsvc" in project["scripts"]
    assert test.startswith(f"{begin}'.[test]' && .venv/bin/pytest ")
    assert "test" in project["optional-dependencies"]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """The script takes its command out of the README, and what it finds there is that one line."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (expression,) = re.findall(r"^command=\$\(sed -n '([^']+)' README\.md\)$", script, re.MULTILINE)
    done = subprocess.run(["sed", "-n", expression, "README.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == shell_lines(section("Test it"))


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page points to a file or folder of this repository, every anchor to a heading."""
    for target in _LINK.findall(_IN_CODE.sub("", page.read_text(encoding="utf-8"))):
        if not re.match(r"\w+:", target):
            path, _, anchor = target.partition("#")
            assert (page.parent / path).exists(), target
            assert not anchor or anchor in anchors(page.parent / path if path else page), target


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of *page*."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-") for heading in headings}


def test_pages_name_files_that_exist() -> None:
    """Modules and configuration files are called what they are called."""
    for page in PAGES:
        for name in re.findall(r"`([\w/]+\.(?:py|toml))`", page.read_text(encoding="utf-8")):
            if name == "_inbox.toml":
                continue  # a file of the inbox, not of the program
            places = (page.parent, ROOT, ROOT / "feedsvc", ROOT / "tests", ROOT / "config")
            assert any((place / name).exists() for place in places), f"{page.name}: {name}"


def test_architecture_lists_every_layer_and_table() -> None:
    """The house plan is that of the import contract, the tables are those of the schema."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    rows = re.findall(r"^\| ((?:`\w+` ?)+)\|", section("The house", page), re.MULTILINE)
    assert re.findall(r"\w+", " ".join(rows)) == re.findall(r"\w+", " ".join(layers))
    assert set(re.findall(r"^\| `(\w+)` \|", section("The store", page), re.MULTILINE)) == set(metadata.tables)


def test_decisions_are_numbered_and_complete() -> None:
    """Numbers have no gaps, and each page says when, what, why and what follows."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:5] for page in pages] == [f"{number:04}-" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        head = rf"# {page.name[:4]}: .+\n\nDate: \d{{4}}-\d\d-\d\d\n\nStatus: (?:accepted|superseded by \d{{4}})\n\n"
        assert re.match(head, text), page.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == _DECISION_PARTS, page.name


def test_every_test_folder_says_what_belongs_there() -> None:
    """Each folder of tests has a page, and the overview links to it."""
    overview = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    folders = {path.parent for path in (ROOT / "tests").glob("*/test_*.py")}
    for folder in folders:
        assert (folder / "README.md").is_file(), folder.name
        assert f"]({folder.name}/README.md)" in overview


def test_the_top_of_the_tree_stays_tidy() -> None:
    """Besides the names that the README explains, only names with a dot in front are at the top."""
    tops = {name.partition("/")[0] for name in tracked_files()}
    assert {name for name in tops if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_names_the_machine_it_was_written_on() -> None:
    """No absolute path of a workshop is in any text."""
    found = {name: hit[0] for name, text in tracked_texts().items() if (hit := _MACHINE.search(text))}
    assert found == {}


def test_nothing_is_left_for_later() -> None:
    """What is not done is in no file, not even as a remark."""
    found = {name: hit[0] for name, text in tracked_texts().items() if (hit := _UNDONE.search(text))}
    assert found == {}
