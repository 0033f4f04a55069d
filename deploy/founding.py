"""What the database is given before the board starts: its tables, and once a board and an admin."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from imageboard import captchas, push_keys
from imageboard.errors import StoreUnavailable
from imageboard.queue import connections, wake_up
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import BoardSettings, Settings
from imageboard.store import boards, migrations, outbox, site_moment, staff
from imageboard.store.database import Database

FIRST_BOARD = "b"
FIRST_STAFF = "admin"


@dataclass(frozen=True, slots=True)
class FirstLogin:
    """The first staff account: told once."""

    name: str
    password: str


def prepare_database(settings: Settings, keep: Callable[[FirstLogin], None]) -> FirstLogin | None:
    """Bring the tables up to date; found the board if there is none yet.

    `keep` stores the login where the operator finds it; it is called before the commit, so
    that no crash leaves an account whose password nobody knows.

    Raises:
        StoreUnavailable: the database can't be reached.
        QueueIsCluster: nobody would be woken for what is posted.
    """
    if settings.redis_url:
        with closing(wake_up.connect(settings.redis_url)) as queue:
            connections.refuse_cluster(queue)
    database = Database(settings.database_url, connections_max=2, name="stillboard up")
    database.open()
    try:
        migrations.apply(database)
        login = found_board(database, keep)
    finally:
        database.close()
    if login is not None and settings.redis_url:
        with closing(wake_up.connect(settings.redis_url)) as queue:
            WakeUp(queue).ask_for_render(FIRST_BOARD)
    return login


def found_board(database: Database, keep: Callable[[FirstLogin], None]) -> FirstLogin | None:
    """/b/ and the account `admin`, unless there are boards or staff; in one transaction."""
    with database.transaction() as db:
        if boards.list_all(db) or staff.list_all(db):
            return None
        login = FirstLogin(FIRST_STAFF, secrets.token_urlsafe(12))
        boards.add(db, FIRST_BOARD, BoardSettings())
        staff.add(db, login.name, login.password)
        keep(login)
    return login


def every_page_stands(settings: Settings) -> bool:
    """Whether no change waits for a page; False also when the database does not say."""
    database = Database(settings.database_url, connections_max=1, name="stillboard up")
    try:
        database.open()
        with database.connection() as db:
            return not outbox.lag(db) and not site_moment.is_behind(db)
    except StoreUnavailable:
        return False
    finally:
        database.close()


def boards_drawn_otherwise(settings: Settings) -> list[str]:
    """Names of boards of which some pages were drawn with other templates.

    Raises:
        StoreUnavailable: the database can't be reached.
    """
    # Imported here: loading the templates would delay the start of a board.
    from renderer.appearance import appearance

    database = Database(settings.database_url, connections_max=1, name="stillboard up")
    database.open()
    try:
        with database.connection() as db:
            look = appearance(
                settings.site_name,
                settings.site_url,
                captchas.shown(settings),
                settings.language,
                push_keys.shown(settings),
            )
            return boards.drawn_otherwise(db, look)
    finally:
        database.close()
