"""What is to be drawn next: the pages of one board that do not show all changes yet.

Each page waits since the first change that it does not show. So what is settled is known at any
moment, however many posts come in meanwhile: every change before the oldest that a page waits for.

Pure: it is told what changed and what time it is; which pages a change makes stale, and in which
order they are served, is said by their kinds.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from imageboard.facts import Fact
from imageboard.store.outbox import Change
from renderer.pages import board_kinds
from renderer.pages.kind import BoardKind, Page

#: Pages that have time are drawn so many at once, between looks at what came in: a post waits for
#: no more than that. When none came in, the next handful is twice as large, up to the second.
#: PERF: a post soon after another waits for one page, about 5 ms; a whole board of 200 threads,
#: drawn when nobody posts, takes 17 steps.
HANDFUL = 1
HANDFUL_MAX = 16
#: While posts keep coming in they wait for so long at most, and then as many are drawn as a
#: board has pages: all of them, for most.
REST_WAITS_S_MAX = 0.3
HANDFUL_WHEN_LATE = 14


def stale_pages(kinds: Mapping[str, BoardKind], fact: Fact) -> list[Page]:
    """The pages that `fact` made stale, in the order of service.

    Those of a board that is to be drawn anew as a whole are not among them.
    """
    return in_order(kinds, (kind.page(key) for kind in kinds.values() for key in kind.stale(fact)))


def in_order(kinds: Mapping[str, BoardKind], pages: Iterable[Page]) -> list[Page]:
    """In the order of service: media, threads, board pages from the first, catalog, the rest."""
    return sorted(pages, key=lambda page: (kinds[page.kind].order, page))


@dataclass
class Agenda:
    """Pages to be drawn, and the changes that they do not show yet."""

    kinds: Mapping[str, BoardKind] = field(default_factory=board_kinds)
    #: Changes up to this one were seen.
    seen_no: int = 0
    _unsettled: deque[Change] = field(default_factory=deque)
    #: What each page waits for: the first change that it does not show. In the order in which they
    #: came to wait, and are drawn: none is passed by, however often others change.
    _removed: dict[Page, int] = field(default_factory=dict)
    _first: dict[Page, int] = field(default_factory=dict)
    _rest: dict[Page, int] = field(default_factory=dict)
    #: Since when pages have been waiting that have time.
    _rest_since_s: float = 0.0
    _handful: int = HANDFUL

    def __bool__(self) -> bool:
        return bool(self._removed or self._first or self._rest)

    @property
    def settled_no(self) -> int:
        """Every page shows every change up to this one."""
        oldest = min(
            (no for waiting in (self._removed, self._first, self._rest) for no in waiting.values()),
            default=self.seen_no + 1,
        )
        return oldest - 1

    def add(
        self,
        changes: Iterable[Change],
        whole_board: Callable[[], Iterable[Page]],
        now_s: float,
    ) -> None:
        """Changes that were not seen before, oldest first.

        `whole_board` gives the pages of a board that is to be drawn anew, a handful at a time.
        """
        had_rest = bool(self._rest)
        for change in changes:
            self.seen_no = change.change_no
            self._unsettled.append(change)
            for page in stale_pages(self.kinds, change.fact):
                if change.fact.is_removal:
                    self._removed.setdefault(page, change.change_no)
                elif self.kinds[page.kind].has_time:
                    self._rest.setdefault(page, change.change_no)
                else:
                    self._first.setdefault(page, change.change_no)
            if change.fact.touches_whole_board:
                for page in whole_board():
                    self._rest.setdefault(page, change.change_no)
        if self._rest and not had_rest:
            self._rest_since_s = now_s

    def take_removed(self) -> set[Page]:
        """All from which something was removed: no reader may find it a moment longer."""
        return self._take(self._removed)

    def take(self, now_s: float, *, posts_come_in: bool) -> set[Page]:
        """What is drawn next, besides.

        Threads, those first that have waited longest; when none waits, or when they have waited
        too long, some of the pages that have time.
        """
        taken = self._take(list(self._at_once()))
        is_late = now_s - self._rest_since_s > REST_WAITS_S_MAX
        is_busy = posts_come_in or bool(self._first)
        if is_busy:
            self._handful = HANDFUL
        if self._rest and (is_late or not is_busy):
            handful = HANDFUL_WHEN_LATE if is_busy else self._handful
            taken |= self._take(list(self._rest)[:handful])
            self._rest_since_s = now_s
            self._handful = min(2 * self._handful, HANDFUL_MAX)
        return taken

    def _at_once(self) -> Iterator[Page]:
        """Of each kind without time as many as one step draws."""
        counts = Counter[str]()
        for page in self._first:
            counts[page.kind] += 1
            most = self.kinds[page.kind].at_once_max
            if most is None or counts[page.kind] <= most:
                yield page

    def pop_settled(self) -> list[Change]:
        """The changes that every page shows by now, oldest first; each is given once."""
        settled_no = self.settled_no
        settled = []
        while self._unsettled and self._unsettled[0].change_no <= settled_no:
            settled.append(self._unsettled.popleft())
        return settled

    def _take(self, pages: Iterable[Page]) -> set[Page]:
        taken = set(pages)
        for page in taken:
            for waiting in (self._removed, self._first, self._rest):
                waiting.pop(page, None)
        return taken
