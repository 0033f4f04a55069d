"""Files of refused forms are kept for their poster alone, for an hour, and never too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageboard.store import kept_files
from imageboard.store.kept_files import KEPT_S, KeptFiles

ME, OTHER = b"m" * 16, b"o" * 16
NOW_S = 1_764_000_000.0


@pytest.fixture
def kept(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "kept")


def keep(kept: KeptFiles, folder: Path, poster: bytes = ME, body: bytes = b"cat") -> str | None:
    file = folder / "upload"
    file.write_bytes(body)
    return kept.keep(file, poster, NOW_S)


def test_file_is_found_by_its_poster_and_token_together_until_its_hour_is_over(
    kept: KeptFiles, tmp_path: Path
) -> None:
    token = keep(kept, tmp_path)
    assert token is not None
    found = kept.find(token, ME, NOW_S + KEPT_S)
    assert found is not None
    assert found.read_bytes() == b"cat"
    assert kept.find(token, OTHER, NOW_S) is None
    assert kept.find("0" * 32, ME, NOW_S) is None
    assert kept.find(token, ME, NOW_S + KEPT_S + 1) is None
    assert token not in found.name, "who reads the folder's names has no token"


def test_sweep_drops_what_is_over_and_nothing_else(kept: KeptFiles, tmp_path: Path) -> None:
    keep(kept, tmp_path)
    assert kept.forget_expired(NOW_S + KEPT_S) == 0
    assert kept.forget_expired(NOW_S + KEPT_S + 1) == 1
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.parametrize(
    "limit", [{"POSTER_BYTES_MAX": 10}, {"POSTER_FILES_MAX": 2}], ids=["bytes", "files"]
)
def test_oldest_of_a_poster_make_room_and_those_of_others_stay(
    kept: KeptFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: dict[str, int]
) -> None:
    for name, value in limit.items():
        monkeypatch.setattr(kept_files, name, value)
    others = keep(kept, tmp_path, OTHER)
    mine = [keep(kept, tmp_path, body=b"x" * 5) for _ in range(4)]
    assert others is not None
    assert kept.find(others, OTHER, NOW_S) is not None
    there = [token for token in mine if token and kept.find(token, ME, NOW_S)]
    assert len(there) == 2
    assert there[-1] == mine[-1]


@pytest.mark.parametrize("limit", [{"BYTES_MAX": 10}, {"FILES_MAX": 2}], ids=["bytes", "files"])
def test_nobody_is_pushed_out_when_all_room_is_taken(
    kept: KeptFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: dict[str, int]
) -> None:
    for name, value in limit.items():
        monkeypatch.setattr(kept_files, name, value)
    first = [keep(kept, tmp_path, bytes([number] * 16), b"x" * 5) for number in (1, 2)]
    assert keep(kept, tmp_path, ME, b"x" * 5) is None
    assert all(
        kept.find(token or "", bytes([number] * 16), NOW_S)
        for number, token in enumerate(first, start=1)
    )
