"""The real servers out of wheels: durable, private, and started again on what they left."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import redis

from deploy.embedded.nginx import Nginx, check_port
from deploy.embedded.postgres import Postgres, syncfs_tells_of_errors
from deploy.embedded.service import Identity, ServiceFailed, children_of, free_port
from deploy.embedded.valkey import Valkey
from deploy.parts import connect
from imageboard.store.room import MB
from nginx.site import NginxSite
from tests.deploy.stand_ins import eventually, is_alive
from tests.servers import running
from tests.tables import for_each


def a_postgres(folder: Path, socket_dir: Path, *, identity: Identity | None = None) -> Postgres:
    return Postgres(
        folder,
        socket_dir=socket_dir,
        password="it's \\ secret",
        superuser_password="other",
        log=folder / "postgres.log",
        identity=identity,
    )


def asked(url: str, question: str) -> object:
    with psycopg.connect(url) as db:
        row = db.execute(question).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="sb-") as socket_dir:
        server = a_postgres(tmp_path_factory.mktemp("data"), Path(socket_dir))
        with running(server):
            yield server


@pytest.mark.slow
@for_each(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("recovery_init_sync_method", "syncfs" if syncfs_tells_of_errors() else "fsync"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("password_encryption", "scram-sha-256"),
        ("listen_addresses", ""),
        ("TimeZone", "UTC"),
        ("is_superuser", "off"),
    ],
)
def test_postgres_settings(postgres: Postgres, setting: str, value: str) -> None:
    assert asked(postgres.url, f"SELECT current_setting('{setting}')") == value


@pytest.mark.slow
def test_postgres_sorts_by_code_point_everywhere(postgres: Postgres) -> None:
    """The pages must come out the same on every machine."""
    locale = (
        "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'stillboard'"
    )
    assert asked(postgres.url, locale) == "bC.UTF-8"
    assert asked(postgres.url, "SELECT lower('ÄÉ')") == "äé"


@pytest.mark.slow
def test_postgres_belongs_to_the_board_s_role(postgres: Postgres) -> None:
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'stillboard'"
    assert asked(postgres.url, owner) == "stillboard"
    assert asked(postgres.superuser_url, "SELECT current_setting('is_superuser')") == "on"


@pytest.mark.slow
def test_postgres_wants_the_password(postgres: Postgres) -> None:
    wrong = postgres.url.replace("stillboard:", "stillboard:not-", 1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


@pytest.mark.slow
def test_postgres_keeps_what_was_committed_when_it_is_killed(
    tmp_path: Path, socket_dir: Path
) -> None:
    server = a_postgres(tmp_path, socket_dir)
    with running(server):
        with psycopg.connect(server.url) as db:
            db.execute("CREATE TABLE post AS SELECT 124 AS no")
        assert server.pid
        children = children_of(server.pid)
        os.kill(server.pid, signal.SIGKILL)
        assert eventually(lambda: server.poll() is not None)
    # None starts as long as one of them is there.
    assert eventually(lambda: not any(map(is_alive, children)))
    again = a_postgres(tmp_path, socket_dir)
    with running(again):
        assert asked(again.url, "SELECT no FROM post") == 124


@pytest.mark.parametrize(
    ("system", "release", "tells"),
    [
        ("linux", "6.1.0-31-amd64", True),
        ("linux", "5.8.0", True),
        ("linux", "5.4.0-150-generic", False),
        ("linux", "4.19", False),
        ("darwin", "24.1.0", False),
    ],
)
def test_all_files_are_flushed_in_one_call_where_that_tells_of_errors(
    monkeypatch: pytest.MonkeyPatch, system: str, release: str, tells: bool
) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release=release))
    assert syncfs_tells_of_errors() is tells


@pytest.mark.slow
@for_each(
    ("disk_mb", "slot_wal_mb", "wal_mb"),
    [(200, 64, 64), (4096, 512, 512), (16_384, 2048, 1024), (1_000_000, 4096, 1024)],
)
def test_log_of_changes_fills_no_small_disk(
    postgres: Postgres, disk_mb: int, slot_wal_mb: int, wal_mb: int
) -> None:
    """By default it takes a gigabyte between two checkpoints, whatever there is."""
    with pytest.MonkeyPatch.context() as patched:
        disk = SimpleNamespace(total=disk_mb * MB)
        patched.setattr("deploy.embedded.postgres.shutil.disk_usage", lambda _folder: disk)
        postgres.prepare()
    written = (postgres.cluster / "postgresql.conf").read_text()
    assert f"max_slot_wal_keep_size = {slot_wal_mb}MB\n" in written
    assert f"max_wal_size = {wal_mb}MB\n" in written


@pytest.mark.slow
def test_postgres_begins_anew_when_its_making_was_interrupted(
    tmp_path: Path, socket_dir: Path
) -> None:
    (tmp_path / "postgres.unfinished").mkdir()
    (tmp_path / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    server = a_postgres(tmp_path, socket_dir)
    with running(server):
        assert asked(server.url, "SELECT 1") == 1


def test_postgres_of_another_version_is_refused_with_the_way_out(
    tmp_path: Path, socket_dir: Path
) -> None:
    server = a_postgres(tmp_path, socket_dir)
    server.cluster.mkdir()
    (server.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServiceFailed, match="was made by PostgreSQL 17, and this is 18: dump it"):
        server.start()


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_postgres_runs_as_nobody_where_there_are_no_user_namespaces(socket_dir: Path) -> None:
    for folder in (socket_dir, socket_dir / "data", socket_dir / "run"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    server = a_postgres(socket_dir / "data", socket_dir / "run", identity="nobody")
    with running(server):
        assert asked(server.url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_postgres_that_nobody_can_reach_is_one_sentence(tmp_path: Path, socket_dir: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    server = a_postgres(hidden, socket_dir, identity="nobody")
    with pytest.raises(ServiceFailed, match="start the board as another user"):
        server.start()


@pytest.fixture
def valkey(tmp_path: Path, socket_dir: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path, socket_dir=socket_dir, password="secret", log=tmp_path / "log")
    with running(server):
        yield server


def test_valkey_keeps_jobs_rather_than_evicting_them(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as queue:
        assert queue.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert queue.config_get("append*")["appendonly"] == "yes"


def test_valkey_wants_the_password(valkey: Valkey) -> None:
    with (
        connect(valkey.url.replace("secret", "guess")) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


@pytest.mark.slow
def test_valkey_finds_its_queue_again_after_a_stop(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as queue:
        queue.rpush("queue", "board b")
    valkey.stop()
    valkey.start()
    valkey.wait_until_ready()
    with redis.Redis.from_url(valkey.url) as queue:
        assert queue.lrange("queue", 0, -1) == [b"board b"]


@pytest.mark.slow
def test_valkey_starts_with_an_empty_queue_when_its_folder_is_gone(valkey: Valkey) -> None:
    """Losing the queue loses nothing: the outbox has it all."""
    assert valkey.pid
    os.kill(valkey.pid, signal.SIGKILL)
    assert eventually(lambda: valkey.poll() is not None)
    for file in sorted(valkey.folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    valkey.start()
    valkey.wait_until_ready()


@pytest.mark.slow
def test_nginx_serves_the_pages_while_nobody_writes(tmp_path: Path) -> None:
    web_root = tmp_path / "public"
    web_root.mkdir()
    (web_root / "index.html").write_text("<!doctype html><title>b</title></html>")
    server = Nginx(
        NginxSite(
            web_root=web_root,
            writer_upstreams=(f"unix:{tmp_path}/nobody.sock",),
            run_dir=tmp_path / "nginx",
            listen_port=free_port(),
            worker_processes=1,
        ),
        log=tmp_path / "nginx.log",
    )
    url = f"http://127.0.0.1:{server.site.listen_port}/"
    with running(server):
        with urllib.request.urlopen(url) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"{url}readyz")
        assert refusal.value.status == 503
        refusal.value.close()
    assert not server.ready()


def test_a_taken_port_is_one_sentence_that_says_what_to_do() -> None:
    port = free_port()  # of those that no connection is given afterwards
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(ServiceFailed, match=f"port {port} is taken: .* choose another"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_a_host_that_is_not_ours_is_one_sentence(host: str) -> None:
    with pytest.raises(ServiceFailed, match=host):
        check_port(host, 8080)
