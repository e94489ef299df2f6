"""The templates of mails as they are now: read again when an operator changed them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from feedsvc.render.mail import load_templates

if TYPE_CHECKING:
    from feedsvc.render.mail import MailTemplates

_State = tuple[tuple[str, int, int, int], ...]


class TemplateShelf:
    """Keeps the templates of a folder. One thread at a time may use it.

    Args:
        folder: Templates that go before those of the program; it need not be there.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._known: tuple[_State, MailTemplates] | None = None

    def current(self) -> MailTemplates:
        """Return the templates, each tried since it was last changed.

        Raises:
            MailTemplateError: One of them cannot be used now; file, line and cause are in it.
        """
        state = self._state()  # before they are read: what changes meanwhile is another state at the next call
        if self._known is None or self._known[0] != state:
            self._known = None
            self._known = (state, load_templates(self._folder))
        return self._known[1]

    def _state(self) -> _State:
        if not os.path.isdir(self._folder):
            return ()
        with os.scandir(self._folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries]
        return tuple(sorted((name, status.st_ino, status.st_size, status.st_mtime_ns) for name, status in found))
