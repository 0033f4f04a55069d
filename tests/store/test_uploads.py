"""The upload store: a file to a name for each part, put in whole, swept by age."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from imageboard.parts import Part
from imageboard.store.uploads import SHARDS, UploadStore


@pytest.fixture
def store(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


def put(store: UploadStore, scratch: Path, *, age_s: float = 0) -> str:
    original, thumbnail = scratch / "original", scratch / "thumbnail"
    original.write_bytes(b"picture")
    thumbnail.write_bytes(b"thumbnail")
    for file in (original, thumbnail):
        os.utime(file, (time.time() - age_s,) * 2)
    return store.take(original, thumbnail)


def older_than(store: UploadStore, age_s: float) -> list[str]:
    return [name for shard in range(SHARDS) for name in store.older_than(age_s, shard)]


def test_taken_files_are_found_under_one_name(store: UploadStore, tmp_path: Path) -> None:
    name = put(store, tmp_path)
    assert store.original(name).read_bytes() == b"picture"
    assert store.thumbnail(name).read_bytes() == b"thumbnail"
    assert not (tmp_path / "original").exists(), "moved, not copied"
    assert not (tmp_path / "thumbnail").exists()


def test_same_picture_twice_has_two_names(store: UploadStore, tmp_path: Path) -> None:
    """So that one post's file can be dropped while another post still holds its own."""
    names = {put(store, tmp_path) for _ in range(2)}
    assert len(names) == 2
    store.drop(names.pop())
    assert store.original(names.pop()).exists()


def test_files_of_a_post_are_taken_all_or_none(store: UploadStore, tmp_path: Path) -> None:
    for name in ("one", "two", "thumb of two"):
        (tmp_path / name).write_bytes(b"picture")
    one, two = (tmp_path / "one", None), (tmp_path / "two", tmp_path / "thumb of two")
    with pytest.raises(FileNotFoundError):
        store.take_all([one, two, (tmp_path / "three", None)])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    for name in ("one", "two", "thumb of two"):
        (tmp_path / name).write_bytes(b"picture")
    first, second = store.take_all([one, two])
    assert store.original(first).exists()
    assert store.thumbnail(second).exists()
    assert store.take_all([]) == []


def test_dropped_upload_is_gone_and_may_be_dropped_again(
    store: UploadStore, tmp_path: Path
) -> None:
    name = put(store, tmp_path)
    store.drop(name)
    store.drop(name)
    assert not store.original(name).exists()
    assert not store.thumbnail(name).exists()


def test_only_old_uploads_are_offered_for_sweeping_each_once(
    store: UploadStore, tmp_path: Path
) -> None:
    old = put(store, tmp_path, age_s=7200)
    put(store, tmp_path)
    assert older_than(store, 3600) == [old]


def test_thumbnail_that_was_left_alone_is_offered_for_sweeping_too(
    store: UploadStore, tmp_path: Path
) -> None:
    """The version before drops an upload without the part that it does not know."""
    name = put(store, tmp_path)
    store.path_of(name, Part.DENSE).write_bytes(b"dense")
    for part in (Part.ORIGINAL, Part.THUMBNAIL):
        store.path_of(name, part).unlink()
    assert older_than(store, 3600) == []
    os.utime(store.path_of(name, Part.DENSE), (time.time() - 7200,) * 2)
    assert older_than(store, 3600) == [name]
    store.drop(name)
    assert older_than(store, 0) == []


def test_store_that_holds_nothing_yet_offers_nothing(store: UploadStore) -> None:
    assert older_than(store, 0) == []


@pytest.mark.parametrize("name", ["", "..", "../etc/passwd", "0" * 31, "g" * 32, "0" * 32 + "\n"])
def test_no_name_leads_out_of_the_folder(store: UploadStore, name: str) -> None:
    with pytest.raises(AssertionError):
        store.original(name)
