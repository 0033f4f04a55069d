"""Reports and their queue, on a real PostgreSQL."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from imageboard.errors import NoSuchPost
from imageboard.store import posts, reports
from imageboard.store.database import Database
from tests.builders import a_board, a_post

HERE, THERE = b"h" * 16, b"t" * 16


def report(database: Database, *nos: int, **fields: Any) -> int:
    filled: dict[str, Any] = {"reason": "Spam.", "address_hash": HERE}
    with database.transaction() as db:
        return reports.add(db, "b", list(nos), **(filled | fields))


def queue(database: Database) -> list[tuple[int, int, list[str]]]:
    with database.connection() as db:
        assert reports.count(db, on=None) == len(reports.queue(db, on=None, limit=100))
        return [
            (each.no, each.report_count, each.reasons)
            for each in reports.queue(db, on=None, limit=100)
        ]


@pytest.fixture(autouse=True)
def _a_thread_of_thirty_posts(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    for _ in range(29):
        a_post(database, board, thread=1)


def test_post_that_was_reported_first_comes_first(database: Database) -> None:
    report(database, 3, reason="rude")
    report(database, 2, reason="first")
    report(database, 3, reason="very rude", address_hash=THERE)
    assert queue(database) == [(3, 2, ["rude", "very rude"]), (2, 1, ["first"])]
    with database.connection() as db:
        assert [each.no for each in reports.queue(db, on=None, limit=1)] == [3]
        assert [each.no for each in reports.queue(db, on=None, limit=1, after=1)] == [2]
        assert reports.queue(db, on=None, limit=1)[0].thread == 1


@pytest.mark.slow
def test_of_one_post_a_hundred_reports_are_stored_and_ten_are_shown(database: Database) -> None:
    """However many come together."""
    for number in range(98):
        report(database, 2, reason=f"number {number}", address_hash=number.to_bytes(16, "big"))
    together = threading.Barrier(6)

    def come(number: int) -> None:
        together.wait()
        report(database, 2, 3, address_hash=(100 + number).to_bytes(16, "big"))

    comers = [threading.Thread(target=come, args=(number,)) for number in range(6)]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join()
    (much, count, reasons), (little, *_rest) = queue(database)
    assert (much, count, little) == (2, reports.PER_POST_MAX, 3)
    assert reasons == [f"number {number}" for number in range(reports.REASONS_SHOWN_MAX)]


@pytest.mark.slow
def test_queue_of_some_boards_leaves_out_the_others(database: Database) -> None:
    a_post(database, a_board(database, "tea"))
    report(database, 2)
    with database.transaction() as db:
        reports.add(db, "tea", [1], reason="Spam.", address_hash=HERE)
        for boards in (["b"], ["tea", "b"], ["nowhere"], []):
            found = reports.queue(db, on=boards, limit=10)
            assert {each.board for each in found} == set(boards) - {"nowhere"}
            assert reports.count(db, on=boards) == len(found)


def test_one_address_reports_a_post_once(database: Database) -> None:
    assert report(database, 2, 3) == 2
    assert report(database, 2, 4, reason="again") == 1
    assert queue(database) == [(2, 1, ["Spam."]), (3, 1, ["Spam."]), (4, 1, ["again"])]


def test_dismissed_reports_leave_the_queue_and_are_not_made_again(database: Database) -> None:
    report(database, 2)
    report(database, 2, address_hash=THERE)
    with database.transaction() as db:
        assert reports.dismiss(db, "b", 2) == 2
        assert reports.dismiss(db, "b", 2) == 0
    assert queue(database) == []
    assert report(database, 2) == 0, "by the same address"
    assert report(database, 2, address_hash=b"x" * 16, reason="still") == 1
    assert queue(database) == [(2, 1, ["still"])]
    with database.connection() as db:
        assert reports.of_post(db, "b", 2) == ["still"]


def test_unknown_post_makes_the_whole_report_fail(database: Database) -> None:
    with pytest.raises(NoSuchPost):
        report(database, 2, 99)
    assert queue(database) == []


@pytest.mark.slow
def test_reports_go_with_their_post(database: Database) -> None:
    report(database, 2)
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    assert queue(database) == []
