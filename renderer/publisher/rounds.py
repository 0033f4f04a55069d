"""One round of the second stage: what is put, deleted and told to the CDN at the same time.

What was removed joins a round that is under way and goes ahead of what is not begun of it. The CDN
is told of it a call's worth at a time, as soon as the bucket has that: neither waits for the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple, Self

from cdn.object_store import DELETE_KEYS_MAX
from imageboard.store.cloud_ledger import Behind, Held, Untold
from renderer.publisher.second_looks import calls_for

PUTS_AT_ONCE = 8
#: Each answer of a cloud takes a tenth of a second, however idle this machine is: what was removed
#: waits for as few of them, one after the other, as can be.
URGENT_PUTS_AT_ONCE = 32
DELETIONS_AT_ONCE = 4
PURGES_AT_ONCE = 8
#: How often it is looked for what was removed meanwhile, and for how long it may join.
LOOK_EVERY_S = 0.1
JOINED_S_MAX = 10.0


class Outcome(NamedTuple):
    """What came of a put: the bucket holds it; or it is to be tried again."""

    path: str
    holds: Held | None = None
    wait_s: float = 0.0
    #: The bucket does not hold what the ledger says.
    was_mistaken: bool = False


class Steps(NamedTuple):
    """What a round is made of. Those that ask the cloud are called by several threads at once."""

    put: Callable[[Behind], Outcome]
    #: Writes down what came of some puts.
    settle: Callable[[Sequence[Outcome]], object]
    delete: Callable[[list[str]], object]
    #: Tells the CDN of what fits into one call; None: there is none.
    tell: Callable[[Sequence[Untold]], object] | None
    #: Nobody works on these any more: they are free for the next.
    give_back: Callable[[list[str]], object]
    #: What was removed meanwhile, claimed.
    look: Callable[[], list[Behind]]


@dataclass
class Round:
    """A context. Whatever it is left by, nothing of it is under way any more then."""

    steps: Steps
    base_url: str
    #: Files that were put, deleted, and told.
    settled: int = 0
    _block: ExitStack = field(default_factory=ExitStack)
    _puts: dict[Future[Any], Behind] = field(default_factory=dict)
    _deletions: dict[Future[Any], list[Behind]] = field(default_factory=dict)
    _calls: dict[Future[Any], int] = field(default_factory=dict)
    #: Claimed, and not settled.
    _waiting: set[str] = field(default_factory=set)
    #: Removed, gone from the bucket or put there without it, and the CDN is not told.
    _untold: list[Untold] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._others, self._urgent, self._deleting, self._telling = (
            self._block.enter_context(ThreadPoolExecutor(at_once, thread_name_prefix=name))
            for name, at_once in (
                ("put", PUTS_AT_ONCE),
                ("urgent", URGENT_PUTS_AT_ONCE),
                ("delete", DELETIONS_AT_ONCE),
                ("purge", PURGES_AT_ONCE),
            )
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A call to the CDN that has its turn is made all the same.
        for future in (*self._puts, *self._deletions):
            future.cancel()
        self._block.__exit__(kind, error, trace)
        if error is not None:
            self.steps.give_back(sorted(self._waiting))

    def carry_out(self, claimed: Sequence[Behind]) -> int:
        """To the end of all that was claimed and has joined; the number of files settled.

        Raises what the steps raise.
        """
        self._begin(claimed)
        began_s = looked_s = time.monotonic()
        while under_way := (*self._puts, *self._deletions, *self._calls):
            ended, _ = wait(under_way, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED)
            self._end(ended)
            now_s = time.monotonic()
            if now_s - looked_s >= LOOK_EVERY_S and now_s - began_s < JOINED_S_MAX:
                looked_s = now_s
                self._join()
            self._tell()
        return self.settled

    def _begin(self, claimed: Sequence[Behind]) -> None:
        self._waiting.update(file.path for file in claimed)
        # No file is in both: nothing of what is put waits until the bucket has deleted.
        to_delete = [file for file in claimed if file.is_owed_a_deletion]
        for start in range(0, len(to_delete), DELETE_KEYS_MAX):
            some = to_delete[start : start + DELETE_KEYS_MAX]
            paths = [file.path for file in some]
            self._deletions[self._deleting.submit(self.steps.delete, paths)] = some
        for file in claimed:
            if not file.is_owed_a_deletion:
                pool = self._urgent if file.is_urgent else self._others
                self._puts[pool.submit(self.steps.put, file)] = file

    def _join(self) -> None:
        """What was removed meanwhile, in the place of others' files that are not begun."""
        removed = self.steps.look()
        if not removed:
            return
        left = [put for put, file in self._puts.items() if not file.is_urgent and put.cancel()]
        paths = [self._puts.pop(put).path for put in left]
        self._waiting.difference_update(paths)
        self.steps.give_back(paths)
        self._begin(removed)

    def _end(self, ended: Collection[Future[Any]]) -> None:
        """Write down together what has ended well."""
        puts = {put: file for put, file in self._puts.items() if put in ended}
        outcomes = [put.result() for put in puts if not put.exception()]
        if outcomes:
            self.steps.settle(outcomes)
            self._note(outcome.path for outcome in outcomes)
        urgent = {file.path for file in puts.values() if file.is_urgent}
        self._untold += [
            Untold(held.path, held.etag, True)
            for outcome in outcomes
            if (held := outcome.holds) is not None and held.path in urgent
        ]
        for put in puts:
            del self._puts[put]
            put.result()  # the bucket fails as a whole
        for deletion in [each for each in self._deletions if each in ended]:
            gone = self._deletions.pop(deletion)
            deletion.result()
            self._note(file.path for file in gone)
            self._untold += [Untold(file.path, None, True) for file in gone if file.is_urgent]
        for call in [each for each in self._calls if each in ended]:
            told = self._calls.pop(call)
            call.result()
            self.settled += told

    def _note(self, paths: Iterable[str]) -> None:
        done = set(paths)
        self._waiting -= done
        self.settled += len(done)

    def _tell(self) -> None:
        """The CDN, of as much as fills a call; of the rest when no page of it is on its way.

        Deletions come by thousands, and fill calls of their own.
        """
        if self.steps.tell is None:
            self._untold.clear()
            return
        is_last = not any(file.is_urgent for file in self._puts.values())
        for paths in list(calls_for((each.path for each in self._untold), self.base_url)):
            if len(paths) == len(self._untold) and not is_last:
                return  # more may fit
            told, self._untold = self._untold[: len(paths)], self._untold[len(paths) :]
            self._calls[self._telling.submit(self.steps.tell, told)] = len(told)
