"""The jobs of the render queue: render one board, or the pages that show several.

RQ calls them by name; `prepare` gives this process the parts that it works with, once, when the
worker starts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import redis

from imageboard.errors import DiskFull, NoSuchBoard
from imageboard.queue.wake_up import WakeUp, connect
from imageboard.queue.worker import Worker
from imageboard.settings import Settings
from imageboard.store.database import Database
from monitoring import metrics
from monitoring.logs import get_logger, request_id
from renderer.lingering import Lingering
from renderer.render_loop import Progress, RenderLoop, build_loop
from renderer.visits import Passing

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker works with."""

    database: Database
    wake_up: WakeUp
    loop: RenderLoop
    is_told_to_stop: Callable[[], bool] = lambda: False


_parts: Parts | None = None


def build_parts(settings: Settings, *, name: str = "renderer", durable: bool = True) -> Parts:
    """The parts that the settings describe; connections open when they are first used.

    The database knows the program by `name`, by which `status` and `doctor` find it.

    A render worker's transactions need not be durable: PERF: what they write down can be made
    again, and a flush to disk after each step takes longer than the step.
    """
    settings.require("database_url", "redis_url")
    # One connection holds the lock and reads; the others are for what comes beside it.
    database = Database(settings.database_url, connections_max=4, name=name, durable=durable)
    database.open()
    wake_up = WakeUp(connect(settings.redis_url), request_id=request_id)
    loop = build_loop(settings, database)
    loop.on_changed = wake_up.ask_for_site
    if settings.has_cloud:
        loop.has_cloud = True
        loop.on_published = wake_up.ask_for_publishing
    return Parts(database, wake_up, loop, is_told_to_stop=lambda: Worker.told_to_stop)


def prepare(parts: Parts) -> None:
    global _parts  # RQ hands a job nothing but its arguments
    _parts = parts


def render_board(board: str) -> int:
    """Render what waits for one board; the number of changes that its pages now show."""
    parts = _prepared()
    try:
        progress = _drawn(parts, board)
    except NoSuchBoard:
        log.warning("board_unknown", board=board)
        return 0
    except DiskFull as ex:
        _tell_of_no_room(ex)
        return 0
    if not progress.is_done:
        # Folded: a call that waits already is enough, and a second would come back for ever.
        parts.wake_up.ask_for_render(board)
    return progress.changes


def _drawn(parts: Parts, board: str) -> Progress:
    """Stay at it while changes keep coming, if the queue lets us hear of them."""
    with ExitStack() as lines:
        try:
            if parts.wake_up.tell_holder(board):
                return Progress(changes=0, is_done=True)
            line = lines.enter_context(parts.wake_up.line(board))
        except redis.RedisError:
            return parts.loop.render(board, Passing(partial(parts.wake_up.others_wait, board)))
        visit = Lingering(
            partial(parts.wake_up.others_wait, board),
            line=line,
            help_out=_SiteBeside(parts).draw_some,
            is_told_to_stop=parts.is_told_to_stop,
        )
        return parts.loop.render(board, visit)


@dataclass
class _SiteBeside:
    """Pages that show several boards, drawn by who stays at one: else who calls for them had to
    wait, or the board.
    """

    parts: Parts
    _is_more_due: bool = False

    def draw_some(self) -> bool:
        """Of one kind, if they are called for; whether another is left."""
        if self.parts.wake_up.take_site_call() or self._is_more_due:
            try:
                self._is_more_due = self.parts.loop.site_pages.render_a_kind()
            except DiskFull as ex:
                _tell_of_no_room(ex)
                self._is_more_due = False
        return self._is_more_due


def render_site() -> int:
    """Bring the pages up to date that show several boards; the number of files written."""
    try:
        return _prepared().loop.site_pages.render_unless_somebody_does()
    except DiskFull as ex:
        _tell_of_no_room(ex)
        return 0


def _tell_of_no_room(ex: DiskFull) -> None:
    """Pages are as they were. Catch-up calls again once there is room."""
    metrics.part_failures.labels("disk").inc()
    log.warning("no_room_for_pages", path=str(ex.path))


def _prepared() -> Parts:
    assert _parts is not None, "the worker calls prepare() first"
    return _parts
