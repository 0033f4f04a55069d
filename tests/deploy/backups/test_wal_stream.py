"""The WAL gets to the vault by itself, and nothing is lost while somebody is down."""

from __future__ import annotations

import gzip
import os
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from cdn.object_store import StoreUnreachable
from deploy.backups import postgres_tools, record, segments, wal_stream
from deploy.backups.sets import BackupSet
from deploy.backups.source import opened
from deploy.backups.taking import wal_names
from deploy.backups.vault import Vault
from deploy.backups.wal_stream import key_of
from deploy.data_folder import DataFolder
from imageboard.store.servers import wal
from tests.deploy.backups.live_board import LiveBoard, Stream, wait_until_left
from tests.deploy.stand_ins import eventually

pytestmark = pytest.mark.slow


def missing(vault: Vault, base: BackupSet) -> list[str]:
    return segments.missing(wal_names(vault)[base.system], base.start_segment)


def test_store_that_was_down_gets_what_it_missed(
    live_board: LiveBoard, stream: Stream, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = live_board.back_up(folder_vault).sets[0]
    stream.ship()

    def fail(_key: str, _body: bytes) -> None:
        raise StoreUnreachable(operation="to put", reason="No space left on device")

    reached_s = stream.shipper.reached_s
    with monkeypatch.context() as patch:
        patch.setattr(folder_vault, "put", fail)
        live_board.post("while the store was full")
        with pytest.raises(StoreUnreachable):
            stream.ship()
        assert stream.shipper.reached_s == reached_s, "nothing was reached"
    stream.ship()
    stream.switch_segment()
    assert missing(folder_vault, base) == []


def test_what_comes_in_the_same_tick_of_the_clock_as_a_shipment_is_shipped_by_the_next(
    live_board: LiveBoard, stream: Stream, folder_vault: Vault
) -> None:
    """The file of the segment in the making keeps its size, and its time says nothing then."""
    live_board.post("of before")
    stream.ship()
    (partial,) = stream.receiver.folder.glob("*.partial")
    tick_ns = time.time_ns() + 3600 * 10**9
    os.utime(partial, ns=(tick_ns, tick_ns))
    stream.ship()
    live_board.post("of the same tick")
    stream.shipper.ask()
    assert eventually(stream.shipper._is_received)
    os.utime(partial, ns=(tick_ns, tick_ns))
    stream.shipper.ship()
    ((system, names),) = wal_names(folder_vault).items()
    assert partial.name in names
    sealed = folder_vault.get(key_of(system, partial.name))
    body = gzip.decompress(live_board.unseal.unseal(sealed, what=partial.name))
    assert b"of the same tick" in body


def test_receiver_that_was_killed_goes_on_without_a_hole(
    live_board: LiveBoard, stream: Stream, folder_vault: Vault
) -> None:
    base = live_board.back_up(folder_vault).sets[0]
    stream.ship()
    stream.kill_receiver()
    for number in range(3):
        live_board.post(f"while nobody listened {number}")
        stream.begin_segment()
    stream.receiver.start()
    stream.receiver.wait_until_ready()
    stream.ship()
    assert missing(folder_vault, base) == []


def test_local_copy_does_not_grow(stream: Stream) -> None:
    """What is in the vault is not kept here, but for the segment in the making."""
    for _ in range(4):
        stream.switch_segment()
    assert len(list(stream.receiver.folder.iterdir())) <= 2


def test_slot_is_made_once_and_can_be_given_up(live_board: LiveBoard, tmp_path: Path) -> None:
    source = live_board.source
    with opened(source.replication_url) as database:
        for _ in range(2):
            wal_stream._prepare(database, tmp_path)
        with database.connection() as db:
            assert wal.slot(db, wal_stream.SLOT) == ("reserved", False)
    assert wal_stream.forget(source)
    assert not wal_stream.forget(source)


def test_slot_is_given_up_when_its_receiver_has_left(live_board: LiveBoard, tmp_path: Path) -> None:
    """The server notices a moment later than whoever ended it; what it holds back would grow."""
    url = live_board.source.replication_url
    receiver = wal_stream.ReceiveWal(url, tmp_path / "wal", slot="left")
    with opened(url) as database, database.connection() as db, ExitStack() as block:
        block.enter_context(wal_stream.held_back(database, "left"))
        receiver.start()
        assert eventually(lambda: wal.slot(db, "left") == ("reserved", True))
        leaving = threading.Thread(target=block.pop_all().close)
        leaving.start()
        receiver.stop()
        leaving.join()
        assert wal.slot(db, "left") is None


def test_slot_is_not_given_up_under_a_stream_that_runs(
    live_board: LiveBoard, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.ship()
    monkeypatch.setattr(wal_stream, "SLOT", stream.receiver.slot)
    with pytest.raises(wal_stream.StreamRuns):
        wal_stream.forget(live_board.source)


def test_role_that_may_replicate_is_enough(live_board: LiveBoard, tmp_path: Path) -> None:
    """As the operator of a PostgreSQL of their own makes one: no superuser."""
    url = live_board.source.replication_url
    with opened(url) as database, database.connection() as db:
        db.execute("CREATE ROLE backup LOGIN REPLICATION PASSWORD 'x' IN ROLE pg_monitor")
    own_url = f"postgresql://backup:x@{url.rpartition('@')[2]}"
    settings = replace(live_board.source.settings, backup_database_url=own_url)
    source = replace(live_board.source, settings=settings)
    postgres_tools.base_backup(source.replication_url, tmp_path / "base")
    receiver = wal_stream.ReceiveWal(own_url, tmp_path / "wal", slot="own")
    with opened(own_url) as database, wal_stream.held_back(database, "own"):
        with database.connection() as db:
            assert wal.cluster(db).segment_size == "16MB"
        receiver.start()
        try:
            with database.connection() as db:
                lsn = wal.mark(db, "own")
                assert eventually(lambda: wal.is_received(db, "own", lsn))
        finally:
            receiver.stop()


def test_stream_starts_in_a_data_folder_that_no_up_has_made(
    live_board: LiveBoard, folder_vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under systemd and in containers; it died of it, and left a slot that held the WAL back."""
    source = replace(live_board.source, folder=DataFolder(tmp_path / "data"))
    url = live_board.source.replication_url
    source = replace(source, settings=replace(source.settings, backup_database_url=url))
    received: list[bool] = []
    monkeypatch.setattr(
        wal_stream.Supervisor, "watch", lambda self, *_: received.append(self.services[0].ready())
    )
    monkeypatch.setattr(wal_stream, "LAST_WAIT_S", 0.0)
    try:
        wal_stream.run(source, folder_vault, lambda _line: None)
        assert received == [True]
    finally:
        wait_until_left(url, wal_stream.SLOT)
        wal_stream.forget(source)


def test_server_of_another_version_gets_no_slot_that_would_hold_its_wal_back(
    live_board: LiveBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal, "version", lambda _db: postgres_tools.own_version() - 1)
    with opened(live_board.source.replication_url) as database:
        with pytest.raises(postgres_tools.OtherVersion, match="The server is PostgreSQL 17"):
            wal_stream._prepare(database, tmp_path)
        with database.connection() as db:
            assert wal.slot(db, wal_stream.SLOT) is None


def test_each_shipment_is_written_down(
    live_board: LiveBoard, stream: Stream, folder_vault: Vault
) -> None:
    backups = live_board.source.backups
    stream.shipper.on_shipped = lambda at_s: record.note(backups, "wal", ok=True, at_s=at_s)
    stream.ship()
    assert record.read(backups)["kinds"]["wal"]["last_ok_at"] == stream.shipper.reached_s
