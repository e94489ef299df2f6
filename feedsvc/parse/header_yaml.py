"""YAML front matter (YAML 1.2.2), every scalar as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.parse.item import Item
from feedsvc.parse.plain_block import read_plain_block

if TYPE_CHECKING:
    from feedsvc.model import Notice


def load_block(text: str, first_line: int, notices: list[Notice]) -> tuple[Item, ...]:
    """Read *text*, the YAML between the ``---`` lines, as (key, value) items in the order of the file.

    Plain lines, as nearly all are, are read without libyaml, to the same effect.

    Args:
        text: The block without the ``---`` lines.
        first_line: Line of the file where *text* begins.
        notices: Warnings are added here.

    Raises:
        EntryParseError: ``E_FRONTMATTER`` with line, column and a fix; ``E_LIMIT`` for too deep or too many.
    """
    if (plain := read_plain_block(text)) is not None:
        return tuple(
            [
                Item(
                    key,
                    value if isinstance(value, str) else [*value],
                    line + first_line,
                    1,
                    (line + first_line, column),
                )
                for key, value, line, column in plain
            ]
        )
    from feedsvc.parse.yaml_block import load_yaml  # most blocks are plain, and libyaml takes its time to load

    return load_yaml(text, first_line, notices)
