"""What is to be drawn next: the files of one board that do not show all changes yet.

Each file waits since the first change that it does not show. So what is settled is known at any
moment, however many posts come in meanwhile: every change before the oldest that a file waits for.

Pure: it is told what changed, which files that makes stale and what time it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from imageboard import staleness
from imageboard.facts import REMOVALS
from imageboard.staleness import StaleFile, stale_files
from imageboard.store.outbox import Change

#: Drawn as soon as a change is seen; the rest has time.
SERVED_FIRST = (staleness.Media, staleness.ThreadFiles)
#: Threads that one step draws at most. PERF: a post that comes in just after a step's snapshot
#: waits for the whole of it, so in a burst over twenty threads small steps halve the wait.
THREADS_AT_ONCE = 6
#: Files that have time are drawn so many at once, between looks at what came in: a post waits for
#: no more than that. When none came in, the next handful is twice as large, up to the second.
#: PERF: a post soon after another waits for one file, about 5 ms; a whole board of 200 threads,
#: drawn when nobody posts, takes 17 steps.
HANDFUL = 1
HANDFUL_MAX = 16
#: While posts keep coming in they wait for so long at most, and then as many are drawn as a
#: board has pages: all of them, for most.
REST_WAITS_S_MAX = 0.3
HANDFUL_WHEN_LATE = 14

ORDER_OF_SERVICE = (
    staleness.Media,
    staleness.AllMedia,
    staleness.ThreadFiles,
    staleness.WholeBoard,
    staleness.BoardPage,
    staleness.Catalog,
    staleness.SiteFiles,
    staleness.SiteFrame,
    staleness.Leftovers,
)


def order_of_service(file: StaleFile) -> tuple[int, int]:
    """Sorts files: threads, board pages from the first, catalog, the rest."""
    number: int = getattr(file, "thread", getattr(file, "page", 0))
    return ORDER_OF_SERVICE.index(type(file)), number


@dataclass
class Agenda:
    """Files to be drawn, and the changes that they do not show yet."""

    #: Changes up to this one were seen.
    seen_no: int = 0
    _unsettled: deque[Change] = field(default_factory=deque)
    #: What each file waits for: the first change that it does not show. In the order in which they
    #: came to wait, and are drawn: none is passed by, however often others change.
    _removed: dict[StaleFile, int] = field(default_factory=dict)
    _first: dict[StaleFile, int] = field(default_factory=dict)
    _rest: dict[StaleFile, int] = field(default_factory=dict)
    #: Since when files have been waiting that have time.
    _rest_since_s: float = 0.0
    _handful: int = HANDFUL

    def __bool__(self) -> bool:
        return bool(self._removed or self._first or self._rest)

    @property
    def settled_no(self) -> int:
        """Every file shows every change up to this one."""
        oldest = min(
            (no for waiting in (self._removed, self._first, self._rest) for no in waiting.values()),
            default=self.seen_no + 1,
        )
        return oldest - 1

    def add(
        self,
        changes: Iterable[Change],
        whole_board: Callable[[], Iterable[StaleFile]],
        now_s: float,
    ) -> None:
        """Changes that were not seen before, oldest first.

        `whole_board` gives the files that WholeBoard stands for, drawn a handful at a time.
        """
        had_rest = bool(self._rest)
        for change in changes:
            self.seen_no = change.change_no
            self._unsettled.append(change)
            for file in sorted(stale_files(change.fact), key=order_of_service):
                if isinstance(change.fact, REMOVALS):
                    self._removed.setdefault(file, change.change_no)
                elif isinstance(file, SERVED_FIRST):
                    self._first.setdefault(file, change.change_no)
                elif isinstance(file, staleness.WholeBoard):
                    for each in whole_board():
                        self._rest.setdefault(each, change.change_no)
                else:
                    self._rest.setdefault(file, change.change_no)
        if self._rest and not had_rest:
            self._rest_since_s = now_s

    def take_removed(self) -> set[StaleFile]:
        """All from which something was removed: no reader may find it a moment longer."""
        return self._take(self._removed)

    def take(self, now_s: float, *, posts_come_in: bool) -> set[StaleFile]:
        """What is drawn next, besides.

        Threads, those first that have waited longest; when none waits, or when they have waited
        too long, some of the files that have time.
        """
        threads = [file for file in self._first if isinstance(file, staleness.ThreadFiles)]
        left = set(threads[THREADS_AT_ONCE:])
        taken = self._take(file for file in self._first if file not in left)
        is_late = now_s - self._rest_since_s > REST_WAITS_S_MAX
        is_busy = posts_come_in or bool(left)
        if is_busy:
            self._handful = HANDFUL
        if self._rest and (is_late or not is_busy):
            handful = HANDFUL_WHEN_LATE if is_busy else self._handful
            taken |= self._take(list(self._rest)[:handful])
            self._rest_since_s = now_s
            self._handful = min(2 * self._handful, HANDFUL_MAX)
        return taken

    def pop_settled(self) -> list[Change]:
        """The changes that every file shows by now, oldest first; each is given once."""
        settled_no = self.settled_no
        settled = []
        while self._unsettled and self._unsettled[0].change_no <= settled_no:
            settled.append(self._unsettled.popleft())
        return settled

    def _take(self, files: Iterable[StaleFile]) -> set[StaleFile]:
        taken = set(files)
        for file in taken:
            for waiting in (self._removed, self._first, self._rest):
                waiting.pop(file, None)
        return taken
