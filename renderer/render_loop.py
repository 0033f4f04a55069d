"""Waiting changes -> stale pages -> drawn -> published -> settled, until none waits.

A step looks what came in, draws the few pages that are next on the agenda (threads first, those
that have waited longest), writes down what stands there now, and settles the changes that every
page shows: however busy a board is, a post does not wait for pages of others.

One renderer at a time holds a board. It reads what waits and what the pages need in one
snapshot, so its pages show exactly the changes up to that moment; the next one's snapshot is
later. So a page never goes backwards. Whatever dies on the way leaves its changes in the
outbox, and the same pages come out of the next attempt.

What shows several boards (the front page) has a lock and a pace of its own: it is drawn by a job of
its own, and no board's step waits for it. `site_pages.py` tells of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from imageboard.errors import NoSuchBoard, StoreDamaged
from imageboard.settings import Settings
from imageboard.store import outbox, render_lock
from imageboard.store.database import Connection, Database
from renderer import making_room
from renderer.agenda import Agenda
from renderer.clearing import take_pages_away
from renderer.pace import Pace
from renderer.steps import CHANGES_PER_STEP_MAX, Step, StepPainter
from renderer.visits import Passing
from renderer.web_root import Held

#: A burst: so many changes came in while one step was drawn. Then the loop rests for a part of the
#: time that the step took of a processor, at most so long. PERF: that leaves the processor to those
#: who store posts, and each page that is drawn shows more of them. With 16 clients on 20 threads a
#: whole rest gives 680 posts a second, seen after 0.79 s (p99), half of it 640 after 0.58.
BURST_CHANGES = 8
REST_PER_CPU_S = 0.5
REST_S_MAX = 0.1


class Progress(NamedTuple):
    """How far a board's pages were brought."""

    #: Changes that they now show.
    changes: int
    #: Whether nothing was left that has to be drawn at once.
    is_done: bool


@dataclass
class RenderLoop(StepPainter):
    """Renders boards into one web root."""

    #: False: threads that were just bumped fall off too.
    limits: bool = True
    #: Waits for so many seconds.
    rest: Callable[[float], object] = time.sleep
    #: How often what lists threads is drawn while somebody stays at a board.
    lists_pace_s: float = 0.0
    #: Of each board that was left lately: what was drawn a moment ago waits on.
    _paces: dict[str, Pace] = field(default_factory=dict)

    def render(self, board_name: str, visit: Passing | None = None) -> Progress:
        """Bring the pages of a board up to date, and go on for as long as the visit lasts.

        Each time that all is drawn that waited when this turn began, it is asked whether somebody
        else waits: a board that is posted to without end must not starve the others.

        Who lingers draws what lists threads at a pace. What of it is not drawn yet when somebody
        else is to have the board or the worker waits on.

        Where the database can't read what one page shows, that page stays as it stands, and the
        others are drawn.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable, StoreDamaged: what waits goes on waiting.
        """
        visit = visit or Passing()
        try:
            return self._render(board_name, visit)
        except NoSuchBoard:
            self._paces.pop(board_name, None)
            return Progress(take_pages_away(self, board_name), is_done=True)
        except StoreDamaged:
            if board_name in self._damaged:
                raise
            self._damaged.add(board_name)
            return self._render(board_name, visit)

    def _render(self, board_name: str, visit: Passing) -> Progress:
        with self.database.connection() as db, self.holding(db, board_name) as held:
            is_wanted = partial(render_lock.is_wanted, db, board_name)
            agenda = self._agenda(db, board_name, held, visit)
            while self._draw_all(db, board_name, agenda, held, visit, is_wanted):
                woken = visit.wait(agenda.due_s(), is_wanted)
                if woken == "give way":
                    break
                if woken == "go":
                    if not visit.lingers:
                        held.is_doubtful = False
                        return Progress(agenda.settled, is_done=True)
                    # Once more, and all that waits: who counted on us has called nobody.
                    visit.leave()
                    visit, agenda.pace = Passing(visit.others_wait), Pace()
            return self._left(db, board_name, agenda, visit)

    def _draw_all(
        self,
        db: Connection,
        board_name: str,
        agenda: Agenda,
        held: Held,
        visit: Passing,
        is_wanted: Callable[[], bool],
    ) -> bool:
        """Draw what may be drawn by now; False: it gave way to others before that was all."""
        turn_no = 0
        while True:
            if visit.listen():
                agenda.pace.hurry()
            step = self.step(db, board_name, agenda, held)
            if step is None:
                return True
            self._make_room(board_name, step)
            if not turn_no or step.seen == CHANGES_PER_STEP_MAX:
                turn_no = agenda.seen_no
            if agenda.drawn_no(time.monotonic()) >= turn_no:
                held.is_doubtful = False
                if visit.gives_way(is_wanted):
                    return False
                turn_no = 0
            if step.seen >= BURST_CHANGES:
                self.rest(min(REST_PER_CPU_S * step.cpu_s, REST_S_MAX))
            if visit.lingers and step.is_last and not agenda.has_work(time.monotonic()):
                return True

    def _make_room(self, board_name: str, step: Step) -> None:
        """For what the step has drawn: by what falls off the board, and off a cyclical thread."""
        if step.moves_threads:
            making_room.prune(self.database, board_name, limits=self.limits)
        if step.has_cyclical:
            making_room.cycle(self.database, board_name)

    def _agenda(self, db: Connection, board_name: str, held: Held, visit: Passing) -> Agenda:
        """What is to be drawn of a board that was just taken: nothing is known of it yet."""
        if held.is_doubtful:
            # Also what is said to be shown already is drawn, and at once.
            self._paces.pop(board_name, None)
            shown_no = 0
        else:
            shown_no = outbox.threads_shown(db, board_name)
        if not visit.lingers:
            return Agenda(self.kinds, shown_before_no=shown_no)
        now_s = time.monotonic()
        self._paces = {name: pace for name, pace in self._paces.items() if not pace.is_idle(now_s)}
        pace = self._paces.setdefault(board_name, Pace(self.lists_pace_s))
        return Agenda(self.kinds, pace, shown_no)

    def _left(self, db: Connection, board_name: str, agenda: Agenda, visit: Passing) -> Progress:
        """Leave to others what is not drawn yet."""
        visit.leave()
        if agenda.settled_no < agenda.shown_no and not agenda.left_unread:
            outbox.note_threads_shown(db, board_name, agenda.shown_no)
        # Whoever was told that somebody is here has called nobody.
        more = outbox.waiting(db, board_name, 1, after=agenda.seen_no)
        is_done = not more and not agenda.has_work(time.monotonic())
        return Progress(agenda.settled, is_done)


def build_loop(settings: Settings, database: Database) -> RenderLoop:
    """The render loop of the board that the settings describe."""
    return RenderLoop.from_settings(
        settings, database, limits=settings.limits, lists_pace_s=settings.lists_pace_ms / 1000
    )
