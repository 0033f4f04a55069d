"""One board's folder: owned by one `up`, its secrets kept, its leftovers waited for."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import stat
from pathlib import Path

import psutil
import pytest

from deploy import ballast, data_folder
from deploy.data_folder import DataFolder, Run, process_start, running_parts
from deploy.embedded.service import ServiceFailed
from tests.deploy.stand_ins import PARENT, STUBBORN, StandIn, eventually, is_alive


def a_run(socket_dir: Path, *services: StandIn) -> Run:
    return Run(
        pid=os.getpid(),
        started_at=0.0,
        url="http://127.0.0.1:8080/",
        socket_dir=str(socket_dir),
        environment={},
        parts=running_parts(list(services)),
    )


def test_a_second_owner_is_told_who_has_it(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    with first.locked():
        first.note_run(a_run(tmp_path / "run"))
        with pytest.raises(ServiceFailed, match=f"up already .*process {os.getpid()}, http://"):
            second.locked().__enter__()
        assert second.is_locked()
    assert not second.is_locked()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServiceFailed, match=r"can't write to .*Not a directory"):
        DataFolder(tmp_path / "file" / "board").locked().__enter__()


def test_secrets_are_made_once_and_for_us_alone(tmp_path: Path) -> None:
    keys = DataFolder(tmp_path).keys()
    assert DataFolder(tmp_path).keys() == keys
    assert len(set(keys.values())) == len(data_folder.KEY_NAMES)
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_new_secret_of_a_later_version_is_added_to_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = DataFolder(tmp_path).keys()
    monkeypatch.setattr(data_folder, "KEY_NAMES", (*data_folder.KEY_NAMES, "NEW_KEY"))
    later = DataFolder(tmp_path).keys()
    assert later.keys() - keys.keys() == {"NEW_KEY"}
    assert {name: later[name] for name in keys} == keys


def test_lost_secrets_are_not_replaced_under_a_database_that_needs_them(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(ServiceFailed, match=r"keys\.json is gone"):
        DataFolder(tmp_path).keys()


def test_sockets_are_beside_the_data_where_they_fit(socket_dir: Path) -> None:
    assert DataFolder(socket_dir).socket_dir() == socket_dir / "run"


@pytest.mark.parametrize("name", ["with space", "comma,", "x" * 100], ids=lambda name: name[:10])
def test_sockets_are_elsewhere_where_they_would_not_fit(socket_dir: Path, name: str) -> None:
    (socket_dir / name).mkdir()
    elsewhere = DataFolder(socket_dir / name).socket_dir()
    try:
        assert socket_dir not in elsewhere.parents
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
    finally:
        elsewhere.rmdir()


def test_the_next_owner_waits_for_the_parts_of_a_killed_one(tmp_path: Path) -> None:
    part = StandIn("postgres", tmp_path)
    part.start()
    part.wait_until_ready()
    folder = DataFolder(tmp_path)
    folder.note_run(a_run(tmp_path / "run", part))
    assert part.pid
    os.kill(part.pid, signal.SIGTERM)
    with folder.locked():
        assert part.poll() is not None
        assert folder.run() is None
    part.stop()


def test_parts_of_a_killed_owner_that_do_not_end_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "LEFTOVER_WAIT_S", 0.05)
    part = StandIn("postgres", tmp_path, STUBBORN)
    part.start()
    part.wait_until_ready()
    folder = DataFolder(tmp_path)
    folder.note_run(a_run(tmp_path / "run", part))
    with folder.locked():
        assert eventually(lambda: part.poll() is not None)
    part.stop()


@pytest.mark.slow
def test_children_of_a_part_that_was_killed_itself_are_ended(tmp_path: Path) -> None:
    """nginx' workers outlive it, and would hold the port that the next `up` asks for."""
    part = StandIn("nginx", tmp_path, PARENT)
    part.start()
    part.wait_until_ready()
    child = int(part.child_pid_file.read_text())
    folder = DataFolder(tmp_path)
    folder.note_run(a_run(tmp_path / "run", part))
    assert part.pid
    os.kill(part.pid, signal.SIGKILL)
    assert eventually(lambda: part.poll() is not None)
    assert is_alive(child)
    with folder.locked():
        assert not is_alive(child)


def test_another_process_with_a_leftover_s_number_is_left_alone(tmp_path: Path) -> None:
    part = StandIn("stranger", tmp_path)
    part.start()
    part.wait_until_ready()
    run = a_run(tmp_path / "run", part)
    stranger = run.parts["stranger"]
    run.parts["stranger"] = data_folder.RunningPart(stranger.pid, "some other time")
    folder = DataFolder(tmp_path)
    folder.note_run(run)
    with folder.locked():
        assert part.poll() is None
    part.stop()


