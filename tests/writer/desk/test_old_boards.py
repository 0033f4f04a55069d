"""Staff look after a board that is called as it was where it came from."""

from __future__ import annotations

import falcon
import pytest

from imageboard.store import boards
from tests.builders import a_post
from tests.writer.desk.conftest import Browser, TheDesk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("name", "escaped"), [("λ", "%CE%BB"), ("B_$", "B_$")])
def test_desk_of_a_board_of_any_name_is_led_through_by_its_addresses(
    desk: TheDesk, admin: Browser, name: str, escaped: str
) -> None:
    with desk.database.transaction() as db:
        boards.add(db, name, boards.get(db, "b").settings)
        board = boards.get(db, name)
    a_post(desk.database, board)
    a_post(desk.database, board, thread=1)
    page = admin.get(f"/mod/{escaped}/2")
    assert page.status == falcon.HTTP_200
    assert f'action="/mod/{escaped}/2"' in page.text
    for address in (
        f"{escaped}/2/author",
        f"board-settings/{escaped}",
        f"board-pictures/{escaped}",
    ):
        assert admin.get(f"/mod/{address}").status == falcon.HTTP_200, address
    answer = admin.send(f"/mod/{escaped}/1", deed="sticky")
    assert answer.headers["location"] == f"/mod/{escaped}/1?done=sticky"
    assert admin.get(answer.headers["location"]).status == falcon.HTTP_200
    assert admin.send(f"/mod/{escaped}/2", deed="delete").status == falcon.HTTP_303
    assert [(entry.board, entry.action) for entry in desk.log()] == [
        (name, "sticky"),
        (name, "delete_post"),
    ]
