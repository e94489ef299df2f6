"""Examine many files in helper processes: parsing is pure, so a helper needs nothing but the paths."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import threading
from queue import Queue
from typing import TYPE_CHECKING

from feedsvc.ingest.examine import examine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from feedsvc.ingest.examine import Examiner, Outcome

_WORTH_IT = 1500
"""Fewer files are read before helpers have started."""
_HELPERS = 2
_CHUNK = 25
_AHEAD = 40
"""Chunks that a helper may be ahead of us, so that memory stays flat."""


@contextlib.contextmanager
def examining(examiner: Examiner, paths: Sequence[str], *, may_fork: bool) -> Iterator[Iterator[Outcome]]:
    """Yield the outcomes of *paths* in their order, as they become known.

    Args:
        examiner: How files are read.
        paths: Paths below the inbox.
        may_fork: Whether this process runs no other thread yet, so that a copy of it is sound.
    """
    if not may_fork or len(paths) < _WORTH_IT or (os.cpu_count() or 1) < _HELPERS:
        yield (examine(examiner, path) for path in paths)
        return
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    helpers: list[_Helper] = []
    try:
        for first in range(_HELPERS):
            helpers.append(_Helper(examiner, chunks[first::_HELPERS], [helper.receiver for helper in helpers]))
        for helper in helpers:
            helper.listen()
        yield (outcome for n in range(len(chunks)) for outcome in helpers[n % _HELPERS].next_chunk())
    finally:
        for helper in helpers:
            helper.close()


class _Helper:
    """A forked process that examines chunks, and the thread that takes in what it sends.

    Args:
        examiner: How files are read.
        chunks: Paths, a list for each message.
        others: Ends of pipes to earlier helpers, which the copy must not keep open.
    """

    def __init__(self, examiner: Examiner, chunks: Sequence[Sequence[str]], others: Sequence[Connection]) -> None:
        context = multiprocessing.get_context("fork")
        self.receiver, sender = context.Pipe(duplex=False)
        ends = [self.receiver, *others]
        self._process = context.Process(target=_work, args=(sender, ends, examiner, chunks), daemon=True)
        self._process.start()
        sender.close()
        self._received: Queue[bytes] = Queue(_AHEAD)
        self._is_open = True
        self._thread = threading.Thread(target=self._receive, name="feedsvc-helper", daemon=True)

    def listen(self) -> None:
        """Begin to take in results; only after the last fork, because it starts a thread."""
        self._thread.start()

    def next_chunk(self) -> list[Outcome]:
        """Return the next results.

        Raises:
            ChildProcessError: The helper died, by the kernel's memory killer for example.
        """
        data = self._received.get()
        if not data:
            raise ChildProcessError("a helper process that reads files died; start again")
        outcomes: list[Outcome] = pickle.loads(data)  # noqa: S301 - it comes from a copy of ourselves
        return outcomes

    def close(self) -> None:
        """End the helper, whether it is done or not."""
        self._is_open = False
        self._process.kill()
        while self._thread.is_alive():
            if not self._received.empty():
                self._received.get_nowait()
            self._thread.join(0.01)
        self._process.join()
        self.receiver.close()

    def _receive(self) -> None:
        try:
            while self._is_open:
                self._received.put(self.receiver.recv_bytes())
        except EOFError:
            self._received.put(b"")


def _work(
    sender: Connection, others: Sequence[Connection], examiner: Examiner, chunks: Sequence[Sequence[str]]
) -> None:
    for end in others:
        end.close()  # if we kept our parent's ends open, we would never notice its death, and hold its lock for ever
    gc.disable()  # parsing leaves no cycles behind, and collecting would copy the memory shared with our parent
    with contextlib.suppress(BrokenPipeError):
        for chunk in chunks:
            sender.send_bytes(pickle.dumps([examine(examiner, path) for path in chunk], pickle.HIGHEST_PROTOCOL))
    sender.close()
