"""Files in the web root: replaced whole, told apart by their time, linked, removed."""

from __future__ import annotations

import errno
import gzip
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from imageboard.errors import DiskFull
from renderer.bodies import brotlied, gzipped
from renderer.web_root import WebRoot
from tests.deploy.stand_ins import eventually
from tests.walk.disks import NoDisk, a_small_disk, fill_with_files


@pytest.fixture
def disk_of_few_files() -> Iterator[Path]:
    try:
        with a_small_disk(4, files=40) as disk:
            yield disk
    except NoDisk as ex:
        pytest.skip(str(ex))


@pytest.mark.slow
def test_disk_that_holds_no_more_files_is_a_full_one(disk_of_few_files: Path) -> None:
    """However many bytes there are: pages, links and folders are refused alike."""
    web_root, source = WebRoot(disk_of_few_files), disk_of_few_files / "source"
    source.write_bytes(b"picture")
    web_root.replace("b/index.html", b"page")
    web_root.link("b/src/1.png", source)
    fill_with_files(disk_of_few_files)
    for path in ("b/src/2.png", "c/src/3.png"):
        with pytest.raises(DiskFull):
            web_root.link(path, source)
    with pytest.raises(DiskFull):
        web_root.replace("c/index.html", b"page")
    with pytest.raises(DiskFull):
        web_root.press("b/index.html", {".gz": (b"",)})


@pytest.mark.slow
def test_reader_sees_the_old_page_or_the_new_one_in_every_encoding(web_root: WebRoot) -> None:
    """While a page is replaced hundreds of times, no read is torn and none goes backwards."""
    bodies = [(f"<html>{no:06d}" + "x" * 20_000 + f"{no:06d}</html>").encode() for no in range(150)]
    web_root.replace("b/res/1.html", bodies[0])
    done = threading.Event()
    seen: dict[str, list[bytes]] = {"": [], ".gz": [], ".br": []}
    readers = {"": bytes, ".gz": gzip.decompress, ".br": brotli.decompress}

    def read(suffix: str) -> None:
        place = web_root.folder / f"b/res/1.html{suffix}"
        while not done.is_set():
            seen[suffix].append(readers[suffix](place.read_bytes()))

    threads = [threading.Thread(target=read, args=(suffix,)) for suffix in seen]
    for thread in threads:
        thread.start()
    assert eventually(lambda: all(seen.values()))
    for body in bodies:
        web_root.replace("b/res/1.html", body)
    done.set()
    for thread in threads:
        thread.join()
    for reads in seen.values():
        assert set(reads) <= set(bodies)
        assert reads == sorted(reads)


@pytest.mark.slow
def test_versions_within_a_second_have_different_times_and_none_is_ahead(
    web_root: WebRoot,
) -> None:
    """Last-Modified has whole seconds: a client that asks If-Modified-Since must be told."""
    times: dict[Path, set[float]] = {
        web_root.folder / f"b/0.json{suffix}": set() for suffix in ("", ".gz", ".br")
    }
    for no in range(300):
        web_root.replace("b/0.json", b"%03d" % no)
        for file, told in times.items():
            told.add(file.stat().st_mtime)
            assert max(told) <= time.time()
    assert [len(told) for told in times.values()] == [300] * 3


def test_last_version_of_a_second_gets_a_time_of_its_own(web_root: WebRoot) -> None:
    """What it borrowed for the moment may be an hour ago."""
    before = time.time()
    pages = [web_root.folder / f"b/0.json{suffix}" for suffix in ("", ".gz", ".br")]
    for no in range(20):
        web_root.replace("b/0.json", b"%03d" % no)
    assert eventually(lambda: all(page.stat().st_mtime >= int(before - 1) for page in pages))
    # Each is given its own by itself: that of a sibling which came later may be later.
    assert all(page.stat().st_mtime <= time.time() for page in pages)
    assert web_root.read("b/0.json") == b"019"


def test_full_disk_leaves_the_old_page(web_root: WebRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    web_root.replace("b/res/1.html", b"old")

    def no_room(_handle: int, _offset: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", no_room)
    with pytest.raises(DiskFull):
        web_root.replace("b/res/1.html", b"new")
    assert web_root.read("b/res/1.html") == b"old"
    assert sorted(path.name for path in (web_root.folder / "b/res").iterdir()) == [
        "1.html",
        "1.html.br",
        "1.html.gz",
    ]


def test_file_system_that_allocates_nothing_ahead_serves_too(
    web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(_handle: int, _offset: int, _size: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", unsupported)
    web_root.replace("b/res/1.html", b"new")
    assert web_root.read("b/res/1.html") == b"new"


def test_link_survives_its_source_and_can_be_made_again(web_root: WebRoot, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(b"picture")
    web_root.link("b/src/1.png", source)
    web_root.link("b/src/1.png", source)
    source.unlink()
    assert web_root.read("b/src/1.png") == b"picture"
    assert [path.name for path in (web_root.folder / "b/src").iterdir()] == ["1.png"]


def test_upload_on_another_file_system_is_copied(
    web_root: WebRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "upload"
    source.write_bytes(b"picture")

    def elsewhere(_source: Path, _place: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", elsewhere)
    web_root.link("b/src/1.png", source)
    assert web_root.read("b/src/1.png") == b"picture"


def test_removed_page_is_gone_in_every_encoding(web_root: WebRoot) -> None:
    web_root.replace("b/res/1.html", b"page")
    web_root.remove("b/res/1.html")
    web_root.remove("b/res/1.html")
    assert list((web_root.folder / "b/res").iterdir()) == []


def test_same_bytes_are_compressed_to_the_same_bytes() -> None:
    body = b"<html>" + os.urandom(4000).hex().encode()
    assert gzipped(body) == gzipped(body)
    assert brotlied(body) == brotlied(body)


def test_crash_of_the_machine_is_noticed_once(web_root: WebRoot) -> None:
    assert not web_root.survived_a_crash(), "a new web root has survived nothing"
    web_root.note_boot()
    assert not web_root.survived_a_crash()
    (web_root.folder / ".boot").write_text("another boot\n")
    assert web_root.survived_a_crash()
