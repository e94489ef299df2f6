"""The store: source files, entries, the change log and subscribers in a SQL database."""

from feedsvc.store.sqlite import open_sqlite
from feedsvc.store.units import SqlStore

__all__ = ["SqlStore", "open_sqlite"]
