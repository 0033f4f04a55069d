"""`backup`, `restore` and `drill` as they are called by hand, where no board is up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.backups.sealing import Seal, Unseal
from tests.cli.boards import call_here

pytestmark = pytest.mark.slow


def test_keygen_prints_a_pair_that_fits(tmp_path: Path) -> None:
    done = call_here("backup", "keygen")
    path = tmp_path / "backup.key"
    path.write_text(done.stdout)
    recipient = done.stdout.partition("STILLBOARD_BACKUP_RECIPIENTS=")[2].split()[0]
    assert recipient in done.stderr
    assert "AGE-SECRET-KEY-1" not in done.stderr, (
        "the terminal may be kept, the file is what counts"
    )
    assert Unseal.from_file(path).unseal(Seal([recipient]).seal(b"x"), what="x") == b"x"


def test_two_pairs_are_never_the_same() -> None:
    assert call_here("backup", "keygen").stdout != call_here("backup", "keygen").stdout


def test_empty_store_is_told_by_every_command(tmp_path: Path) -> None:
    place = str(tmp_path / "store")
    key = tmp_path / "backup.key"
    key.write_text(call_here("backup", "keygen").stdout)
    listed = call_here("backup", "--from", place, "--json", "list")
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
    verified = call_here("backup", "--from", place, "--json", "verify")
    assert verified.returncode == 1
    faults = json.loads(verified.stdout)["faults"]
    assert [(one["what"], one["fault"]) for one in faults] == [
        ("base", "there is none"),
        ("dump", "there is none"),
    ]
    data = str(tmp_path / "new")
    restored = call_here("restore", "--from", place, "--to-data", data, "--identity", str(key))
    assert restored.returncode == 1
    assert restored.stderr.startswith("stillboard: There is no finished backup")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["backup"], 1, "no board is up"),
        (["drill"], 1, "no board is up"),
        (["backup", "list"], 1, "STILLBOARD_BACKUP_TO: is not set"),
        (["restore", "--to-data", "new"], 2, "without the secret key nothing can be read"),
        (["restore", "--to-data", "new", "--at", "noon"], 2, "2026-11-24 12:00:00+00"),
        (["restore"], 2, "--to-data"),
    ],
)
def test_wrong_call_is_told_in_a_line(
    tmp_path: Path, arguments: list[str], status: int, told: str
) -> None:
    done = call_here(*arguments, STILLBOARD_DATA=str(tmp_path / "none"))
    assert done.returncode == status
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()
