"""What catch-up shows of the board as a whole is what is there."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from prometheus_client import REGISTRY

from deploy.backups import record
from imageboard.queue.wake_up import WakeUp, connect
from imageboard.store.database import Database
from monitoring import metrics
from renderer.keeper.figures import BOARDS_MAX, Figures
from tests.builders import a_board, a_post


@pytest.fixture
def figures(database: Database, queue: redis.Redis, tmp_path: Path) -> Figures:
    return Figures(
        database,
        WakeUp(queue),
        folders={"data": tmp_path},
        backups=tmp_path / "backups",
        certificate=tmp_path / "chain.pem",
    )


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"stillboard_{name}", labels)


@pytest.mark.slow
def test_board_that_is_behind_is_shown_and_is_at_0_when_it_has_caught_up(
    database: Database, figures: Figures
) -> None:
    a_post(database, a_board(database))
    with database.transaction() as db:
        db.execute("UPDATE outbox SET added_at = added_at - interval '9 seconds'")
    figures.look_at_database()
    assert (shown("board_unsettled_seconds", board="b") or 0) >= 9
    with database.transaction() as db:
        db.execute("DELETE FROM outbox")
    figures.look_at_database()
    assert shown("board_unsettled_seconds", board="b") == 0


def test_boards_are_shown_one_by_one_up_to_a_limit(figures: Figures) -> None:
    figures._show_lag({f"board{number:04}": 1.0 for number in range(BOARDS_MAX + 20)})
    assert shown("board_unsettled_seconds", board="board0007") == 1
    assert shown("board_unsettled_seconds", board=f"board{BOARDS_MAX:04}") is None


def test_bans_and_reports_are_counted_while_they_are_in_force(
    database: Database, figures: Figures
) -> None:
    a_post(database, a_board(database))
    with database.transaction() as db:
        db.execute(
            "INSERT INTO bans (range, reason, created_by, expires_at, lifted_at) VALUES"
            " ('192.0.2.0/24', 'x', 'admin', NULL, NULL),"
            " ('192.0.3.0/24', 'x', 'admin', now() - interval '1 day', NULL),"
            " ('192.0.4.0/24', 'x', 'admin', NULL, now())"
        )
        db.execute(
            "INSERT INTO reports (board, post_no, reason, address_hash, dismissed_at) VALUES"
            " ('b', 1, 'x', '\\x01', NULL), ('b', 1, 'x', '\\x02', now())"
        )
    figures.look_at_database()
    assert shown("bans_in_force") == 1
    assert shown("open_reports") == 1
    assert (shown("database_bytes") or 0) > 1e6


def test_slot_that_nobody_reads_is_shown_until_it_is_dropped(
    database: Database, figures: Figures, postgres: object
) -> None:
    with psycopg.connect(postgres.superuser_url, autocommit=True) as db:  # type: ignore[attr-defined]
        db.execute("SELECT pg_create_physical_replication_slot('away', true)")
        try:
            figures.look_at_database()
            assert shown("replication_slot_active", slot="away") == 0
            assert (shown("replication_slot_bytes", slot="away") or 0) >= 0
        finally:
            db.execute("SELECT pg_drop_replication_slot('away')")
    figures.look_at_database()
    assert shown("replication_slot_active", slot="away") is None


def test_queues_are_shown_with_the_age_of_the_oldest_call(
    figures: Figures, queue: redis.Redis
) -> None:
    figures.wake_up.ask_for_render("b")
    figures.wake_up.ask_for_render("c")
    (oldest,) = queue.lrange("rq:queue:render", 0, 0)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    queue.hset(f"rq:job:{oldest.decode()}", "enqueued_at", an_hour_ago.isoformat())
    figures.look_at_queues()
    assert shown("queue_jobs", queue="render", state="waiting") == 2
    assert shown("queue_jobs", queue="publish", state="waiting") == 0
    assert shown("queue_oldest_seconds", queue="render") == pytest.approx(3600, abs=60)
    assert shown("queue_workers", queue="render") == 0


def test_queue_that_is_down_has_no_figures_rather_than_old_ones(figures: Figures) -> None:
    figures.wake_up.ask_for_render("b")
    figures.look_at_queues()
    before = shown("part_failures_total", part="queue") or 0
    figures.wake_up = WakeUp(connect("redis://127.0.0.1:1/0"))
    figures.look_at_queues()
    assert math.isnan(shown("queue_jobs", queue="render", state="waiting") or 0)
    assert math.isnan(shown("queue_workers", queue="render") or 0)
    assert shown("part_failures_total", part="queue") == before + 1


def test_disk_has_room(figures: Figures) -> None:
    figures.look_at_disks()
    free, size = shown("disk_free_bytes", folder="data"), shown("disk_bytes", folder="data")
    assert free
    assert size
    assert 0 < free < size


def test_folder_that_is_not_there_is_left_out(figures: Figures) -> None:
    figures.folders = {"nowhere": Path("/nowhere")}
    figures.look_at_disks()
    assert shown("disk_bytes", folder="nowhere") is None


def test_backups_are_shown_by_kind_as_their_record_has_them(figures: Figures) -> None:
    """Written by those who take them, read here: the two agree on the file."""
    figures.look_at_backups()
    figures.backups.mkdir()
    record.note(figures.backups, "full", ok=True, at_s=1000.0)
    record.note(figures.backups, "full", ok=False, at_s=2000.0)
    record.note(figures.backups, "wal", ok=True, at_s=3000.0)
    figures.look_at_backups()
    assert shown("backup_last_success_timestamp_seconds", kind="full") == 1000
    assert shown("backup_last_failure_timestamp_seconds", kind="full") == 2000
    assert shown("backup_last_success_timestamp_seconds", kind="wal") == 3000
    assert shown("backup_last_failure_timestamp_seconds", kind="wal") is None


def test_backups_that_are_asked_for_and_never_were_taken_are_shown(figures: Figures) -> None:
    """An alert can't ring for what is absent."""
    metrics.backup_last_success_timestamp_seconds.clear()
    figures.look_at_backups()
    assert shown("backup_last_success_timestamp_seconds", kind="full") is None
    figures.backup_kinds = frozenset({"full", "wal"})
    figures.look_at_backups()
    figures.backups.mkdir()
    record.note(figures.backups, "full", ok=False, at_s=2000.0)
    record.note(figures.backups, "wal", ok=True, at_s=3000.0)
    figures.look_at_backups()
    assert shown("backup_last_success_timestamp_seconds", kind="full") == 0
    assert shown("backup_last_success_timestamp_seconds", kind="wal") == 3000


