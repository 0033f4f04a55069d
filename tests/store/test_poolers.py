"""A real PgBouncer between the board and PostgreSQL: it works, or it is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from cli.programs import PROGRAMS
from cli.registry import stillboard
from deploy.embedded.postgres import Postgres
from deploy.embedded.service import Identity, Service, free_port, identity_without_root
from imageboard.errors import SessionsShared
from imageboard.store import boards, render_lock
from imageboard.store.database import Database
from tests.builders import a_board, a_post
from tests.nginx.certificates import a_certificate

pytestmark = [pytest.mark.slow, pytest.mark.needs("pgbouncer")]

CONFIGURATION = """\
[databases]
* = host={postgres} user=stillboard password=board-password
[pgbouncer]
unix_socket_dir = {folder}
unix_socket_mode = 0777
listen_port = {port}
auth_type = any
pool_mode = {mode}
server_round_robin = {round_robin}
server_reset_query = DISCARD ALL
default_pool_size = {sessions}
# What some do about a start that was refused for its `options`: they are dropped unread.
ignore_startup_parameters = options
{tls}
"""
TLS = """
listen_addr = 127.0.0.1
client_tls_sslmode = require
client_tls_cert_file = {made.certificate}
client_tls_key_file = {made.key}
"""


class PgBouncer(Service):
    def __init__(
        self,
        postgres: Postgres,
        folder: Path,
        mode: str,
        *,
        round_robin: int = 0,
        sessions: int = 10,
        tls: str = "",
    ) -> None:
        super().__init__("pgbouncer", folder / "pgbouncer.log")
        self._folder = folder
        self.port = free_port()
        self._text = CONFIGURATION.format(
            postgres=postgres.socket_dir,
            folder=folder,
            port=self.port,
            mode=mode,
            round_robin=round_robin,
            sessions=sessions,
            tls=tls,
        )

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
        return f"postgresql://stillboard@/{name}?host={self._folder}&port={self.port}"

    def url_with_tls(self, name: str, ca: Path) -> str:
        address = f"postgresql://stillboard@localhost:{self.port}/{name}?hostaddr=127.0.0.1"
        return f"{address}&sslmode=verify-full&sslrootcert={ca}"


Start = Callable[..., PgBouncer]
Reach = Callable[..., Database]


@pytest.fixture
def start(postgres: Postgres, short_folder: Path, tmp_path: Path) -> Iterator[Start]:
    folder = short_folder / tmp_path.name
    folder.mkdir()
    with ExitStack() as afterwards:

        def started(mode: str, **how: Any) -> PgBouncer:
            server = PgBouncer(postgres, folder, mode, **how)
            server.start()
            afterwards.callback(server.stop)
            server.wait_until_ready()
            return server

        yield started


@pytest.fixture
def through(start: Start, database_url: str) -> Iterator[Reach]:
    """`through("session")`: this test's database, behind a PgBouncer in that mode."""
    with ExitStack() as afterwards:

        def reach(mode: str, **how: Any) -> Database:
            url = start(mode, **how).url(database_url.rsplit("/", 1)[1])
            database = afterwards.enter_context(closing(Database(url, connections_max=3)))
            database.open()
            return database

        yield reach


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
    """Also one that has no session left for whoever finds out whether ours is kept."""
    pooled = through("session", sessions=2)
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


def test_board_lives_on_a_server_of_somebody_elses(
    start: Start, empty_database_url: str, tmp_path: Path
) -> None:
    """As hosts of databases have it: TLS by a CA of their own, a pooler, and no superuser."""
    made = a_certificate(tmp_path, "localhost")
    name = empty_database_url.rsplit("/", 1)[1]
    server = start("session", tls=TLS.format(made=made))
    url = server.url_with_tls(name, made.certificate)
    data = tmp_path / "data"
    environ = {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "STILLBOARD_WEB_ROOT": str(data / "public"),
        "STILLBOARD_ADDRESS_KEY": "k" * 32,
        "CSRF_KEY": "c" * 32,
    }

    def call(*arguments: str) -> None:
        done = CliRunner().invoke(stillboard, [*arguments, "--data", str(data)], obj=environ)
        assert done.exit_code == 0, done.output

    call("migrate")
    with closing(Database(url, connections_max=1)) as database:
        database.open()
        with database.connection() as db:
            assert db.info.get_parameters()["sslmode"] == "verify-full"
            assert db.info.parameter_status("is_superuser") == "off"
            board = boards.get(db, "b")
        a_post(database, board)
    call("rerender", "--all", "--processes", "1")
    call("verify")
    assert (data / "public/b/res/1.html").is_file()

    other = tmp_path / "other"
    other.mkdir()
    stranger = server.url_with_tls(name, a_certificate(other, "localhost").certificate)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(stranger)
