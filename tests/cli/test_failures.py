"""What a command can't do is one sentence, and its status says so."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import pytest

from cli import export
from imageboard import public_site
from tests.cli.boards import call_here


@pytest.mark.slow
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


def test_half_an_export_is_none(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that a full disk cut off would look like all there were, and keep the next call out."""

    def write_some(_web_root: Path, _site_url: str, sink: public_site.Sink) -> int:
        sink("index.html", io.BytesIO(b"half"))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(public_site, "write", write_some)
    for asked in (["--site"], ["--board", "nowhere"]):
        arguments = ["export", *asked, str(tmp_path / "copy"), "--data", str(tmp_path)]
        assert call_here(*arguments, DATABASE_URL=database_url).returncode == 1
        assert not [*tmp_path.glob("copy*")]
