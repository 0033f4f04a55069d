"""When a board can't be reloaded, it says so and touches nothing."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from deploy import reload as reloading
from deploy.data_folder import DataFolder, Renewed, Rollout, Run
from deploy.embedded.service import ServiceFailed


def a_run(rollout: Rollout | None) -> Run:
    return Run(
        pid=os.getpid(),
        started_at=0.0,
        url="http://127.0.0.1:8080/",
        socket_dir="/nowhere",
        environment={},
        rollout=rollout,
    )


def reload(data: Path) -> None:
    reloading.reload(data, {}, lambda _renewed: None)


def test_no_board_is_up(tmp_path: Path) -> None:
    DataFolder(tmp_path).note_run(a_run(Rollout()))  # left by one that was killed
    for data in (tmp_path, tmp_path / "no folder"):
        with pytest.raises(ServiceFailed, match=f"^no board is up on {data}: start it with"):
            reload(data)


def test_an_up_of_a_version_that_would_end_of_the_signal_is_not_sent_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.locked():
        folder.note_run(a_run(None))
        with pytest.raises(ServiceFailed, match=r"of a version that can't reload: stop it"):
            reload(tmp_path)


def test_of_two_reloads_the_second_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "reload.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ServiceFailed, match=r"^another reload is at work$"):
            reload(tmp_path)


def test_run_json_keeps_how_far_a_version_has_come(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    for rollout in (
        None,
        Rollout(),
        Rollout(3, is_over=False, renewed=(Renewed("writer", 1.5), Renewed("nginx", 2.0, "why"))),
    ):
        folder.note_run(a_run(rollout))
        assert folder.run() == a_run(rollout)