def test_when_a_process_started(tmp_path: Path) -> None:
    part = StandIn("part", tmp_path)
    part.start()
    assert part.pid
    began = process_start(part.pid)
    assert began
    assert process_start(part.pid) == began
    os.kill(part.pid, signal.SIGKILL)
    assert eventually(lambda: process_start(part.pid or 0) == ""), "a zombie has ended"
    part.stop()
    assert process_start(part.pid) == ""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("set_by_s", [0, 1, -86_400, 3_600])
def test_start_of_a_process_does_not_move_with_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_by_s: int
) -> None:
    """A clock that is set moves the moment of the machine's start; it is the kernel's number."""
    pid = os.getpid()
    kernel = Path(f"/proc/{pid}/stat").read_text()
    (tmp_path / str(pid)).mkdir()
    (tmp_path / str(pid) / "stat").write_text(kernel)
    (tmp_path / "stat").write_text(f"btime {round(psutil.boot_time()) + set_by_s}\n")
    (tmp_path / str(pid) / "status").write_text(Path(f"/proc/{pid}/status").read_text())
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    assert process_start(pid) == kernel.rpartition(")")[2].split()[19]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', "null"])
def test_a_torn_note_of_what_runs_counts_for_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    assert DataFolder(tmp_path).run() is None


def test_what_a_newer_version_notes_beside_is_left_out(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.note_run(a_run(tmp_path / "run"))
    noted = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps({**noted, "of_tomorrow": 1}))
    assert folder.run() == a_run(tmp_path / "run")


def test_the_note_of_what_runs_holds_secrets_and_is_for_us_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.note_run(a_run(tmp_path / "run"))
    assert folder.run() == a_run(tmp_path / "run")
    assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600


def test_a_log_that_has_grown_is_begun_anew_and_its_writer_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "LOG_BYTES_MAX", 10)
    folder = DataFolder(tmp_path)
    folder.logs.mkdir()
    with folder.log("writer").open("ab", buffering=0) as log:
        log.write(b"a long first line\n")
        folder.trim_logs()
        log.write(b"second\n")
    assert folder.log("writer").read_bytes() == b"second\n"
    assert (folder.logs / "writer.log.1").read_bytes() == b"a long first line\n"


def no_room(*_args: object, **_named: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_is_cut_where_there_is_no_room_to_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "LOG_BYTES_MAX", 10)
    monkeypatch.setattr(shutil, "copyfile", no_room)
    folder = DataFolder(tmp_path)
    folder.logs.mkdir()
    folder.log("writer").write_bytes(b"a long first line\n")
    folder.trim_logs()
    assert [path.name for path in folder.logs.iterdir()] == ["writer.log"]
    assert folder.log("writer").read_bytes() == b""


def test_a_note_that_finds_no_room_leaves_the_one_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path)
    folder.note_run(a_run(tmp_path / "run"))
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space left"):
        folder.note_run(a_run(tmp_path / "another"))
    assert folder.run() == a_run(tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_ballast_is_made_where_there_is_room_and_given_up_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"bytes": 10**12}
    monkeypatch.setattr(ballast, "free_bytes", lambda _folder: free["bytes"])
    monkeypatch.setattr(ballast, "BALLAST_BYTES", 2**20)
    kept = ballast.Ballast(tmp_path)
    kept.make(keep_free_bytes=0)
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= 2**20
    assert not kept.give_way()
    free["bytes"] = ballast.FREE_BYTES_MIN - 1
    assert kept.give_way()
    assert not kept.give_way()
    kept.make(keep_free_bytes=0)
    free["bytes"] = 2**20 + 128 * 2**20 - 1
    kept.make(keep_free_bytes=128 * 2**20)
    assert list(tmp_path.iterdir()) == []


def test_folder_in_memory_is_one_of_ours_and_goes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "MEMORY", tmp_path)
    folder = DataFolder(tmp_path / "data")
    made = folder.memory()
    assert made
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert folder.memory() == made == DataFolder(tmp_path / "data").memory()
    assert DataFolder(tmp_path / "other").memory() != made
    folder.forget_memory()
    assert not made.exists()
    made.symlink_to(tmp_path)
    assert folder.memory() is None, "somebody else's"
    monkeypatch.setattr(data_folder, "MEMORY", tmp_path / "none")
    assert DataFolder(tmp_path / "data").memory() is None
