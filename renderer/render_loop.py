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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import NamedTuple

from imageboard.boards import Board
from imageboard.errors import NoSuchBoard, StoreDamaged, StoreUnavailable
from imageboard.facts import Fact, PostAdded, ThreadRemoved
from imageboard.settings import Settings
from imageboard.store import (
    archive,
    board_removals,
    outbox,
    publications,
    render_lock,
    takedowns,
)
from imageboard.store import boards as stored_boards
from imageboard.store import posts as stored_posts
from imageboard.store.database import (
    Connection,
    Database,
    share_snapshot,
    snapshot,
    unless_damaged,
)
from imageboard.store.outbox import Change
from monitoring import metrics
from monitoring.logs import get_logger
from renderer.agenda import Agenda, in_order, stale_pages
from renderer.appearance import appearance
from renderer.kept_threads import KeptThreads
from renderer.pace import Pace
from renderer.pages import board_kinds
from renderer.pages.kind import BoardKind, Key, Page, ThreadKind
from renderer.pages.media import KIND as MEDIA
from renderer.pages.view import BoardView
from renderer.painter import Painter
from renderer.publishing import Publisher
from renderer.site_pages import Removed, SitePages
from renderer.visits import Passing
from renderer.web_root import Held

log = get_logger(__name__)

#: Changes that one step takes at most: it bounds the memory of a step, not its truth, since the
#: pages show all of the snapshot anyway.
CHANGES_PER_STEP_MAX = 5_000
#: Files of what was removed that the second stage is told of before the step that takes them away
#: has ended. Of one post they are fewer: it waits for no more than before.
HANDED_ON_FILES = 32
#: Threads that are set aside between two steps at most, each in a transaction of its own.
PRUNED_PER_STEP_MAX = 10
#: Files of a board that is going, which go in one step.
TAKEN_AWAY_AT_ONCE = 1_000
#: Archived threads that are drawn anew under one lock: posts wait for no more than that.
ARCHIVED_AT_ONCE = 10
#: Replies of cyclical threads that are removed between two steps at most.
CYCLED_PER_STEP_MAX = 50
#: A burst: so many changes came in while one step was drawn. Then the loop rests for a part of the
#: time that the step took of a processor, at most so long. PERF: that leaves the processor to those
#: who store posts, and each page that is drawn shows more of them. With 16 clients on 20 threads a
#: whole rest gives 680 posts a second, seen after 0.79 s (p99), half of it 640 after 0.58.
BURST_CHANGES = 8
REST_PER_CPU_S = 0.5
REST_S_MAX = 0.1


class Share(NamedTuple):
    """Pages of one board that are to be redrawn as they are at one moment."""

    board: str
    pages: Sequence[Page]
    #: The name of the holder's snapshot.
    snapshot: str
    believes_ledger: bool
    #: Whether others draw the rest of them beside it, so that it has one processor at most.
    has_one_core: bool = False


class Progress(NamedTuple):
    """How far a board's pages were brought."""

    #: Changes that they now show.
    changes: int
    #: Whether nothing was left that has to be drawn at once.
    is_done: bool


