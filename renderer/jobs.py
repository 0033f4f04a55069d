"""The one job of the render queue.

RQ calls it by name with the board as its only argument; `prepare` gives this process the parts
that it works with, once, when the worker starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.errors import NoSuchBoard
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.uploads import UploadStore
from imageboard.wake_up import WakeUp, connect
from monitoring.logs import get_logger
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a render worker works with."""

    database: Database
    wake_up: WakeUp
    loop: RenderLoop


_parts: Parts | None = None


def build_parts(settings: Settings) -> Parts:
    """The parts that the settings describe; connections open when they are first used."""
    settings.require("database_url", "redis_url")
    # One connection holds the lock and reads; a second is there for what comes beside it.
    database = Database(settings.database_url, connections_max=2, name="renderer")
    database.open()
    return Parts(
        database=database,
        wake_up=WakeUp(connect(settings.redis_url)),
        loop=RenderLoop(
            database=database,
            web_root=WebRoot(settings.web_root),
            uploads=UploadStore(settings.data / "uploads"),
            site_name=settings.site_name,
            site_url=settings.site_url,
        ),
    )


def prepare(parts: Parts) -> None:
    global _parts  # RQ hands a job nothing but its arguments
    _parts = parts


def render_board(board: str) -> int:
    """Render what waits for one board; the number of changes that its pages now show."""
    assert _parts is not None, "the worker calls prepare() first"
    # Before the outbox is read: a change that comes from here on makes a call of its own.
    _parts.wake_up.answered(board)
    try:
        return _parts.loop.render(board)
    except NoSuchBoard:
        log.warning("board_unknown", board=board)
        return 0
