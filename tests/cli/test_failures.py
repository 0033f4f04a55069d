"""What a command can't do is one sentence, and its status says so."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from cli import export
from tests.cli.boards import call_here


def test_place_that_can_not_be_written_is_named(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "here").mkdir()
    refusals = {"nowhere/x.tar.gz": "No such file or directory", "here": "Is a directory"}
    for target, why in refusals.items():
        arguments = ["export", str(tmp_path / target), "--data", str(tmp_path)]
        done = call_here(*arguments, DATABASE_URL=database_url)
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"stillboard: {tmp_path}")
        assert line.endswith(f": {why}")


def test_full_disk_is_one_sentence(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_told: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export.whole_board, "write", fill)
    arguments = ["export", str(tmp_path / "x.tar"), "--data", str(tmp_path)]
    done = call_here(*arguments, DATABASE_URL=database_url)
    assert (done.returncode, done.stderr) == (1, "stillboard: No space left on device\n")
    assert not [*tmp_path.glob("x.*")]