class _Step(NamedTuple):
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
class RenderLoop(Painter):
    """Renders boards into one web root."""

    kept: KeptThreads = field(default_factory=KeptThreads)
    #: False: threads that were just bumped fall off too.
    limits: bool = True
    #: Whether a second stage follows, and what calls it when something was published.
    has_cloud: bool = False
    on_published: Callable[[], object] = lambda: None
    #: Called after each step: what shows several boards may be behind now.
    on_changed: Callable[[], object] = lambda: None
    kinds: Mapping[str, BoardKind] = field(default_factory=board_kinds)
    #: Waits for so many seconds.
    rest: Callable[[float], object] = time.sleep
    #: How often what lists threads is drawn while somebody stays at a board.
    lists_pace_s: float = 0.0
    #: Of each board that was left lately: what was drawn a moment ago waits on.
    _paces: dict[str, Pace] = field(default_factory=dict)
    #: Boards of which the database can't read all: each page is drawn by itself then.
    _damaged: set[str] = field(default_factory=set)

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
            return Progress(self.take_away(board_name), is_done=True)
        except StoreDamaged:
            if board_name in self._damaged:
                raise
            self._damaged.add(board_name)
            return self._render(board_name, visit)

    def take_away(self, board_name: str) -> int:
        """Take away all that stands of a board that is going; how many files of it there were.

        What of it the site's own pages show goes too, before this is settled. Some files at a time,
        each time written down: whoever is killed leaves the rest to the next.

        Raises:
            NoSuchBoard: it is not there, and not going (any more).
        """
        taken = 0
        with self.database.connection() as db, self.holding(db, board_name) as held:
            if not board_removals.is_going(db, board_name):
                raise NoSuchBoard(board=board_name)
            for paths in publications.paths_of_board(db, board_name, TAKEN_AWAY_AT_ONCE):
                for path in paths:
                    self.web_root.remove(path)
                with db.transaction():
                    change_no = takedowns.board_gone_from_origin(
                        db, board_name, paths, has_cloud=self.has_cloud
                    )
                    publications.forget(db, paths, change_no)
                taken += len(paths)
                metrics.files_removed.inc(len(paths))
                self.on_published()
            of_site = self.site_pages.draw(db, removed=Removed(board_name, None)).showing_posts
            self.site_pages.draw(db)
            # Whatever else lies there; the board's log went with the site's pages.
            self.web_root.remove_folder(board_name)
            with db.transaction():
                change_no = takedowns.board_gone_from_origin(
                    db, board_name, of_site, has_cloud=self.has_cloud
                )
                # What was removed just before, and is gone only now.
                for removal in takedowns.gone_from_origin(
                    db, board_name, change_no, [], has_cloud=self.has_cloud
                ):
                    for name in removal.uploads:
                        self.uploads.drop(name)
                outbox.settle(db, board_name, change_no)
            held.is_doubtful = False
        self._paces.pop(board_name, None)
        self.on_published()
        self.on_changed()
        log.info("board_taken_away", board=board_name, files=taken)
        return taken

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
            # The ledger is not believed until what an interrupted holder left is made good.
            step = self._step(db, board_name, agenda, believes_ledger=not held.is_doubtful)
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

    def _make_room(self, board_name: str, step: _Step) -> None:
        """For what the step has drawn: by what falls off the board, and off a cyclical thread."""
        if step.moves_threads:
            self.prune(board_name)
        if step.has_cyclical:
            self.cycle(board_name)

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

    def prune(self, board_name: str) -> int:
        """Archive or set aside threads without room on their board, the last ones first; how many.

        One for which that can't be done now (its board is held by somebody else) stays until the
        next time: neither a poster nor a page waits for it.
        """
        for pruned in range(PRUNED_PER_STEP_MAX):
            try:
                thread = self.database.again_on_deadlock(
                    lambda db: stored_posts.prune(db, board_name, limits=self.limits)
                )
            except StoreUnavailable:
                metrics.part_failures.labels("database").inc()
                log.warning("pruning_put_off", board=board_name)
                return pruned
            if thread is None:
                return pruned
            log.info("thread_fell_off", board=board_name, thread=thread)
        return PRUNED_PER_STEP_MAX

    def cycle(self, board_name: str) -> int:
        """Remove the oldest replies of cyclical threads that have too many; how many.

        As prune() does: what can't be done now is done the next time.
        """
        for removed in range(CYCLED_PER_STEP_MAX):
            try:
                reply = self.database.again_on_deadlock(
                    lambda db: stored_posts.cycle(db, board_name)
                )
            except StoreUnavailable:
                metrics.part_failures.labels("database").inc()
                log.warning("pruning_put_off", board=board_name)
                return removed
            if reply is None:
                return removed
        return CYCLED_PER_STEP_MAX

    @property
    def site_pages(self) -> SitePages:
        """What draws the pages that show several boards."""
        return self.beside(SitePages, kept=self.kept)

    def redraw_archived(self, board_name: str, threads_max: int = ARCHIVED_AT_ONCE) -> int:
        """Draw the next of its archived threads with the board's settings; how many, 0: all are.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable, StoreDamaged: they are drawn the next time.
        """
        with self.database.connection() as db, self.holding(db, board_name) as held:
            with snapshot(db):
                view = self.view(db, board_name)
                numbers = archive.not_drawn(db, view.board, threads_max)
                with Publisher(
                    db,
                    self.web_root,
                    self.uploads,
                    view.board,
                    believes_ledger=not held.is_doubtful,
                ) as publisher:
                    # Page by page: one that can't be read must not stop all others.
                    # Also their files: threads that came with a board never stood on it.
                    media = map(MEDIA.page_of_archived, numbers)
                    pages = chain(media, pages_of_threads(self.kinds, numbers))
                    _publish_what_can_be_read(view, pages, publisher)
            with db.transaction():
                publisher.record(db)
                self.note_look(db, view.board, is_mixed=publisher.left_unread)
                archive.note_drawn(
                    db, view.board, numbers[-1] if len(numbers) == threads_max else None
                )
        self.on_published()
        return len(numbers)

    def redraw(self, board_name: str, pages: Sequence[Page]) -> int:
        """Draw these pages anew, whether or not anything changed; the number of files written."""
        return self.redraw_shared(board_name, pages, lambda share, _lock: self.redraw_share(share))

    def redraw_shared(
        self,
        board_name: str,
        pages: Sequence[Page],
        spread: Callable[[Share, int], int],
    ) -> int:
        """The same; `spread` has the pages drawn, and returns how many files were written.

        It is given the lock's open file: as long as any process has it open, nobody else writes.

        What waits is drawn first. That makes good what an interrupted holder left: these pages
        alone would not, and all of them would be written again, each time, until somebody posts.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable, and what `spread` raises.
        """
        self.render(board_name)
        with (
            self.database.connection() as db,
            self.holding(db, board_name) as held,
            snapshot(db),
        ):
            share = Share(board_name, pages, share_snapshot(db), not held.is_doubtful)
            written = spread(share, held.file)
        self.on_published()
        return written

    def redraw_share(self, share: Share) -> int:
        """Draw a part of what whoever holds the board redraws; the number of files written."""
        with self.database.connection() as db:
            with snapshot(db, of=share.snapshot):
                view = self.view(db, share.board)
                with Publisher(
                    db,
                    self.web_root,
                    self.uploads,
                    view.board,
                    believes_ledger=share.believes_ledger,
                    has_one_core=share.has_one_core,
                ) as publisher:
                    publish(view, share.pages, publisher)
            with db.transaction():
                publisher.record(db)
                self.note_look(db, view.board)
        return publisher.written

    def not_standing(self, view: BoardView, pages: Sequence[Page]) -> Sequence[Page]:
        """Those of these pages, archived threads apart, that may not stand as they would be drawn.

        Where all of the board was drawn with today's appearance, a page is what its facts have made
        of it: one for which none waits stands as the ledger says, unless its file is gone or cut.
        """
        waiting = outbox.waiting(view.db, view.board.name, CHANGES_PER_STEP_MAX)
        is_whole = any(change.fact.touches_whole_board for change in waiting)
        is_known = view.board.drawn_as == self.appearance
        if not is_known or is_whole or len(waiting) == CHANGES_PER_STEP_MAX:
            return pages
        stale = {page for change in waiting for page in stale_pages(self.kinds, change.fact)}
        drawing = [kind for kind in self.kinds.values() if not kind.draws_nothing]
        there = {path for kind in drawing for path in kind.paths_there(view)}
        paths_of = {
            page: view.kinds[page.kind].paths(view, page.key)
            for page in pages
            if page not in stale and not view.kinds[page.kind].draws_nothing
        }
        known = publications.known(view.db, list(chain.from_iterable(paths_of.values())))

        def stands(path: str) -> bool:
            written = known.get(path)
            if written is None:
                return path not in there
            return path in there and self.web_root.size(path) == written.bytes

        standing = {page for page, paths in paths_of.items() if all(map(stands, paths))}
        return [page for page in pages if page not in standing]

    def note_look(self, db: Connection, board: Board, *, is_mixed: bool = False) -> None:
        """Some of its pages were drawn as we draw them: if others were otherwise, it is mixed."""
        if board.drawn_as is not None and (is_mixed or board.drawn_as != self.appearance):
            stored_boards.note_drawn(db, board.name, None)

    @contextmanager
    def holding(self, db: Connection, name: str) -> Iterator[Held]:
        """The right to write the files of a board.

        Who has not made good what the last holder left leaves it doubtful (see WebRoot.lock).
        """
        with (
            render_lock.hold(db, name) as server_started,
            self.web_root.lock(name, server_started) as held,
        ):
            yield held

    def view(self, db: Connection, board_name: str) -> BoardView:
        """What a board's pages are drawn from, in the snapshot on `db`. Raises NoSuchBoard."""
        site = self.site_pages.site(db)
        for board in site.boards:
            if board.name == board_name:
                return BoardView(db, site, board, self.kept, self.kinds)
        raise NoSuchBoard(board=board_name)

    @property
    def appearance(self) -> str:
        """What its pages look like, besides the posts: see renderer/appearance.py."""
        return appearance(self.site_name, self.site_url, self.captcha, self.language, self.push_key)

    def _step(
        self, db: Connection, board_name: str, agenda: Agenda, *, believes_ledger: bool
    ) -> _Step | None:
        """Draw what is next; None when nothing is.

        In the order of service: what was removed, from every page, as a rule by itself; new posts
        on their threads; board pages and catalog when there is time, or when they have waited.
        """
        started_s, cpu_before_s = time.perf_counter(), time.process_time()
        with snapshot(db):
            changes = outbox.waiting(db, board_name, CHANGES_PER_STEP_MAX, after=agenda.seen_no)
            if not changes and not agenda.has_work(time.monotonic()):
                return None
            view = self.view(db, board_name)
            agenda.add(changes, lambda: whole_board(view), time.monotonic())
            removed = agenda.take_removed(time.monotonic())
            next_pages = agenda.take(time.monotonic(), posts_come_in=bool(changes))
            with Publisher(
                db, self.web_root, self.uploads, view.board, believes_ledger=believes_ledger
            ) as publisher:
                draw = _publish_what_can_be_read if board_name in self._damaged else publish
                publisher.is_urgent = True
                for some in _pictures_first(self.kinds, removed):
                    draw(view, some, publisher)
                    self._hand_on(publisher)
                publisher.is_urgent = False
                taken_down = publisher.paths
                draw(view, next_pages, publisher)
        agenda.left_unread |= publisher.left_unread
        if removed:
            # The one thing that a board's step carries to the site itself: no reader may find what
            # was removed a moment longer.
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
        return _Step(len(changes), cpu_s, moves_threads, view.has_cyclical)

    def _hand_on(self, publisher: Publisher) -> None:
        """Let the second stage follow with what is gone here, while the rest is drawn.

        Whoever is killed before the step is written down leaves the board doubtful, as without it.
        """
        if self.has_cloud and publisher.unrecorded >= HANDED_ON_FILES:
            publisher.finish()
            # Of its own: the snapshot lies on the other connection.
            with self.database.transaction() as beside:
                publisher.record(beside)
            self.on_published()


