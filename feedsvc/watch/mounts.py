"""Network shares: the kernel reports what this machine does there, never what the others do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOUNT_TABLE = "/proc/self/mountinfo"
"""Where Linux lists mounts, proc_pid_mountinfo(5)."""

_SHARED = frozenset(
    {"afs", "ceph", "cifs", "davfs", "nfs", "nfs4", "smb3", "smbfs"}
    | {f"fuse.{name}" for name in ("ceph-fuse", "glusterfs", "rclone", "s3fs", "sshfs")}
)


def network_share(path: str) -> str | None:
    """Return the kind of network file system that the real path *path* lies on, for example ``nfs4``, or None."""
    kind, longest = "", -1
    for point, mounted in _mounts():
        # of several mounts on one point the last is on top
        if len(point) >= longest and f"{path}/".startswith(f"{point.rstrip('/')}/"):
            kind, longest = mounted, len(point)
    return kind if kind in _SHARED else None


def submounts(path: str) -> list[str]:
    """Return the places below the real path *path* where other file systems are mounted, sorted."""
    inside = f"{path.rstrip('/')}/"
    return sorted({point for point, _ in _mounts() if point.startswith(inside)})


def _mounts() -> Iterator[tuple[str, str]]:
    """Yield mount point and file system type of every mount; nothing where there is no such table."""
    try:
        with open(MOUNT_TABLE, encoding="utf-8", errors="surrogateescape") as table:
            lines = table.read().split("\n")
    except OSError:
        return
    for line in lines:
        place, _, system = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) > 4 and system:
            yield _unescape(fields[4]), system.split(" ")[0]


def _unescape(text: str) -> str:
    """Undo the octal escapes that the kernel puts for space, tab, line end and backslash."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
