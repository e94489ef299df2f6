"""Every error that feedsvc raises on purpose, one tree.

::

    FeedsvcError
    ├── SettingsError            the configuration has faults; all of them are listed
    ├── EntryParseError          an inbox file cannot become an entry; its Problem says why
    ├── SourceChangedError       a file moved or grew while it was read; read it again later
    ├── InboxUnavailableError    the inbox folder is missing or unreadable
    ├── SubscriberFieldError     something about a subscriber cannot be used: found, cause, fix
    ├── TokenError               a link in a mail is not one of ours, or has expired
    ├── RenderError              an entry or a feed cannot be written as valid output
    │   └── MailTemplateError    a template of the mails cannot be used; file, line and cause are known
    └── StoreError               the database cannot be used
        ├── StoreLockedError     another daemon works on the same state
        └── StoreVersionError    the database was written by a newer feedsvc
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from feedsvc.messages import Message


class FeedsvcError(Exception):
    """Base of all errors of this package: one sentence for a person."""


class SettingsError(FeedsvcError):
    """The configuration cannot be used; ``faults`` holds one line for each fault found."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class EntryParseError(FeedsvcError):
    """An inbox file cannot become an entry.

    Args:
        code: Stable code such as ``E_FRONTMATTER``, listed in ``docs/inbox.md``.
        cause: What is wrong, without the place, as the end of a sentence.
        fix: What the editor should do about it.
        line: Line in the file, counted from 1.
        column: Column in that line, counted from 1.
    """

    def __init__(
        self, code: str, cause: Message, fix: Message, *, line: int | None = None, column: int | None = None
    ) -> None:
        self.code, self.cause, self.fix, self.line, self.column = code, cause, fix, line, column
        where = "" if line is None else f"line {line}: "
        super().__init__(f"{where}{cause}. {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with keyword arguments, because worker processes hand errors back."""
        return (_rebuild_parse_error, (self.code, self.cause, self.fix, self.line, self.column))


def _rebuild_parse_error(
    code: str, cause: Message, fix: Message, line: int | None, column: int | None
) -> EntryParseError:
    return EntryParseError(code, cause, fix, line=line, column=column)


class SourceChangedError(FeedsvcError):
    """A file changed while it was read; what was read is not used.

    Args:
        status: That of the file afterwards.
        path: Path below the inbox, where another file than the one asked for is meant.
    """

    def __init__(self, status: os.stat_result, path: str = "") -> None:
        self.status, self.path = status, path
        super().__init__("the file changed while it was read")


class InboxUnavailableError(FeedsvcError):
    """The inbox is missing, not a folder, or cannot be read; nothing may be retracted."""


class SubscriberFieldError(FeedsvcError):
    """Something that was said about a subscriber cannot be used.

    Args:
        field: What it is about, such as ``address``.
        found: What was given, shown cut to a length that fits on a line.
        cause: What is wrong with it, as a part of a sentence.
        fix: What to do about it, as a part of a sentence.
    """

    _LONGEST = 60

    def __init__(self, field: str, found: str, cause: str, fix: str) -> None:
        self.field, self.cause, self.fix = field, cause, fix
        safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in found[: self._LONGEST])
        self.found = safe + ("..." if len(found) > self._LONGEST else "")
        shown = f'found "{self.found}": ' if found else ""
        super().__init__(f"{field}: {shown}{cause}; {fix}")


class TokenError(FeedsvcError):
    """A signed token is refused; nobody is told why, because the reason would help only those who forge them."""

    def __init__(self) -> None:
        super().__init__("this link is not valid, or no longer")


class RenderError(FeedsvcError):
    """Output would not be valid; ``entry_id`` names the culprit when it is known."""

    def __init__(self, reason: str, *, entry_id: str | None = None) -> None:
        self.reason, self.entry_id = reason, entry_id
        super().__init__(reason if entry_id is None else f"{entry_id}: {reason}")


class MailTemplateError(RenderError):
    """A template of the mails cannot be used; nothing is mailed with it.

    Args:
        path: The file.
        cause: What is wrong, as the end of a sentence.
        line: Line in the file, counted from 1, where it is known.
    """

    def __init__(self, path: str, cause: str, *, line: int | None = None) -> None:
        self.path, self.cause, self.line = path, cause, line
        where = path if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {cause}")


class StoreError(FeedsvcError):
    """The database cannot be used now."""


class StoreLockedError(StoreError):
    """Another daemon holds the lock of this state folder."""


class StoreVersionError(StoreError):
    """The database has a schema newer than this program knows."""
