"""What is to be drawn next: the pages of one board that do not show all changes yet.

Each page waits since the first change that it does not show. So what is settled is known at any
moment, however many posts come in meanwhile: every change before the oldest that a page waits for.

Pages that have time keep a pace: each is drawn at once, and then not before that has passed.

Pure: it is told what changed and what time it is; which pages a change makes stale, and in which
order they are served, is said by their kinds.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, takewhile

from imageboard.facts import Fact
from imageboard.store.outbox import Change
from renderer.pace import Pace
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
    return in_order(kinds, _pages(kinds, fact))


def _pages(kinds: Mapping[str, BoardKind], fact: Fact) -> Iterator[Page]:
    return (kind.page(key) for kind in kinds.values() for key in kind.stale(fact))


def in_order(kinds: Mapping[str, BoardKind], pages: Iterable[Page]) -> list[Page]:
    """In the order of service: media, threads, board pages from the first, catalog, the rest."""
    return sorted(pages, key=lambda page: (kinds[page.kind].order, page))


@dataclass
class Agenda:
    """Pages to be drawn, and the changes that they do not show yet."""

    kinds: Mapping[str, BoardKind] = field(default_factory=board_kinds)
    #: Kept by pages that have time.
    pace: Pace = field(default_factory=Pace)
    #: Pages without time showed every change up to this one when the board was taken.
    shown_before_no: int = 0
    #: Changes up to this one were seen.
    seen_no: int = 0
    #: Changes that every page shows.
    settled: int = 0
    #: Whether a page could not be read: it stands as it was, though its changes count as shown.
    left_unread: bool = False
    _unsettled: deque[Change] = field(default_factory=deque)
    #: Up to which change `pop_shown` has given those that are shown.
    _told_no: int = field(init=False)
    #: What each page waits for: the first change that it does not show. In the order in which they
    #: came to wait, and are drawn: none is passed by, however often others change.
    _removed: dict[Page, int] = field(default_factory=dict)
    _first: dict[Page, int] = field(default_factory=dict)
    _rest: dict[Page, int] = field(default_factory=dict)
    #: Since when pages have been waiting that have time.
    _rest_since_s: float = 0.0
    _handful: int = HANDFUL
    #: Whether nothing is drawn beside what was removed, in this step, and was in the one before.
    _is_alone: bool = False
    _was_alone: bool = False

    def __post_init__(self) -> None:
        self._told_no = self.shown_before_no

    @property
    def settled_no(self) -> int:
        """Every page shows every change up to this one."""
        return self._shown_by(self._rest)

    @property
    def shown_no(self) -> int:
        """Every page without time does."""
        return self._shown_by(page for page in self._rest if not self.kinds[page.kind].has_time)

    def drawn_no(self, now_s: float) -> int:
        """Every page does that may be drawn by now."""
        return self._shown_by(self._due(now_s))

    def has_work(self, now_s: float) -> bool:
        """Whether there is anything that may be drawn by now."""
        return bool(self._removed or self._first or any(self._due(now_s)))

    def due_s(self) -> float:
        """When the first of the pages that keep the pace is to be drawn; never, if none waits."""
        return min(map(self.pace.due_s, self._rest), default=float("inf"))

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
            is_new = change.change_no > self.shown_before_no
            if change.fact.is_removal and is_new:
                # PERF: not put in order, since all of them are drawn at once: one press removes
                # hundreds of posts, and to sort the pages of each was a tenth of their step.
                self._removed |= {
                    page: change.change_no
                    for page in _pages(self.kinds, change.fact)
                    if page not in self._removed
                }
            else:
                self._add_stale(change, is_new=is_new)
            if change.fact.touches_whole_board:
                for page in whole_board():
                    if is_new or self.kinds[page.kind].has_time:
                        self._rest.setdefault(page, change.change_no)
        if self._rest and not had_rest:
            self._rest_since_s = now_s

    def _add_stale(self, change: Change, *, is_new: bool) -> None:
        for page in stale_pages(self.kinds, change.fact):
            if self.kinds[page.kind].has_time:
                self._rest.setdefault(page, change.change_no)
            elif is_new:
                self._first.setdefault(page, change.change_no)

    def take_removed(self, now_s: float) -> set[Page]:
        """All from which something was removed: no reader may find it a moment longer."""
        taken = self._take(self._removed)
        self._note_drawn(taken, now_s)
        self._is_alone = bool(taken) and not self._was_alone
        return taken

    def take(self, now_s: float, *, posts_come_in: bool) -> set[Page]:
        """What is drawn next, besides.

        Threads, those first that have waited longest; when none waits, or when they have waited
        too long, some of the pages that have time. Nothing beside what was removed, unless the
        step before had that too: where removals don't end, posts come in all the same.
        """
        self._was_alone, self._is_alone = self._is_alone, False
        if self._was_alone:
            return set()
        taken = self._take(list(self._at_once()))
        due = list(self._due(now_s))
        if not due:
            self._rest_since_s = now_s
        is_late = now_s - self._rest_since_s > REST_WAITS_S_MAX
        is_busy = posts_come_in or bool(self._first)
        if is_busy:
            self._handful = HANDFUL
        if due and (is_late or not is_busy):
            handful = HANDFUL_WHEN_LATE if is_busy else self._handful
            drawn = self._take(due[:handful])
            self._note_drawn(drawn, now_s)
            taken |= drawn
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

    def pop_shown(self) -> list[Change]:
        """The changes that every page without time shows by now, oldest first; each once."""
        shown_no = self.shown_no
        news = takewhile(lambda change: change.change_no > self._told_no, reversed(self._unsettled))
        shown = [change for change in news if change.change_no <= shown_no]
        self._told_no = max(self._told_no, shown_no)
        return shown[::-1]

    def pop_settled(self) -> list[Change]:
        """The changes that every page shows by now, oldest first; each is given once."""
        settled_no = self.settled_no
        settled = []
        while self._unsettled and self._unsettled[0].change_no <= settled_no:
            settled.append(self._unsettled.popleft())
        self.settled += len(settled)
        return settled

    def _due(self, now_s: float) -> Iterator[Page]:
        """Pages that have time, or belong to a board drawn anew, and may be drawn by now."""
        return (page for page in self._rest if self.pace.due_s(page) <= now_s)

    def _note_drawn(self, pages: Iterable[Page], now_s: float) -> None:
        self.pace.note_drawn((page for page in pages if self.kinds[page.kind].has_time), now_s)

    def _shown_by(self, rest: Iterable[Page]) -> int:
        """The last change that all pages show but for those that wait, of the rest these alone."""
        oldest = min(
            chain(self._removed.values(), self._first.values(), (self._rest[p] for p in rest)),
            default=self.seen_no + 1,
        )
        return oldest - 1

    def _take(self, pages: Iterable[Page]) -> set[Page]:
        taken = set(pages)
        for page in taken:
            for waiting in (self._removed, self._first, self._rest):
                waiting.pop(page, None)
        return taken