def test_nobody_waits_for_changes_that_are_no_longer_backed_up(figures: Figures) -> None:
    """Their last good backup gets older and older, and an alert would ring for ever."""
    metrics.backup_last_success_timestamp_seconds.clear()
    figures.backup_kinds = frozenset({"full"})
    figures.backups.mkdir()
    record.note(figures.backups, "wal", ok=True, at_s=3000.0)
    figures.look_at_backups()
    assert shown("backup_last_success_timestamp_seconds", kind="wal") is None
    assert shown("backup_last_success_timestamp_seconds", kind="full") == 0


def test_record_of_backups_that_is_half_written_changes_nothing(figures: Figures) -> None:
    figures.backups.mkdir()
    for text in ("", "{", "{}", json.dumps({"kind": "full"})):
        (figures.backups / "last.json").write_text(text)
        figures.look_at_backups()


def test_certificate_is_shown_with_its_end(figures: Figures) -> None:
    assert figures.certificate is not None
    figures.look_at_certificate()  # there is none yet
    ends = datetime(2027, 3, 1, tzinfo=UTC)
    figures.certificate.write_bytes(a_certificate(ends) + a_certificate(ends + timedelta(days=1)))
    figures.look_at_certificate()
    end_s = shown("certificate_end_timestamp_seconds", file=str(figures.certificate))
    assert end_s == ends.timestamp()


def a_certificate(ends: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.org")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def test_everything_is_looked_at_every_five_seconds(figures: Figures) -> None:
    looks: list[float] = []
    now = [0.0]
    figures.clock = lambda: now[0]
    figures.look_at_database = lambda: looks.append(now[0])  # type: ignore[method-assign]
    for now[0] in (0.0, 1.0, 4.9, 5.0, 6.0, 11.0):
        figures.look()
    assert looks == [0.0, 5.0, 11.0]
