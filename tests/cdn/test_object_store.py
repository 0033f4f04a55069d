"""What both object stores promise: the folder and the real S3."""

from __future__ import annotations

import hashlib
import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cdn.cache_policy import ObjectHeaders, headers_of
from cdn.folder_object_store import FolderObjectStore
from cdn.newest_wins import Outcome, put_newest
from cdn.object_store import ObjectStore, StoredObject, StoreUnreachable, Superseded, etag_of
from cdn.s3_object_store import S3ObjectStore
from deploy.embedded.seaweedfs import SeaweedFS
from tests.cdn.conftest import LISTING_PAGE_SIZE

PAGE = headers_of("b/res/1.html")
TAIL = "b/res/1+50.html"


def put(
    store: ObjectStore, key: str, body: bytes, *, version: int = 1, replaces: str | None = None
) -> str:
    return store.put(key, body, headers=PAGE, version=version, replaces=replaces)


def test_what_was_put_is_there_with_all_that_was_said_of_it(store: ObjectStore) -> None:
    etag = put(store, TAIL, b"<p>one", version=7)
    assert store.get(TAIL) == b"<p>one"
    assert store.head(TAIL) == StoredObject(
        key=TAIL,
        etag=etag,
        size_bytes=6,
        version=7,
        sha256=hashlib.sha256(b"<p>one").hexdigest(),
        headers=PAGE,
    )


@pytest.mark.parametrize("body", [b"", b"x", b"\x00\xff" * 100_000, b"y" * 9_000_000])
def test_the_etag_is_known_before_the_put(store: ObjectStore, body: bytes) -> None:
    """So that a bucket can be compared by listing; 9 MB is more than one part of a multipart."""
    assert put(store, "b/src/1.png", body) == etag_of(body)
    [listed] = store.list()
    assert (listed.etag, listed.size_bytes) == (etag_of(body), len(body))


def test_an_encoding_is_kept(store: ObjectStore) -> None:
    headers = ObjectHeaders("text/plain; charset=utf-8", "no-store", "gzip")
    store.put("robots.txt", b"not really", headers=headers, version=1, replaces=None)
    found = store.head("robots.txt")
    assert found is not None
    assert found.headers == headers


def test_what_was_never_put_is_not_there(store: ObjectStore) -> None:
    assert store.head("b/res/1.html") is None
    assert store.get("b/res/1.html") is None
    assert list(store.list()) == []


# --- a put replaces what it was meant to replace, and nothing else ---


def test_a_put_replaces_the_object_that_it_names(store: ObjectStore) -> None:
    first = put(store, TAIL, b"one")
    put(store, TAIL, b"two", version=2, replaces=first)
    assert store.get(TAIL) == b"two"


@pytest.mark.parametrize("replaces", [None, etag_of(b"something else")])
def test_a_put_that_was_overtaken_changes_nothing(store: ObjectStore, replaces: str | None) -> None:
    put(store, TAIL, b"newer", version=2)
    with pytest.raises(Superseded):
        put(store, TAIL, b"older", version=1, replaces=replaces)
    assert store.get(TAIL) == b"newer"
    found = store.head(TAIL)
    assert found is not None
    assert found.version == 2


def test_what_was_deleted_is_not_replaced(store: ObjectStore) -> None:
    """A page that was taken down does not come back with a put that was on its way."""
    etag = put(store, TAIL, b"one")
    store.delete([TAIL])
    with pytest.raises(Superseded):
        put(store, TAIL, b"two", version=2, replaces=etag)
    assert store.get(TAIL) is None
    put(store, TAIL, b"three", version=3)


def test_of_many_that_create_one_succeeds(store: ObjectStore) -> None:
    start = threading.Barrier(8)

    def create(number: int) -> bool:
        start.wait()
        try:
            put(store, TAIL, b"%d" % number, version=number)
        except Superseded:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(create, range(8)))
    assert created.count(True) == 1
    assert store.get(TAIL) == b"%d" % created.index(True)


# --- the newest wins ---


@pytest.mark.slow
def test_the_newest_of_many_that_race_is_the_last(store: ObjectStore) -> None:
    start = threading.Barrier(20)

    def publish(version: int) -> None:
        start.wait()
        is_done = False
        while not is_done:
            try:
                newest(store, b"%d" % version, version)
                is_done = True
            except Superseded:
                pass  # others have put it five times meanwhile: a publisher comes back later

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(publish, range(20)))
    assert store.get(TAIL) == b"19"


def newest(
    store: ObjectStore, body: bytes, version: int, *, replaces: str | None = None
) -> Outcome:
    return put_newest(store, TAIL, body, headers=PAGE, version=version, replaces=replaces)


def test_an_older_page_leaves_the_newer_where_it_is(store: ObjectStore) -> None:
    standing = put(store, TAIL, b"newer", version=8)
    assert newest(store, b"older", 7) == Outcome(standing, is_ours=False)
    assert store.get(TAIL) == b"newer"


def test_a_newer_page_replaces_whatever_stands_there(store: ObjectStore) -> None:
    put(store, TAIL, b"older", version=7)
    assert newest(store, b"newer", 8) == Outcome(etag_of(b"newer"), is_ours=True)
    assert store.get(TAIL) == b"newer"