def build_loop(settings: Settings, database: Database) -> RenderLoop:
    """The render loop of the board that the settings describe."""
    return RenderLoop.from_settings(
        settings, database, limits=settings.limits, lists_pace_s=settings.lists_pace_ms / 1000
    )


def whole_board(view: BoardView) -> list[Page]:
    """All pages of a board, in the order in which they are drawn anew.

    All of a thread follow each other, in the place of the first. PERF: of a board with more posts
    than are kept, kind by kind, each thread was read and drawn anew for each kind: 500 threads of
    100 posts took twice as much a post as 50 of them.
    """
    pages = [kind.page(key) for kind in view.kinds.values() for key in kind.drawn_anew(view)]
    of_threads: dict[Key, list[Page]] = {}
    for page in pages:
        if isinstance(view.kinds[page.kind], ThreadKind):
            of_threads.setdefault(page.key, []).append(page)
    whole: list[Page] = []
    for page in pages:
        if isinstance(view.kinds[page.kind], ThreadKind):
            whole += of_threads.pop(page.key, ())
        else:
            whole.append(page)
    return whole


def pages_of_threads(kinds: Mapping[str, BoardKind], threads: Iterable[int]) -> Iterator[Page]:
    """All pages of these threads."""
    of_threads = [kind for kind in kinds.values() if isinstance(kind, ThreadKind)]
    return (kind.page(no) for no in threads for kind in of_threads)


