"""One post by its number: as its thread's JSON has it, and gone with it."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from pathlib import Path

import falcon
import pytest
from falcon import testing

from imageboard.store import posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post
from tests.tables import for_each
from writer.answers import Answers
from writer.board_list import BoardList
from writer.captchas import Captchas
from writer.forms import Form
from writer.single_posts import ADDRESS, SinglePosts


@pytest.fixture
def client(database: Database) -> testing.TestClient:
    app = falcon.App()
    answers = Answers(Captchas(BoardList(database), None, {}))
    app.add_error_handler(
        Exception, lambda req, resp, ex, _params: answers.refuse(req, resp, ex, Form())
    )
    app.add_route(ADDRESS, SinglePosts(database, BoardList(database)))
    return testing.TestClient(app)


@pytest.mark.slow
def test_post_is_what_its_thread_s_json_has_and_names_its_board(
    database: Database, client: testing.TestClient, tmp_path: Path
) -> None:
    board = a_board(database)
    a_post(database, board, subject="Kettles", files=(a_file(),))
    a_post(database, board, thread=1, body="A reply to >>1\n**loud**")
    web_root = WebRoot(tmp_path / "public")
    RenderLoop(database, web_root, UploadStore(tmp_path / "uploads"), "Stillboard").render("b")
    shown = json.loads(web_root.read("b/res/1.json") or b"")["posts"]
    for no, expected in ((1, shown[0]), (2, shown[1])):
        answer = client.simulate_get(f"/b/post/{no}.json")
        assert answer.status == falcon.HTTP_200
        # How many people posted is counted where all posts are read.
        expected.pop("unique_ips", None)
        assert answer.json == expected | {"board": "b"}


def test_reader_who_has_it_is_told_so(database: Database, client: testing.TestClient) -> None:
    a_post(database, a_board(database))
    first = client.simulate_get("/b/post/1.json")
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}"):  # as a CDN tells it that compresses
        again = client.simulate_get("/b/post/1.json", headers={"If-None-Match": known})
        assert (again.status, again.text) == (falcon.HTTP_304, "")
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["cdn-cache-control"] == "no-store"
    assert parsedate_to_datetime(first.headers["last-modified"])


def test_reader_who_has_it_may_say_so_by_its_time(
    database: Database, client: testing.TestClient
) -> None:
    """As libraries do that know no ETags. Within the second of a change no time counts."""

    def read(**said: str) -> testing.Result:
        headers = {name.replace("_", "-"): value for name, value in said.items()}
        return client.simulate_get("/b/post/1.json", headers=headers)

    def is_modified(when: str) -> None:
        with database.transaction() as db:
            db.execute("UPDATE threads SET modified_at = now() + %s::interval", [when])

    a_post(database, a_board(database))
    # Its second is not over while the test lasts.
    is_modified("1 minute")
    assert read(If_Modified_Since=read().headers["last-modified"]).status == falcon.HTTP_200
    is_modified("-1 minute")
    told = read().headers["last-modified"]
    assert read(If_Modified_Since=told).status == falcon.HTTP_304
    assert read(If_Modified_Since=told, If_None_Match='"x"').status == falcon.HTTP_200
    assert read(If_Modified_Since="Thu, 01 Jan 1970 00:00:00 GMT").status == falcon.HTTP_200
    assert read(If_Modified_Since="yesterday").status == falcon.HTTP_200
    assert read(If_None_Match="*").status == falcon.HTTP_304


def test_removed_post_is_gone_at_once(database: Database, client: testing.TestClient) -> None:
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, thread=1)
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    assert client.simulate_get("/b/post/1.json").status == falcon.HTTP_200
    gone = client.simulate_get("/b/post/2.json")
    assert (gone.status, gone.json["code"]) == (falcon.HTTP_404, "no_such_post")


@pytest.mark.parametrize("archive_days", [0, 30])
def test_post_of_a_thread_that_fell_off_is_told_from_the_archive_alone(
    database: Database, client: testing.TestClient, archive_days: int
) -> None:
    room = {"threads_per_page": 1, "pages_max": 1, "quiet_minutes_min": 0}
    board = a_board(database, **room, archive_days=archive_days)
    a_post(database, board)
    a_post(database, board)
    database.again_on_deadlock(lambda db: posts.prune(db, "b"))
    answer = client.simulate_get("/b/post/1.json")
    if archive_days:
        assert answer.json["archived"] == 1
    else:
        assert answer.status == falcon.HTTP_404


@for_each("address", ["/b/post/99.json", "/x/post/1.json", "/b/post/9x.json", "/b/post/-1.json"])
def test_what_is_not_there_is_told_in_json(
    database: Database, client: testing.TestClient, address: str
) -> None:
    if BoardList(database).get("b") is None:
        a_board(database)
    answer = client.simulate_get(address)
    assert answer.status == falcon.HTTP_404
    assert answer.json["error"]
