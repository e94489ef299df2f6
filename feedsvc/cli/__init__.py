"""The command line: arguments in, a use case of `feedsvc.app`, text and an exit code out."""

from feedsvc.cli.commands import main

__all__ = ["main"]
