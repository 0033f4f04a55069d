"""A link to a file by its bytes, as LynxChan and jschan have it, leads to a post's file of now."""

from __future__ import annotations

import falcon
from falcon import testing

from imageboard.store import old_boards, posts
from imageboard.store.database import Database
from tests.builders import a_board, a_file, a_post

FILE, THUMBNAIL = f".media/{'0a' * 32}.png", f".media/t_{'0a' * 32}"
OF_JSCHAN = f"file/thumb/{'0b' * 32}.webp"


def test_old_address_of_a_file_leads_to_the_first_post_that_still_has_it(
    client: testing.TestClient, database: Database
) -> None:
    board = a_board(database)
    tims = [a_post(database, board, files=(a_file(),)).tims[0] for _thread in range(2)]
    with database.transaction() as db:
        for no in (1, 2):
            old_boards.add_file(db, FILE, "b", no, 0)
            old_boards.add_file(db, THUMBNAIL, "b", no, 0, is_thumbnail=True)
        old_boards.add_file(db, OF_JSCHAN, "b", 2, 0, is_thumbnail=True)

    def led_to(address: str) -> tuple[str, str | None]:
        answer = client.simulate_get(f"/{address}")
        return answer.status, answer.headers.get("location")

    moved, gone = falcon.HTTP_301, (falcon.HTTP_404, None)
    assert led_to(FILE) == (moved, f"/b/src/{tims[0]}.png")
    assert led_to(THUMBNAIL) == (moved, f"/b/thumb/{tims[0]}.png")
    assert led_to(OF_JSCHAN) == (moved, f"/b/thumb/{tims[1]}.png")
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    assert led_to(FILE) == (moved, f"/b/src/{tims[1]}.png")
    with database.transaction() as db:
        posts.remove_files(db, "b", 2)
    assert [led_to(FILE), led_to(THUMBNAIL)] == [gone, gone]
    assert led_to(f".media/{'0c' * 32}.png") == gone
    assert led_to(".media/x.png") == gone
