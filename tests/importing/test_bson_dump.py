"""A dump of MongoDB is read a document at a time, and what is none is said."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import bson
import pytest

from importing.bson_dump import DOCUMENT_BYTES_MAX, Collections, NoCollection
from importing.documents import seconds, whole
from importing.errors import BadDump
from tests.importing.mongo import dumped, moment
from tests.tables import for_each


def read(body: bytes, folder: Path) -> int:
    """How many documents of a collection are read."""
    (folder / "posts.bson").write_bytes(body)
    return sum(1 for _ in Collections.in_folder(folder, needed="posts").documents("posts"))


@for_each("is_packed", [False, True], ids=("plain", "packed"))
def test_documents_come_in_their_order(tmp_path: Path, is_packed: bool) -> None:
    posts = [{"postId": no, "u": 2**40, "date": moment(1_700_000_000.5)} for no in range(1, 1_200)]
    read_bytes: list[int] = []
    folder = dumped(tmp_path, {"posts": posts}, is_packed=is_packed)
    collections = Collections.in_folder(folder, needed="posts")
    collections.on_read = read_bytes.append
    found = list(collections.documents("posts"))
    assert [document["postId"] for document in found] == list(range(1, 1_200))
    assert seconds(found[0]["date"]) == 1_700_000_000
    assert sum(read_bytes) == collections.bytes_there
    assert list(collections.documents("boards")) == []


def test_a_folder_without_the_collection_is_none(tmp_path: Path) -> None:
    dumped(tmp_path, {"boards": []})
    with pytest.raises(NoCollection, match=r"holds no posts\.bson"):
        Collections.in_folder(tmp_path, needed="posts")


_GOOD = bson.encode({"postId": 1})


@for_each(
    ("body", "fault"),
    [
        (_GOOD + _GOOD[:9], f"at byte {len(_GOOD)}: posts.bson ends within a document"),
        (_GOOD + b"\x0e\0", f"at byte {len(_GOOD)}: posts.bson ends within a document"),
        (
            struct.pack("<i", DOCUMENT_BYTES_MAX + 1),
            "at byte 0: no document of posts.bson has",
        ),
        (struct.pack("<i", -1), "no document of posts.bson has -1 bytes"),
        (struct.pack("<i", 4), "no document of posts.bson has 4 bytes"),
        (b"\x08\0\0\0\x12a\0\0", "a document of posts.bson is damaged"),
        (b"\x0c\0\0\0\x02a\0\xff\xff\0\0\0", "a document of posts.bson is damaged"),
    ],
    ids=tuple("cut head long negative short type string".split()),
)
def test_what_is_no_document_is_said_with_its_place(
    tmp_path: Path, body: bytes, fault: str
) -> None:
    with pytest.raises(BadDump) as raised:
        read(body, tmp_path)
    assert fault in str(raised.value)


@pytest.mark.slow
def test_documents_within_documents_without_end_are_damage(tmp_path: Path) -> None:
    depth = 1_000_000
    heads = b"".join(struct.pack("<i", 5 + 8 * level) + b"\x03a\0" for level in range(depth, 0, -1))
    with pytest.raises(BadDump, match=r"a document of posts\.bson is damaged"):
        read(heads + b"\x05\0\0\0\0" + b"\0" * depth, tmp_path)


def test_a_packed_file_that_is_cut_off_is_said(tmp_path: Path) -> None:
    folder = dumped(tmp_path, {"posts": [{"postId": no} for no in range(500)]}, is_packed=True)
    path = folder / "old" / "posts.bson.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadDump, match=r"posts\.bson\.gz can't be unpacked"):
        list(Collections.in_folder(folder, needed="posts").documents("posts"))


def test_no_more_is_held_than_a_document(tmp_path: Path) -> None:
    """Of 40 MB; the largest document is one."""
    document = bson.encode({"message": "a" * 1_000_000})
    tracemalloc.start()
    assert read(document * 40, tmp_path) == 40
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The bytes of the test itself, and a few of the document.
    assert peak < 40_000_000 + 8_000_000


@for_each(
    ("value", "expected"),
    [(12, 12), (12.0, 12), (12.5, None), (True, None), ("12", None), (None, None)],
)
def test_numbers_of_javascript(value: object, expected: int | None) -> None:
    assert whole(value) == expected
