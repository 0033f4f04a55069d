"""Files that look alike are found among the newest of the boards that somebody may see."""

from __future__ import annotations

from imageboard.boards import Board
from imageboard.store import likenesses, removals
from imageboard.store.database import Database
from imageboard.store.likenesses import Alike
from tests.builders import a_board, a_file, a_post, seconds_later

LOOK = 0x5A5A_0F0F_3C3C_1234
#: Its sign bit and two more are others.
NEAR = (LOOK ^ 0x8000_0000_0000_0011) - 2**64
FAR = ~LOOK


def test_files_that_look_alike_are_found_the_newest_first(database: Database) -> None:
    """By how few bits differ, on the boards asked for; nothing that was removed is among them."""
    b, c = a_board(database), a_board(database, "c")

    def post(board: Board, second: int, *looks: int | None) -> int:
        files = tuple(
            a_file(stored_as=f"{second:031}{n}", likeness=look) for n, look in enumerate(looks)
        )
        return a_post(database, board, files=files, at=seconds_later(second)).no

    looks = [[LOOK], [FAR], [None], [FAR, NEAR]]
    assert [post(b, second, *each) for second, each in enumerate(looks)] == [1, 2, 3, 4]
    assert [post(c, 4, NEAR), post(b, 5, NEAR), post(b, 6, NEAR)] == [1, 5, 6]
    with database.transaction() as db:
        removals.remove(db, "lake", {"b": [5]})
        removals.remove_files(db, "lake", "b", 6)
        assert likenesses.of_post(db, "b", 4) == [FAR, NEAR]
        assert likenesses.of_post(db, "b", 6) == []

        def alike(**asked: object) -> list[Alike]:
            all_of_it = {"on": None, "bits_max": 3, "limit": 10} | asked
            return likenesses.alike(db, [LOOK], **all_of_it)  # type: ignore[arg-type]

        assert alike() == [Alike("c", 1, 0, 3), Alike("b", 4, 1, 3), Alike("b", 1, 0, 0)]
        assert alike(on=["b"], bits_max=2) == [Alike("b", 1, 0, 0)]
        assert alike(limit=1) == [Alike("c", 1, 0, 3)]
        assert alike(on=["b"], files_max=2) == [Alike("b", 4, 1, 3)]
        assert alike(on=[]) == []
