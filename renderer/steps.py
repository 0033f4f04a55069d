"""One step at a board: what waits is read, what is next is drawn, published, written down, settled.

What it reads and draws is one snapshot, so its pages show exactly the changes up to that moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple

from imageboard.facts import Fact, PostAdded, ThreadRemoved
from imageboard.store import boards as stored_boards
from imageboard.store import outbox, takedowns
from imageboard.store.database import Connection, snapshot
from imageboard.store.outbox import Change
from monitoring import metrics
from monitoring.logs import get_logger
from renderer.agenda import Agenda
from renderer.board_painter import BoardPainter
from renderer.drawing import publish, publish_what_can_be_read, whole_board
from renderer.pages.kind import BoardKind, Page
from renderer.publishing import Publisher
from renderer.site_pages import Removed
from renderer.web_root import Held

log = get_logger(__name__)

#: Changes that one step takes at most: it bounds the memory of a step, not its truth, since the
#: pages show all of the snapshot anyway.
CHANGES_PER_STEP_MAX = 5_000
#: Files of what was removed that the second stage is told of before the step that takes them away
#: has ended. Of one post they are fewer: it waits for no more than before.
HANDED_ON_FILES = 32


class Step(NamedTuple):
    """What one step came to."""

    #: Changes that came in before it.
    seen: int
    #: Of a processor, all threads together.
    cpu_s: float
    #: Whether a thread came or went before it: the board may have no room for the last ones.
    moves_threads: bool
    #: Whether a thread was drawn that has more replies than it keeps.
    has_cyclical: bool

    @property
    def is_last(self) -> bool:
        """Whether more changes can only be some of which we will be told."""
        is_our_work = self.moves_threads or self.has_cyclical
        return self.seen < CHANGES_PER_STEP_MAX and not is_our_work


@dataclass
class StepPainter(BoardPainter):
    """Takes the steps."""

    #: Boards of which the database can't read all: each page is drawn by itself then.
    _damaged: set[str] = field(default_factory=set)

    def step(self, db: Connection, board_name: str, agenda: Agenda, held: Held) -> Step | None:
        """Draw what is next; None when nothing is.

        In the order of service: what was removed, from every page, as a rule by itself; new posts
        on their threads; board pages and catalog when there is time, or when they have waited.
        """
        started_s, cpu_before_s = time.perf_counter(), time.process_time()
        with ExitStack() as block:
            with snapshot(db):
                changes = outbox.waiting(db, board_name, CHANGES_PER_STEP_MAX, after=agenda.seen_no)
                if not changes and not agenda.has_work(time.monotonic()):
                    return None
                view = self.view(db, board_name)
                agenda.add(changes, lambda: whole_board(view), time.monotonic())
                removed = agenda.take_removed(time.monotonic())
                next_pages = agenda.take(time.monotonic(), posts_come_in=bool(changes))
                publisher = block.enter_context(
                    Publisher(
                        db,
                        self.web_root,
                        self.uploads,
                        view.board,
                        known=held.known,
                        # It is not believed until what an interrupted holder left is made good.
                        believes_ledger=not held.is_doubtful,
                    )
                )
                draw = publish_what_can_be_read if board_name in self._damaged else publish
                publisher.is_urgent = True
                for some in _pictures_first(self.kinds, removed):
                    draw(view, some, publisher)
                    self._hand_on(publisher)
                publisher.is_urgent = False
                taken_down = publisher.paths
                draw(view, next_pages, publisher)
            agenda.left_unread |= publisher.left_unread
            if removed:
                # The one thing that a board's step carries to the site itself: no reader may find
                # what was removed a moment longer. The board's pages are compressed after that.
                touched = _removed_from(board_name, changes)
                taken_down += self.site_pages.draw(db, removed=touched).showing_posts
        shown, settled = agenda.pop_shown(), agenda.pop_settled()
        gone: list[takedowns.GoneFromOrigin] = []
        with db.transaction():
            publisher.record(db)
            self.note_look(db, view.board, is_mixed=agenda.left_unread)
            if removed:
                gone = takedowns.gone_from_origin(
                    db, board_name, agenda.seen_no, taken_down, has_cloud=self.has_cloud
                )
                # Before it is settled: whoever dies in between leaves it to be done again.
                for removal in gone:
                    for name in removal.uploads:
                        self.uploads.drop(name)
            if settled:
                outbox.settle(db, board_name, settled[-1].change_no)
                if any(change.fact.touches_whole_board for change in settled):
                    look = None if agenda.left_unread else self.appearance
                    stored_boards.note_drawn(db, board_name, look)
        self.on_published()
        self.on_changed()
        _tell(board_name, shown, settled)
        for removal in gone:
            metrics.takedown_seconds.labels("origin").observe(removal.took_s)
        metrics.steps.inc()
        metrics.step_seconds.observe(time.perf_counter() - started_s)
        metrics.files_per_step.observe(len(publisher.paths))
        cpu_s = time.process_time() - cpu_before_s
        moves_threads = any(_moves_threads(change.fact) for change in changes)
        return Step(len(changes), cpu_s, moves_threads, view.has_cyclical)

    def _hand_on(self, publisher: Publisher) -> None:
        """Let the second stage follow with what is gone here, while the rest is drawn.

        Whoever is killed before the step is written down leaves the board doubtful, as without it.
        """
        if self.has_cloud and publisher.unrecorded >= HANDED_ON_FILES:
            # Of its own: the snapshot lies on the other connection.
            with self.database.transaction() as beside:
                publisher.record(beside)
            self.on_published()


def _pictures_first(kinds: Mapping[str, BoardKind], pages: set[Page]) -> Iterator[set[Page]]:
    """What goes without being drawn, and then what is drawn without it."""
    pictures = {page for page in pages if kinds[page.kind].draws_nothing}
    return filter(None, (pictures, pages - pictures))


def _removed_from(board_name: str, changes: Iterable[Change]) -> Removed:
    """Threads of which what several boards show may show something that is gone."""
    facts = [change.fact for change in changes if change.fact.is_removal]
    return Removed(board_name, frozenset(no for fact in facts for no in fact.touched_threads))


def _moves_threads(fact: Fact) -> bool:
    is_new = isinstance(fact, PostAdded) and fact.thread == fact.no
    return is_new or isinstance(fact, ThreadRemoved)


def _tell(board_name: str, shown: list[Change], settled: list[Change]) -> None:
    """The figures of changes that threads show, and one line of those that all pages do."""
    visible_s = time.time()
    for change in shown:
        metrics.change_to_visible_seconds.observe(max(0.0, visible_s - change.added_s))
    metrics.changes_settled.inc(len(settled))
    if settled:
        waited_ms = round((visible_s - settled[0].added_s) * 1000, 1)
        log.info(
            "board_rendered",
            board=board_name,
            change_no=settled[-1].change_no,
            changes=len(settled),
            ms=waited_ms,
        )
