"""Whoever goes back to vichan takes along what came from there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from imageboard.store.database import snapshot
from importing import sql_dump, to_vichan
from tests.builders import a_board, a_post
from tests.importing.conftest import SAMPLE, Site
from tests.walk import sample

pytestmark = pytest.mark.slow

#: What there and here are the same.
_COLUMNS = (
    "id thread subject email name trip capcode time num_files filehash sticky locked cycle sage"
).split()
#: A name of blanks is none here.
_DIFFERS = {("136", "name")}
#: Of a file.
_OF_A_FILE = "file thumb width height thumbwidth thumbheight hash size".split()


def dump(site: Site, board: str = sample.BOARD) -> bytes:
    with site.database.connection() as db, snapshot(db):
        return "".join(to_vichan.dump(db, board)).encode()


def posts(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    table = f"posts_{sample.BOARD}"
    for row in sql_dump.Dump(stream, wants=table.__eq__).rows():
        values = [None if value is None else value.decode() for value in row.values]
        yield dict(zip(row.columns, values, strict=True))


@pytest.fixture(scope="module")
def there() -> dict[str, dict[str, Any]]:
    with SAMPLE.open("rb") as stream:
        return {post["id"]: post for post in posts(stream)}


@pytest.fixture(scope="module")
def back(moved: Site) -> dict[str, dict[str, Any]]:
    return {post["id"]: post for post in posts(io.BytesIO(dump(moved)))}


@pytest.mark.slow
def test_every_post_goes_back_as_it_came(
    there: dict[str, dict[str, Any]], back: dict[str, dict[str, Any]]
) -> None:
    assert back.keys() == there.keys()
    wrong = [
        f"No.{no} {column}: {back[no][column]!r}, not {post[column]!r}"
        for no, post in there.items()
        for column in _COLUMNS
        if back[no][column] != post[column] and (no, column) not in _DIFFERS
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_texts_go_back_as_they_were_typed(
    there: dict[str, dict[str, Any]], back: dict[str, dict[str, Any]]
) -> None:
    for no, post in there.items():
        assert back[no]["body_nomarkup"].strip() == post["body_nomarkup"].strip(), no


def test_files_go_back_under_their_names(
    there: dict[str, dict[str, Any]], back: dict[str, dict[str, Any]]
) -> None:
    for no, post in there.items():
        files, were = (json.loads(each["files"] or "[]") for each in (back[no], post))
        for file, was in zip(files, were, strict=True):
            names = ["file"] if was["file"] == "deleted" else [n for n in _OF_A_FILE if n in was]
            assert [file.get(name) for name in names] == [was[name] for name in names], no


def test_threads_go_back_in_their_order(
    there: dict[str, dict[str, Any]], back: dict[str, dict[str, Any]]
) -> None:
    def order(all_posts: dict[str, dict[str, Any]]) -> list[str]:
        ops = [post for post in all_posts.values() if post["thread"] is None]
        ops.sort(key=lambda post: (int(post["sticky"]), int(post["bump"])), reverse=True)
        return [post["id"] for post in ops]

    assert order(back) == order(there)


def test_files_themselves_go_back(moved: Site) -> None:
    went: dict[str, bytes] = {}
    with moved.database.connection() as db, snapshot(db):
        to_vichan.files(
            db, sample.BOARD, moved.uploads, lambda name, body: went.update({name: body.read()})
        )
    assert went
    for name, body in went.items():
        assert (sample.FOLDER / name).read_bytes() == body, name


def test_board_of_ours_that_went_there_comes_back_with_its_texts(
    site: Site, tmp_path: Path
) -> None:
    """A text that looks like a mark of vichan's own stays a text."""
    bodies = [
        "line\n\nline 'quoted' \\ \"so\" \x1a",
        "<tinyboard raw html>1</tinyboard>\n<tinyboard escape ban message>x</tinyboard>",
        ">>1\n>green **b** Ω 🎉",
    ]
    board = a_board(site.database, sample.BOARD)
    for body in bodies:
        a_post(site.database, board, thread=None if body is bodies[0] else 1, body=body)
    sent = dump(site)
    site.ask_nothing("TRUNCATE boards CASCADE")
    site.bring(site.move(sent, tmp_path))
    assert [body for (body,) in site.ask("SELECT body FROM posts ORDER BY no")] == bodies
