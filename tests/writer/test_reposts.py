"""A board may say that a file stands once in a thread, or once on the board."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from falcon import testing
from PIL import Image
from psycopg.types.json import Jsonb

from imageboard.store import posts
from imageboard.store.database import Database
from tests.builders import a_board
from tests.writer.media.hostile import a_jpeg
from tests.writer.sending import send_files

pytestmark = pytest.mark.slow


def a_picture(colour: str) -> bytes:
    body = BytesIO()
    Image.new("RGB", (40, 30), colour).save(body, "PNG")
    return body.getvalue()


RED, BLUE = a_picture("red"), a_picture("blue")


def post(
    client: testing.TestClient, *pictures: bytes, thread: int | None = None, **fields: str
) -> Any:
    to = {} if thread is None else {"thread": str(thread)}
    files = [("file", "a.png", picture) for picture in pictures]
    return send_files(client, files, body="Look.", **to, **fields)


def refused(answer: Any) -> str:
    assert (answer.status_code, answer.json["field"]) == (422, "file")
    sentence: str = answer.json["error"]
    return sentence


@pytest.fixture
def board(database: Database) -> Database:
    a_board(database)
    return database


def once_in(database: Database, where: str) -> None:
    with database.transaction() as db:
        db.execute(
            "UPDATE boards SET settings = settings || %s",
            (Jsonb({"files_once_in": where}),),
        )


def test_a_file_stands_as_often_as_posters_like_where_nothing_is_said(
    client: testing.TestClient, board: Database
) -> None:
    assert [post(client, RED, RED).status_code for _ in range(2)] == [200, 200]


def test_a_file_stands_once_in_a_thread(client: testing.TestClient, board: Database) -> None:
    once_in(board, "thread")
    assert post(client, RED).json["id"] == "1"
    assert "in post 1" in refused(post(client, BLUE, RED, thread=1))
    assert post(client, BLUE, thread=1).status_code == 200
    assert post(client, RED).status_code == 200, "another thread"
    assert "Two of the files are the same" in refused(post(client, BLUE, BLUE))


def test_a_file_stands_once_on_a_board_until_it_is_removed(
    client: testing.TestClient, board: Database
) -> None:
    once_in(board, "board")
    assert post(client, RED).json["id"] == "1"
    assert "in post 1" in refused(post(client, RED))
    with board.transaction() as db:
        posts.remove_files(db, "b", 1)
    assert post(client, RED).json["id"] == "2"
    with board.transaction() as db:
        posts.remove(db, "b", 2)
    assert post(client, RED).json["id"] == "3"


def test_the_same_picture_with_other_metadata_is_the_same(
    client: testing.TestClient, board: Database
) -> None:
    once_in(board, "board")
    assert post(client, a_jpeg()).status_code == 200
    refused(post(client, a_jpeg(comment=b"another one")))


def test_a_form_that_is_sent_again_is_answered_as_the_first_time(
    client: testing.TestClient, board: Database
) -> None:
    once_in(board, "board")
    answers = [post(client, RED, nonce="the-same-nonce") for _ in range(2)]
    assert [answer.json["id"] for answer in answers] == ["1", "1"]
