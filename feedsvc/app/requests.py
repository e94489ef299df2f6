"""What the worker is told: hints about files, and work that somebody asks for."""

from __future__ import annotations

from enum import Enum

from feedsvc.watch import Hint


class Request(Enum):
    """Work that somebody asks for besides hints about files."""

    SCAN = "scan"
    RELEASE = "release"
    PUBLISH = "publish"
    REHASH = "rehash"
    STOP = "stop"


Message = Hint | Request
"""What lies in the worker's queue."""
