"""How a command reaches the board: its settings and database, for as long as the command runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy import environment
from imageboard.settings import Settings
from imageboard.store.database import Connection, Database

if TYPE_CHECKING:
    from imageboard.queue.wake_up import WakeUp


def read_settings(data: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings of the board that is up on `data`, or of the operator's own servers.

    Raises:
        ServiceFailed: neither is there.
        BadSetting: a setting is wrong.
    """
    return environment.settings_of_board(data, environ)


@contextmanager
def open_database(settings: Settings, *, connections_max: int = 2) -> Iterator[Database]:
    """The board's database."""
    database = Database(
        settings.database_url, connections_max=connections_max, name="stillboard command"
    )
    database.open()
    try:
        yield database
    finally:
        database.close()


@contextmanager
def transaction(data: Path | None, environ: Mapping[str, str]) -> Iterator[Connection]:
    """One transaction on the board's database, for commands that need no more."""
    settings = read_settings(data, environ)
    with open_database(settings) as database, database.transaction() as db:
        yield db


@contextmanager
def wake_up(settings: Settings) -> Iterator[WakeUp]:
    """What asks the render workers; when the queue is down, catch-up sees to it."""
    # Imported here: most commands call nobody, and RQ takes as long as all the rest.
    from imageboard.queue.wake_up import WakeUp, connect

    with closing(connect(settings.redis_url)) as queue:
        yield WakeUp(queue)


def ask_for_drawing(settings: Settings, boards: Iterable[str]) -> None:
    """Call for these boards and for what the whole site shows; who can't be called follows."""
    with wake_up(settings) as call:
        for name in boards:
            call.ask_for_render(name)
        call.ask_for_site()