def test_a_page_drawn_anew_for_the_same_change_replaces_the_old(store: ObjectStore) -> None:
    """A new template: other bytes, no new change of the board."""
    put(store, TAIL, b"old template", version=7)
    newest(store, b"new template", 7)
    assert store.get(TAIL) == b"new template"


def test_a_page_that_was_taken_down_meanwhile_is_not_put_again(store: ObjectStore) -> None:
    """Whoever believes in an object that is gone has to ask first whether it is still wanted."""
    with pytest.raises(Superseded):
        newest(store, b"page", 7, replaces=etag_of(b"gone"))
    assert store.get(TAIL) is None


def test_a_put_whose_answer_was_lost_is_not_put_twice(store: ObjectStore) -> None:
    put(store, TAIL, b"page", version=7)
    assert newest(store, b"page", 7) == Outcome(etag_of(b"page"), is_ours=True)


# --- deleting ---


def test_a_deleted_object_is_gone_and_deleting_it_again_is_no_error(store: ObjectStore) -> None:
    for key in ("b/res/1.html", TAIL, "b/res/10.html"):
        put(store, key, b"page")
    for _ in range(2):
        store.delete(["b/res/1.html", TAIL, "b/res/never.html"])
    assert [found.key for found in store.list()] == ["b/res/10.html"]
    assert store.get("b/res/1.html") is None


def test_deleting_nothing_is_nothing(store: ObjectStore) -> None:
    store.delete([])


# --- listing ---


def test_a_listing_has_every_object_in_order(store: ObjectStore) -> None:
    """In the order of the keys' bytes, over several pages, of which the last is a whole one."""
    keys = sorted(
        ["index.html", "b/index.html", "b/1.json", "a/b/res/2.html", TAIL, "b/res/1.html"]
        + [f"b/res/{number}.html" for number in range(90, 111)]
    )
    assert len(keys) % LISTING_PAGE_SIZE == 0
    for key in keys:
        put(store, key, key.encode())
    assert [found.key for found in store.list()] == keys
    assert [found.key for found in store.list("b/res/10")] == [
        key for key in keys if key.startswith("b/res/10")
    ]
    assert {found.etag for found in store.list(TAIL)} == {etag_of(TAIL.encode())}
    assert list(store.list("b/res/nothing")) == []


# --- keys ---


def test_board_of_any_name_is_kept(store: ObjectStore) -> None:
    for key in ("λ/res/1.html", "B_$/index.html"):
        put(store, key, b"page")
        found = store.head(key)
        assert found is not None
        assert found.etag == etag_of(b"page")
    assert {found.key for found in store.list("λ/")} == {"λ/res/1.html"}


@pytest.mark.parametrize(
    "key",
    ["", "/b/1.html", "../b", "b/../1.html", "b//1.html", "b/./1.html", "b/", ".", "b/é", "a b",
     "b/\n", "x" * 1025],
)  # fmt: skip
def test_a_key_that_is_no_path_of_a_page_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="can't be the key"):
        put(store, key, b"page")
    with pytest.raises(ValueError, match="can't be the key"):
        store.head(key)


@pytest.mark.parametrize("key", ["index.html", TAIL, "assets/board.0123abcd.css", "a/b/c.x..y"])
def test_a_key_is_kept_as_it_is(store: ObjectStore, key: str) -> None:
    put(store, key, b"page")
    assert [found.key for found in store.list()] == [key]


# --- each on its own ---


@pytest.mark.parametrize("path", [TAIL, "b/res/1.json", "b/src/1700000000000.png"])
def test_a_reader_gets_the_headers_that_were_put(
    s3: S3ObjectStore, seaweedfs: SeaweedFS, path: str
) -> None:
    headers = headers_of(path)
    s3.put(path, b"body", headers=headers, version=1, replaces=None)
    connection = http.client.HTTPConnection("127.0.0.1", seaweedfs.port, timeout=60)
    connection.request("GET", f"/{seaweedfs.bucket}/{path}")
    answer = connection.getresponse()
    assert answer.read() == b"body"
    connection.close()
    assert answer.getheader("Content-Type") == headers.content_type
    assert answer.getheader("Cache-Control") == headers.cache_control
    assert answer.getheader("Content-Encoding") is None


def test_a_put_of_the_folder_that_died_half_way_is_mended_by_the_next(tmp_path: Path) -> None:
    """The label goes last, and a put is what its label says."""
    store = FolderObjectStore(tmp_path)
    first = put(store, TAIL, b"one")
    (tmp_path / "objects" / TAIL).write_bytes(b"two")  # ... and here it died
    put(store, TAIL, b"two", version=2, replaces=first)
    found = store.head(TAIL)
    assert found is not None
    assert (found.version, found.etag) == (2, etag_of(b"two"))


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    put(FolderObjectStore(tmp_path), TAIL, b"one")
    with pytest.raises(Superseded):
        put(FolderObjectStore(tmp_path), TAIL, b"two")


def test_a_folder_that_is_no_folder_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnreachable, match="asked to put b/res/1"):
        put(FolderObjectStore(tmp_path / "file"), TAIL, b"page")
