"""Take copies of media away that nothing refers to any more."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from feedsvc.files import remove_if_there

if TYPE_CHECKING:
    from collections.abc import Collection

_OURS = re.compile(r"[0-9a-f]{64}\.[0-9a-z]{1,8}|\.[0-9a-f]{16}\.tmp")
"""Names of copies, and of what a killed process left beside them; whatever else lies there is not ours."""


def sweep_media(folder: str, kept: Collection[str]) -> int:
    """Remove all copies in *folder* but those that are *kept*, and return how many."""
    try:
        names = os.listdir(folder)
    except OSError:  # no text ever named a file
        return 0
    unused = [name for name in names if name not in kept and _OURS.fullmatch(name)]
    for name in unused:
        remove_if_there(os.path.join(folder, name))
    return len(unused)
