"""The jobs of the render queue: render one board, or the pages that show several.

RQ calls them by name; `prepare` gives this process the parts that it works with, once, when the
worker starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.errors import DiskFull, NoSuchBoard
from imageboard.queue.wake_up import WakeUp, connect
from imageboard.settings import Settings
from imageboard.store.database import Database
from monitoring import metrics
from monitoring.logs import get_logger, request_id
from renderer.render_loop import RenderLoop, build_loop

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker works with."""

    database: Database
    wake_up: WakeUp
    loop: RenderLoop


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
    return Parts(database=database, wake_up=wake_up, loop=loop)


def prepare(parts: Parts) -> None:
    global _parts  # RQ hands a job nothing but its arguments
    _parts = parts


def render_board(board: str) -> int:
    """Render what waits for one board; the number of changes that its pages now show."""
    parts = _prepared()
    try:
        progress = parts.loop.render(board, gives_way=lambda: parts.wake_up.others_wait(board))
    except NoSuchBoard:
        log.warning("board_unknown", board=board)
        return 0
    except DiskFull as ex:
        # Pages are as they were. Catch-up calls again once there is room.
        metrics.part_failures.labels("disk").inc()
        log.warning("no_room_for_pages", board=board, path=str(ex.path))
        return 0
    if not progress.is_done:
        # Folded: a call that waits already is enough, and a second would come back for ever.
        parts.wake_up.ask_for_render(board)
    return progress.changes


def render_site() -> int:
    """Bring the pages up to date that show several boards; the number of files written."""
    return _prepared().loop.site_pages.render_unless_somebody_does()


def _prepared() -> Parts:
    assert _parts is not None, "the worker calls prepare() first"
    return _parts
