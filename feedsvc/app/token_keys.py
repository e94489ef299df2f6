"""The keys with which links in mails are signed: a file beside the database, minted once."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from feedsvc.digests.tokens import MIN_KEY_BYTES, Tokens
from feedsvc.errors import FeedsvcError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "token.keys"
_HEAD = "# Keys of links in mails, one a line: the first signs, all are accepted. Put a new one in front.\n"


def load_tokens(folder: Path) -> Tokens:
    """Return what makes and reads the tokens of the site whose state is in *folder*, minting a key at the first call.

    The file holds a key in hexadecimal on each line; empty lines and those that start with ``#`` are left out.

    Raises:
        FeedsvcError: The file cannot be read or written, or holds something else.
    """
    path = folder / FILE
    if not path.exists():
        _mint(path)
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        return Tokens(tuple(bytes.fromhex(line) for line in lines if line.strip() and not line.startswith("#")))
    except (OSError, ValueError) as error:
        raise FeedsvcError(
            f"{path} does not hold keys of at least {MIN_KEY_BYTES * 2} hexadecimal digits, one a line; restore it "
            "from a backup, or delete it: then links in mails that were sent stop working"
        ) from error


def _mint(path: Path) -> None:
    """Write a new key whole or not at all; whoever comes first wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="ascii") as file:
            file.write(f"{_HEAD}{os.urandom(MIN_KEY_BYTES).hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise FeedsvcError(f"the keys of links cannot be kept in {path}: {error.strerror}") from error
