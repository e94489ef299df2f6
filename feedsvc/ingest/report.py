"""What one step of ingest did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedsvc.ingest.plan import Plan
    from feedsvc.model import SourceFile


@dataclass(slots=True)
class Report:
    """What one step did.

    Attributes:
        files: New states of files, by path.
        changed: Whether an entry changed in a way that feeds show.
        again: Paths to look at again, with the seconds to wait.
        held: Files whose removal waits for an operator.
        gone: Files whose entries were withdrawn.
        left: Places that files were moved away from.
    """

    files: dict[str, SourceFile] = field(default_factory=dict)
    changed: bool = False
    again: dict[str, float] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    gone: tuple[str, ...] = ()
    left: set[str] = field(default_factory=set)

    def take_in(self, plan: Plan) -> None:
        """Add what *plan* did."""
        self.files.update((file.path, file) for file in plan.files)
        self.changed = self.changed or bool(plan.changes)
        self.again.update(plan.again)
        self.left.update(plan.forgotten)
