"""Two files of a post at the same time, by two threads of the process that reads them.

    benches.begin(files)            threads, while some can be begun
    benches.map(work, tasks)        what comes of each task, in their order
    with memory.share(bytes): …     so much is one file's until it is developed

A second process would take as long to start as a photograph to be read. Decoders and encoders let
Python's lock go, so that two of them use two processors. Threads share the memory of one process:
what is decoded at the same time takes no more of it together than a file may by itself, and what
one thread finds too large or damaged is looked at again alone. So no file is refused for another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import inf
from typing import TypeVar

#: As many processors as a small server has.
AT_ONCE = 2
#: A decoder's own is on the heap; of eight megabytes each, which threads have, there would be a
#: tenth of the process's memory left less.
_STACK_BYTES = 512 * 1024

Task = TypeVar("Task")
Result = TypeVar("Result")
#: Until its block ends, so many bytes are one file's.
Share = Callable[[float], AbstractContextManager[None]]


def alone(_bytes: float) -> AbstractContextManager[None]:
    """The share of a file beside which there is none."""
    return nullcontext()


class Benches:
    """Threads that wait for work, begun before the process can begin none any more."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    @property
    def are_several(self) -> bool:
        return self._threads is not None

    def begin(self, files: int) -> None:
        """As many as so many files can use; none where that is one, or where none can be had."""
        if files < AT_ONCE:
            return
        threads = ThreadPoolExecutor(AT_ONCE)
        all_there = threading.Barrier(AT_ONCE)
        usual_bytes = threading.stack_size(_STACK_BYTES)
        try:
            waiting = [threads.submit(all_there.wait) for _ in range(AT_ONCE)]
        except RuntimeError:  # of threads and processes there is a limit
            all_there.abort()
            return
        finally:
            threading.stack_size(usual_bytes)
        for each in waiting:
            each.result()
        self._threads = threads

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Of each task in their order, as soon as it is there."""
        return map(work, tasks) if self._threads is None else self._threads.map(work, tasks)


class Memory:
    """What files that are decoded at the same time share."""

    def __init__(self, bytes_max: float) -> None:
        self._bytes_max = self._left = bytes_max
        self._changed = threading.Condition()

    @contextmanager
    def share(self, wanted: float) -> Iterator[None]:
        """Waits until there is as much; who wants more than there is has all of it."""
        taken = min(wanted, self._bytes_max)
        with self._changed:
            self._changed.wait_for(lambda: self._left >= taken)
            self._left -= taken
        try:
            yield
        finally:
            with self._changed:
                self._left += taken
                self._changed.notify_all()

    def whole(self) -> AbstractContextManager[None]:
        return self.share(inf)
