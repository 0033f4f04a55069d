"""A real PgBouncer between the board and PostgreSQL: it works, or it is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from cli.programs import PROGRAMS
from deploy.embedded.postgres import Postgres
from deploy.embedded.service import Identity, Service, identity_without_root
from imageboard.errors import SessionsShared
from imageboard.store import render_lock
from imageboard.store.database import Database
from tests.builders import a_board, a_post

pytestmark = pytest.mark.needs("pgbouncer")

CONFIGURATION = """\
[databases]
* = host={postgres} user=stillboard password=board-password
[pgbouncer]
unix_socket_dir = {folder}
unix_socket_mode = 0777
listen_port = 6432
auth_type = any
pool_mode = {mode}
server_round_robin = {round_robin}
server_reset_query = DISCARD ALL
default_pool_size = 5
# What some do about a start that was refused for its `options`: they are dropped unread.
ignore_startup_parameters = options
"""


class PgBouncer(Service):
    def __init__(self, postgres: Postgres, folder: Path, **how: object) -> None:
        super().__init__("pgbouncer", folder / "pgbouncer.log")
        self._folder = folder
        self._text = CONFIGURATION.format(postgres=postgres.socket_dir, folder=folder, **how)

    def identity(self) -> Identity:
        return identity_without_root()

    def prepare(self) -> None:
        (self._folder / "pgbouncer.ini").write_text(self._text)
        self._folder.chmod(0o777)

    def command(self) -> list[str]:
        return [PROGRAMS["pgbouncer"].path or "", str(self._folder / "pgbouncer.ini")]

    def ready(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url("postgres")):
            return True
        return False

    def url(self, name: str) -> str:
        return f"postgresql://stillboard@/{name}?host={self._folder}&port=6432"


Reach = Callable[..., Database]


@pytest.fixture
def through(
    postgres: Postgres, database_url: str, short_folder: Path, tmp_path: Path
) -> Iterator[Reach]:
    """`through("session")`: this test's database, behind a PgBouncer in that mode."""
    folder = short_folder / f"pgbouncer{abs(hash(tmp_path))}"
    folder.mkdir()
    started: list[PgBouncer] = []
    opened: list[Database] = []

    def reach(mode: str, *, round_robin: int = 0) -> Database:
        server = PgBouncer(postgres, folder, mode=mode, round_robin=round_robin)
        started.append(server)
        server.start()
        server.wait_until_ready()
        database = Database(server.url(database_url.rsplit("/", 1)[1]), connections_max=3)
        opened.append(database)
        database.open()
        return database

    yield reach
    for database in opened:
        database.close()
    for server in started:
        server.stop()


@pytest.mark.parametrize("round_robin", [0, 1])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_pooler_that_shares_sessions_is_refused_by_name(
    through: Reach, mode: str, round_robin: int
) -> None:
    """Render locks would stay with sessions that nobody knows, and renderers wait for them."""
    database = through(mode, round_robin=round_robin)
    with pytest.raises(SessionsShared, match="PgBouncer's pool_mode"), database.connection():
        pass


def test_pooler_in_session_mode_is_as_good_as_none(through: Reach, database: Database) -> None:
    pooled = through("session")
    a_post(pooled, a_board(pooled))
    with pooled.connection() as db:
        assert db.execute("SHOW lock_timeout").fetchone() == ("10s",)
        with (
            render_lock.hold(db, "b"),
            database.connection() as other,
            render_lock.hold_if_free(other, "b") as is_held,
        ):
            assert not is_held
        with render_lock.hold_if_free(db, "b") as is_held:
            assert is_held