def _pictures_first(kinds: Mapping[str, BoardKind], pages: set[Page]) -> Iterator[set[Page]]:
    """What goes without being drawn, and then what is drawn without it."""
    pictures = {page for page in pages if kinds[page.kind].draws_nothing}
    return filter(None, (pictures, pages - pictures))


def publish(view: BoardView, pages: Iterable[Page], publisher: Publisher) -> None:
    """Draw and publish these pages in the order of service, kind by kind."""
    in_turn = in_order(view.kinds, pages)
    for kind in view.kinds.values():
        keys = [page.key for page in in_turn if page.kind == kind.name]
        if not keys:
            continue
        if len(keys) > 1:
            kind.read_ahead(view, keys)
        drawn = (each for key in keys for each in kind.draw(view, key))
        if kind.draws_nothing:
            publisher.publish_named(kind, drawn)
        else:
            paths = (path for key in keys for path in kind.paths(view, key))
            publisher.publish(kind, drawn, paths)


def _publish_what_can_be_read(view: BoardView, pages: Iterable[Page], publisher: Publisher) -> None:
    """The same, page by page; one that can't be read stays as it stands."""
    for page in in_order(view.kinds, pages):
        try:
            with unless_damaged(view.db):
                publish(view, [page], publisher)
        except StoreDamaged as ex:
            publisher.left_unread = True
            metrics.part_failures.labels("database").inc()
            log.error(
                "page_unreadable",
                board=view.board.name,
                kind=page.kind,
                key=str(page.key),
                sqlstate=ex.sqlstate,
            )


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
