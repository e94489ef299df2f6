"""Files: reading below a root without following links, writing whole or not at all, and one lock."""

from feedsvc.files.atomic import remove_if_there, write_all_atomic, write_atomic, write_chunks_atomic
from feedsvc.files.atomic_beneath import remove_beneath, write_all_beneath
from feedsvc.files.beneath import link_status, open_beneath
from feedsvc.files.lock import StateLock
from feedsvc.files.steady import chunks_of, is_being_written, read_steady

__all__ = [
    "StateLock",
    "chunks_of",
    "is_being_written",
    "link_status",
    "open_beneath",
    "read_steady",
    "remove_beneath",
    "remove_if_there",
    "write_all_atomic",
    "write_all_beneath",
    "write_atomic",
    "write_chunks_atomic",
]
