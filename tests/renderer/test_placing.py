"""Pages on their way to their places: in order, in every encoding, and none held for long."""

from __future__ import annotations

import errno
import gzip
import os
import threading
from contextlib import suppress
from pathlib import Path

import brotli
import pytest

from imageboard.errors import DiskFull
from renderer import placing
from renderer.bodies import Body, Chunks, body_of, brotlied
from renderer.placing import AWAITED_BYTES_MAX, LET_GO_FILES, LET_GO_HANDFULS, Siblings
from renderer.web_root import WebRoot

PATH = "b/res/1.html"


def held_open(web_root: WebRoot) -> int:
    """Files of the web root that stand there no longer, and are still open."""
    count = 0
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # closed by now
            link = str(handle.readlink())
            count += link.startswith(str(web_root.folder)) and link.endswith(" (deleted)")
    return count


def let_all_go() -> None:
    """What was to be let go of until now is gone when this returns."""
    placing._LETTING_GO.submit(int).result()


def test_page_of_megabytes_is_put_in_place_in_every_encoding(web_root: WebRoot) -> None:
    posts = [b"<article>%d</article>" % number * 30 for number in range(4000)]
    page = b"".join(posts)
    web_root.replace(PATH, body_of(posts))
    assert len(page) > 2 * 1024 * 1024
    assert web_root.read(PATH) == page
    assert gzip.decompress(web_root.read(f"{PATH}.gz") or b"") == page
    assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == page


def test_page_has_every_encoding_at_once_unless_they_may_follow(web_root: WebRoot) -> None:
    with web_root.placing() as pages:
        pages.replace(PATH, b"page")
        assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == b"page"


@pytest.mark.parametrize("newer", ["at once", "beside", "last"])
def test_encoding_of_an_older_version_comes_before_that_of_a_newer(
    web_root: WebRoot, monkeypatch: pytest.MonkeyPatch, newer: Siblings
) -> None:
    """Even when the older one takes as long as the newer one would need to overtake it."""
    one_stands = threading.Event()
    rename = os.rename

    def rename_and_tell(draft: str, place: str) -> None:
        rename(draft, place)
        if place.endswith(".br"):
            one_stands.set()

    def brotlied_late(body: Body) -> Chunks:
        if body == b"older":
            one_stands.wait(0.5)  # in which the newer one would be there, if it could
        return brotlied(body)

    monkeypatch.setattr(os, "rename", rename_and_tell)
    monkeypatch.setattr(placing, "brotlied", brotlied_late)
    with web_root.placing() as pages:
        pages.replace(PATH, b"older", siblings="beside")
        pages.replace(PATH, b"newer", siblings=newer)
    assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == b"newer"


def test_pages_that_wait_for_their_encodings_do_not_pile_up(
    web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are put in place while the first is still being compressed."""
    page = b"x" * (AWAITED_BYTES_MAX // 4)
    may_end, waiting = threading.Event(), 0

    def slow(body: Body) -> Chunks:
        may_end.wait()
        return brotlied(body)

    monkeypatch.setattr(placing, "brotlied", slow)

    def put_many() -> None:
        nonlocal waiting
        with web_root.placing() as pages:
            for number in range(9):
                pages.replace(f"b/res/{number}.html", page, siblings="beside")
                waiting += 1

    putting = threading.Thread(target=put_many)
    putting.start()
    while waiting < 4:
        putting.join(0.001)
    putting.join(0.2)  # in which all would be put, if they were
    assert waiting == 4
    may_end.set()
    putting.join()
    assert len(list(web_root.folder.glob("b/res/*.br"))) == 9


def test_page_stands_without_encodings_where_they_come_last(web_root: WebRoot) -> None:
    """A reader finds the page that is there, and never an encoding of the one before."""
    web_root.replace(PATH, b"older")
    with web_root.placing() as pages:
        pages.replace(PATH, b"newer", siblings="last")
        assert web_root.read(PATH) == b"newer"
        assert web_root.read(f"{PATH}.gz") is web_root.read(f"{PATH}.br") is None
    assert gzip.decompress(web_root.read(f"{PATH}.gz") or b"") == b"newer"
    assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == b"newer"


@pytest.mark.parametrize("newer", ["at once", "beside", "last"])
def test_encoding_that_was_to_come_last_is_not_put_over_a_newer_one(
    web_root: WebRoot, newer: Siblings
) -> None:
    with web_root.placing() as pages:
        pages.replace(PATH, b"older", siblings="last")
        pages.replace(PATH, b"newer", siblings=newer)
    assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == b"newer"


def test_pages_whose_encodings_come_last_do_not_pile_up(web_root: WebRoot) -> None:
    page = b"x" * (AWAITED_BYTES_MAX // 4)
    with web_root.placing() as pages:
        for number in range(9):
            pages.replace(f"b/res/{number}.html", page, siblings="last")
        assert len(pages._bare) == 4
    assert len(list(web_root.folder.glob("b/res/*.br"))) == 9


def test_full_disk_at_the_slow_encoding_leaves_the_old_one(
    web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    web_root.replace(PATH, b"old")
    rename = os.rename

    def no_room(draft: str, place: str) -> None:
        if place.endswith(".br"):
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(draft, place)

    monkeypatch.setattr(os, "rename", no_room)
    with pytest.raises(DiskFull):
        web_root.replace(PATH, b"new")
    assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == b"old"
    assert not list((web_root.folder / "b/res").glob(".*"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list them")
def test_replaced_files_are_let_go_of_by_the_handful(web_root: WebRoot) -> None:
    """Their blocks are given back, and the process does not run out of handles."""
    for version in range(2):
        with web_root.placing() as pages:
            for number in range(LET_GO_FILES * 3):
                pages.replace(f"b/src/{number}.txt", b"%d" % version)
                assert held_open(web_root) <= LET_GO_FILES * (LET_GO_HANDFULS + 2)
    let_all_go()
    assert held_open(web_root) == 0


def test_replaced_files_are_let_go_of_when_putting_fails(web_root: WebRoot) -> None:
    web_root.replace(PATH, b"old")
    with suppress(ConnectionError), web_root.placing() as pages:
        pages.replace(PATH, b"new")
        raise ConnectionError
    let_all_go()
    assert held_open(web_root) == 0
