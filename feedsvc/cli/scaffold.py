"""A new project: configuration, folders and two examples."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from feedsvc.model import display_path
from feedsvc.settings import load_settings, template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_EXAMPLES = {"welcome.md": "welcome.en.md", "مرحبا.txt": "welcome.ar.txt"}


def make_project(folder: Path) -> Iterator[str]:
    """Make *folder* a project, and yield a line about each thing that was made or was there; nothing is overwritten.

    Raises:
        SettingsError: A configuration is there already and has faults.
        OSError: Something cannot be written.
    """
    config = folder / "config" / "feedsvc.toml"
    yield _made(config, folder, is_new=_write_new(config, template()))
    settings = load_settings(folder)
    yield from _make_inbox(settings.inbox_folder, settings.root)
    yield _made(settings.publish_folder, settings.root, is_new=_make_folder(settings.publish_folder))
    yield ""
    yield from _next_steps(settings.root, settings.inbox_folder, settings.site.url)


def _make_inbox(inbox: Path, root: Path) -> Iterator[str]:
    """Make the inbox with the examples; an inbox in use gets none, because they would be published."""
    is_new = _make_folder(inbox)
    if not is_new and any(not child.name.startswith(".") for child in inbox.iterdir()):
        yield f"was there  {_shown(inbox, root)}/ (it has files, so no examples were added)"
        return
    yield _made(inbox, root, is_new=is_new)
    for name, source in _EXAMPLES.items():
        text = files("feedsvc.cli").joinpath("examples", source).read_text(encoding="utf-8")
        yield _made(inbox / name, root, is_new=_write_new(inbox / name, text))


def _make_folder(folder: Path) -> bool:
    is_new = not folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    return is_new


def _write_new(path: Path, text: str) -> bool:
    """Write a file that is not there yet; tell whether it was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _made(path: Path, root: Path, *, is_new: bool) -> str:
    return f"{'made' if is_new else 'was there':9}  {_shown(path, root)}{'/' if path.is_dir() else ''}"


def _shown(path: Path, root: Path) -> str:
    return display_path(str(path.relative_to(root) if path.is_relative_to(root) else path))


def _next_steps(root: Path, inbox: Path, url: str) -> Iterator[str]:
    yield "Next:"
    yield f"  cd {display_path(str(root))}"
    yield "  feedsvc run"
    yield f"  open {url}/ in a browser, or {url}/main/atom.xml in a feed reader"
    yield f"  save a text or Markdown file in {_shown(inbox, root)}/ and see it appear"
