"""The secret with which addresses are hashed: a file beside the database, minted once."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from feedsvc.digests import AddressHasher, check_value
from feedsvc.errors import FeedsvcError

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.protocols import Store

_FILE = "addresses.key"
_META = "address_secret_check"
_BYTES = 32


def load_hasher(folder: Path, store: Store) -> AddressHasher:
    """Return the hasher of the site whose state is in *folder*, minting its secret at the first call.

    Raises:
        FeedsvcError: The secret is lost, or is not the one with which addresses in the store were hashed.
    """
    path = folder / _FILE
    with store.reading() as unit:
        known = unit.meta(_META)
    if known is None and not path.exists():
        _mint(path)
    hasher = AddressHasher(_read(path))
    if known is None:
        with store.writing() as unit:
            known = unit.meta(_META) or check_value(hasher)
            unit.set_meta(_META, known)
    if known != check_value(hasher):
        raise _lost(path, "is not the one")
    return hasher


def _mint(path: Path) -> None:
    """Write a new secret whole or not at all; whoever comes first wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "wb") as file:
            file.write(os.urandom(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise FeedsvcError(f"the secret for addresses cannot be kept in {path}: {error.strerror}") from error


def _read(path: Path) -> bytes:
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise _lost(path, "cannot be read, and holds the secret") from error
    if len(secret) != _BYTES:
        raise _lost(path, "is damaged, and held the secret")
    return secret


def _lost(path: Path, what: str) -> FeedsvcError:
    return FeedsvcError(
        f"{path} {what} with which addresses that get no mail were hashed; restore it from a backup: without it, "
        "people who unsubscribed would get mail again"
    )
