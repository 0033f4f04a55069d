"""A real board of vichan, sent again post by post, comes out as vichan published it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from deploy.environment import ROOT
from renderer.bodies import ENCODING_SUFFIXES
from tests.tables import for_each
from tests.walk import sample
from tests.walk.board_process import BoardProcess
from tests.walk.known_differences import (
    ABSENT,
    KNOWN,
    MOVED_BECAUSE,
    Known,
    in_our_order,
)

pytestmark = pytest.mark.board


class Listed(NamedTuple):
    """One post as one JSON file lists it."""

    path: str
    #: Of the board page that it is on, from 0; None: in its thread's own file.
    page: int | None
    #: As threads.json has it, which does not say more of a thread than it must.
    fields: dict[str, Any]

    @property
    def no(self) -> int:
        return int(self.fields["no"])


@pytest.fixture(scope="module")
def replayed(board_process: BoardProcess) -> BoardProcess:
    sample.replay(board_process)
    return board_process


@pytest.fixture(scope="module")
def published(replayed: BoardProcess) -> dict[str, Any]:
    """What this board has at each path at which vichan had something."""
    return {path: replayed.read(f"/{sample.BOARD}/{path}") for path in sample.documents()}


def listed(documents: dict[str, Any]) -> Iterator[Listed]:
    """Every post of every file, in order."""
    for path, document in documents.items():
        if path.startswith("res/"):
            yield from (Listed(path, None, post) for post in document["posts"])
        elif isinstance(document, dict):
            for thread in document["threads"]:
                yield from (Listed(path, int(path[0]), post) for post in thread["posts"])
        else:
            for page in document:
                yield from (Listed(path, page["page"], op) for op in page["threads"])


def test_threads_pages_and_posts_stand_in_vichan_s_order_but_for_those_that_are_listed(
    published: dict[str, Any],
) -> None:
    def order(documents: dict[str, Any]) -> list[tuple[str, int | None, int]]:
        return [(post.path, post.page, post.no) for post in listed(documents)]

    assert order(published) == order(in_our_order(sample.documents()))
    assert order(published) != order(sample.documents()), "no longer differs"
    assert MOVED_BECAUSE in (ROOT / "docs" / "compatibility.md").read_text()


def test_every_field_is_vichan_s_or_a_listed_difference(published: dict[str, Any]) -> None:
    unknown: list[str] = []
    seen: dict[Known, set[int]] = defaultdict(set)
    for theirs, ours in zip(
        listed(in_our_order(sample.documents())), listed(published), strict=True
    ):
        for field in sorted(theirs.fields.keys() | ours.fields.keys()):
            expected = theirs.fields.get(field, ABSENT)
            for known in (known for known in KNOWN if field in known.fields):
                before, expected = expected, known.expected(field, expected, ours.fields)
                if before != expected:
                    seen[known].add(ours.no)
            if (found := ours.fields.get(field, ABSENT)) != expected:
                unknown.append(f"{ours.path} No.{ours.no} {field}: {found!r}, not {expected!r}")
    assert not unknown, "\n".join(unknown)
    for known in KNOWN:
        assert seen[known], f"no longer differs: {known.fields}: {known.reason}"
        if known.posts is not None:
            assert seen[known] == known.posts, f"{known.fields}: {known.reason}"


@for_each("known", KNOWN, ids=lambda known: ",".join(known.fields))
def test_every_listed_difference_is_told_to_the_users(known: Known) -> None:
    assert known.reason in (ROOT / "docs" / "compatibility.md").read_text()


def test_times_are_in_the_order_of_numbers(published: dict[str, Any]) -> None:
    times = sorted(
        {(post.no, post.fields["time"]) for post in listed(published) if "time" in post.fields}
    )
    assert [time for _no, time in times] == sorted(time for _no, time in times)


def test_a_thread_was_modified_with_or_after_its_last_reply(published: dict[str, Any]) -> None:
    for path, document in published.items():
        if path.startswith("res/"):
            op, *replies = document["posts"]
            assert op["last_modified"] >= replies[-1]["time"]
            assert all(reply["last_modified"] == reply["time"] for reply in replies)


def test_an_id_is_one_poster_in_one_thread(published: dict[str, Any]) -> None:
    ids: set[str] = set()
    posters = 0
    for thread, sent in sample.threads().items():
        shown = published[f"res/{thread}.json"]["posts"]
        pairs = {(sample.poster(a), b["id"]) for a, b in zip(sent, shown, strict=True)}
        assert len(pairs) == len({poster for poster, _id in pairs})
        posters += len(pairs)
        ids |= {poster_id for _poster, poster_id in pairs}
    assert len(ids) == posters, "nobody is known by one ID in two threads"


def files_of(published: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for post in listed(published):
        if "filename" in post.fields:
            yield post.fields
            yield from post.fields.get("extra_files", [])


def test_every_file_is_where_clients_look_for_it_and_as_the_json_says(
    replayed: BoardProcess, published: dict[str, Any]
) -> None:
    looked_at = set()
    for file in files_of(published):
        looked_at.add(file["tim"])
        body = replayed.http.get(f"/{sample.BOARD}/src/{file['tim']}{file['ext']}").content
        assert len(body) == file["fsize"]
        assert base64.b64encode(hashlib.md5(body).digest()).decode() == file["md5"]
        with Image.open(io.BytesIO(body)) as picture:
            assert picture.size == (file["w"], file["h"])
    assert len(looked_at) == sample.expected()["counts"]["files_present"]


def test_a_file_that_was_not_touched_is_served_as_it_was_sent(published: dict[str, Any]) -> None:
    sent = {
        base64.b64encode(hashlib.md5(file.body).digest()).decode()
        for post in sample.sent_posts()
        for file in post.files
        if post.no != sample.POST_WITHOUT_ITS_FILE
    }
    cleaned = {file["md5"] for file in files_of(published)} - sent
    assert len(cleaned) == len({122, 166}), "only those with a camera's notes are written anew"


def test_every_post_is_on_its_thread_s_page_and_none_that_was_deleted(
    replayed: BoardProcess,
) -> None:
    pages = {
        thread: replayed.http.get(f"/{sample.BOARD}/res/{thread}.html").text
        for thread in sample.threads()
    }
    for thread, posts in sample.threads().items():
        assert all(f'id="{post["no"]}"' in pages[thread] for post in posts)
    for gone in sample.expected()["deleted"]:
        assert f'id="{gone["no"]}"' not in pages[gone["thread"]]
    last_replies = replayed.http.get(f"/{sample.BOARD}/res/3+50.html").text
    assert last_replies.count('<article class="post reply"') == 50


def test_a_thread_s_json_has_4chan_s_address_too(replayed: BoardProcess) -> None:
    theirs = replayed.http.get(f"/{sample.BOARD}/thread/3.json")
    assert theirs.content == replayed.http.get(f"/{sample.BOARD}/res/3.json").content
    head = replayed.http.head(f"/{sample.BOARD}/res/3.json")
    assert head.headers["Last-Modified"] == theirs.headers["Last-Modified"]
    assert replayed.http.get(f"/{sample.BOARD}/res/99999.json").status_code == 404


def test_the_database_proves_every_page(replayed: BoardProcess) -> None:
    assert json.loads(replayed.cli("verify", "--json"))["findings"] == []


def test_rendering_everything_again_writes_nothing(replayed: BoardProcess) -> None:
    before = written(replayed.web_root)
    replayed.cli("rerender", "--all")
    assert written(replayed.web_root) == before


def written(web_root: Path) -> dict[Path, tuple[int, int]]:
    """Inode and moment of the last writing of every file that a reader can ask for.

    But for compressed siblings: once a page rests they are made anew, smaller.
    """
    files = (
        path
        for path in web_root.rglob("[!.]*")
        if path.is_file()
        and path.suffix not in ENCODING_SUFFIXES
        and not path.relative_to(web_root).parts[0].startswith(".")
    )
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}
