"""`stillboard migrate`: what containers and systemd call before a version's programs start."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.registry import stillboard
from deploy.embedded.service import free_port
from deploy.embedded.valkey import Valkey
from imageboard.errors import QueueIsCluster, StoreUnavailable
from imageboard.store import boards, migrations
from imageboard.store.database import Database
from tests.servers import running

pytestmark = pytest.mark.slow


def migrate(data: Path, url: str, **environ: str) -> Result:
    return CliRunner().invoke(
        stillboard, ["migrate", "--data", str(data)], obj={"DATABASE_URL": url} | environ
    )


def test_an_empty_database_gets_its_tables_a_board_and_an_account_once(
    tmp_path: Path, empty_database_url: str
) -> None:
    data = tmp_path / "data"
    first = migrate(data, empty_database_url)
    assert first.exit_code == 0, first.output
    login = data / "first-login.txt"
    assert login.stat().st_mode & 0o077 == 0
    password = login.read_text().split("password: ")[1].strip()
    assert password
    assert password not in first.output, "which stands in a container's log"
    assert str(login) in first.output

    second = migrate(data, empty_database_url)
    assert second.exit_code == 0
    assert second.output == "the tables are of this version\n"

    database = Database(empty_database_url, connections_max=2)
    database.open()
    with database.connection() as db:
        assert migrations.is_current(db)
        assert [board.name for board in boards.list_all(db)] == ["b"]
    database.close()


def test_a_database_that_can_not_be_reached_is_a_failure(tmp_path: Path) -> None:
    done = migrate(tmp_path, f"postgresql://stillboard@{str(tmp_path).replace('/', '%2F')}/none")
    assert isinstance(done.exception, StoreUnavailable)


class ClusterNode(Valkey):
    """One that was told to be part of a Redis Cluster."""

    port = 0

    def prepare(self) -> None:
        super().prepare()
        self.port = self.port or free_port()
        with (self.folder / "valkey.conf").open("a", encoding="utf-8") as conf:
            conf.write(f"port {self.port}\ncluster-port {free_port()}\ncluster-enabled yes\n")


def test_a_redis_cluster_is_refused_by_name(tmp_path: Path, short_folder: Path) -> None:
    """Posts would be stored, and no renderer woken: it refuses a call and its key together."""
    folder = short_folder / "cluster"
    folder.mkdir()
    with running(ClusterNode(folder, socket_dir=folder, password="queue")) as node:
        done = migrate(tmp_path, "postgresql://nobody@127.0.0.1:1/none", REDIS_URL=node.url)
    assert isinstance(done.exception, QueueIsCluster)
    assert "Redis Cluster" in str(done.exception)


def test_a_queue_that_is_away_stops_no_migration(tmp_path: Path, empty_database_url: str) -> None:
    done = migrate(tmp_path, empty_database_url, REDIS_URL="redis://127.0.0.1:1/0")
    assert done.exit_code == 0, done.output
