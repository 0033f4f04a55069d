"""A whole board that is backed up, drilled and restored by its commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.backups import sealing
from tests.cli.boards import UNPRESSED, call
from tests.deploy.backups.live_board import pages_of
from tests.walk.board_process import BoardProcess, Upload, a_board_process
from tests.writer.media.hostile import a_jpeg

pytestmark = pytest.mark.board

#: What the design promises; the part ships every ten seconds.
RPO_S_MAX = 60.0


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """(the file with the identity, the settings of a board that is backed up)."""
    identity, recipient = sealing.new_identity()
    path = tmp_path / "backup.key"
    path.write_text(f"{identity}\n")
    place = str(tmp_path / "store")
    return path, {"STILLBOARD_BACKUP_TO": place, "STILLBOARD_BACKUP_RECIPIENTS": recipient}


def test_board_is_drilled_while_it_runs_and_restored_where_it_was_lost(
    tmp_path: Path, keys: tuple[Path, dict[str, str]]
) -> None:
    identity, settings = keys
    with a_board_process(**settings, **UNPRESSED) as board:
        assert "backup-wal" in board.running.pids()
        first = board.post(board="b", body="the first", files=[Upload("a.jpg", a_jpeg())])
        board.settle()
        taken = run(board, settings, "backup", "--json")
        assert [made["kind"] for made in taken["sets"]] == ["base", "dump", "queue"]
        assert taken["last"]["kinds"]["full"]["ok"] is True
        board.post(board="b", thread=first["thread"], body="after the backup")
        board.settle()

        drill = run(board, settings, "drill", "--json", "--identity", str(identity))
        assert drill["differing"] == []
        assert drill["compared_files"] > 20
        assert 0 < max(drill["rpo_s"]) <= RPO_S_MAX
        assert list((board.data / "backups").glob("drill-*")) == []

        board.post(board="b", thread=first["thread"], body="a moment before the end")
        board.settle()
        pages = pages_of(board.web_root)
        board.running.stop()  # in order, so that even the last moment is in the store

    found = call(
        *("restore", "--to-data", str(tmp_path / "again"), "--identity", str(identity), "--json"),
        **settings,
    )
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout)
    assert told["lost"] == []
    assert told["media"] == 2
    assert pages_of(tmp_path / "again" / "public") == pages


def run(board: BoardProcess, settings: dict[str, str], *arguments: str) -> Any:
    """What the command says as JSON."""
    done = call(*arguments, "--data", str(board.data), **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)
