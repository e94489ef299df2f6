"""Which texts are to be read again because a file that they name came, changed or went, or its copy is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.ingest.media import is_kept, signature_at
from feedsvc.messages import say
from feedsvc.model import Problem, display_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from feedsvc.model import MediaUse

    Uses = Mapping[str, tuple[MediaUse, ...]]


def texts_with_news(uses: Uses, root: str, folder: str | None) -> Iterator[str]:
    """Yield the texts of which a file is not what it was when they were read, or has no copy in *folder* any more."""
    for path, media in uses.items():
        if any(_is_news(use, root, folder) for use in media):
            yield path


def _is_news(use: MediaUse, root: str, folder: str | None) -> bool:
    if signature_at(root, use.path) != use.signature:
        return True
    return use.name != "" and folder is not None and not is_kept(folder, use.name)


def users_of(uses: Uses, paths: Collection[str]) -> list[str]:
    """Return the texts that name one of the files at *paths*, sorted."""
    return sorted(text for text, media in uses.items() if any(use.path in paths for use in media))


def media_problem(problem: Problem, path: str, users: Mapping[str, str]) -> Problem:
    """Return why the file at *path*, which is no text, is not read: as the medium of a text, if it is one.

    Args:
        problem: What its name or kind says.
        path: Path below the inbox.
        users: One text for each file that is named by any.
    """
    if problem.code != "E_TYPE" or path not in users:
        return problem
    cause = say("this file is published together with {path}", path=display_path(users[path]))
    return Problem("I_MEDIA", cause, say("There is nothing to do."))


def users_by_path(uses: Uses) -> dict[str, str]:
    """Return, for each file that is published with a text, the first of its texts."""
    return {use.path: text for text in sorted(uses, reverse=True) for use in uses[text] if use.name}
