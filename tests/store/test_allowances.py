"""Allowances as PostgreSQL takes them."""

from __future__ import annotations

import threading

import pytest

from imageboard.allowances import Allowance, Of
from imageboard.errors import BoardTooFast, NetworkTooFast, NoSuchThread, TooFast
from imageboard.store import allowances, posts
from imageboard.store.database import Database
from tests.builders import a_board, a_new_post, a_post, seconds_later

NETWORK = Allowance(Of.NETWORK_POSTS, b"n" * 16, cost_s=600, room_s=3600)
BOARD = Allowance(Of.BOARD_POSTS, b"b" * 16, cost_s=1200, room_s=3600)


def about(seconds: float) -> object:
    """PostgreSQL's clock goes on: a tenth of a use is no more than a busy machine takes here."""
    return pytest.approx(seconds, abs=NETWORK.cost_s / 10)


def take(database: Database, *asked: Allowance) -> None:
    with database.connection() as db:
        allowances.take(db, asked)


def used_s(database: Database) -> dict[bytes, float]:
    """For how many more seconds each counts as used."""
    with database.connection() as db:
        rows = db.execute(
            "SELECT key, extract(epoch FROM used_until - clock_timestamp()) FROM allowances"
        )
        return {bytes(key): float(seconds) for key, seconds in rows}


def test_what_is_refused_takes_nothing_and_says_how_long_to_wait(database: Database) -> None:
    for _ in range(3):
        take(database, BOARD, NETWORK)
    for _ in range(5):
        with pytest.raises(BoardTooFast) as refused:
            take(database, NETWORK, BOARD)
        assert refused.value.retry_after_s == about(BOARD.cost_s)
    assert used_s(database) == {NETWORK.key: about(1800), BOARD.key: about(3600)}
    take(database, NETWORK.times(3))
    with pytest.raises(BoardTooFast):
        take(database, NETWORK, BOARD)  # both are full: the longer wait is told
    with pytest.raises(NetworkTooFast) as refused:
        take(database, NETWORK)
    assert refused.value.retry_after_s == about(NETWORK.cost_s)


def test_of_those_who_come_together_no_more_get_through_than_there_is_room_for(
    database: Database,
) -> None:
    """Some of them for two networks, each in an order of its own: nobody waits for ever."""
    other = NETWORK._replace(key=b"o" * 16)
    orders = [(NETWORK, other), (other, NETWORK)]
    together = threading.Barrier(8)
    got_through: list[int] = []

    def come(number: int) -> None:
        together.wait()
        for _ in range(4):
            try:
                take(database, *orders[number % 2])
            except TooFast:
                continue
            got_through.append(number)

    comers = [threading.Thread(target=come, args=(number,)) for number in range(8)]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join()
    assert len(got_through) == 6


def test_post_has_room_again_when_its_time_has_come(database: Database) -> None:
    board = a_board(database)
    for second in range(3):
        a_post(database, board, at=seconds_later(0), body=f"{second}", allowances=(BOARD,))
    with pytest.raises(BoardTooFast) as refused:
        a_post(database, board, at=seconds_later(300), allowances=(BOARD,))
    assert refused.value.retry_after_s == 900
    a_post(database, board, at=seconds_later(1200), allowances=(BOARD,))


def test_clock_that_is_set_back_lets_nobody_wait_for_it(database: Database) -> None:
    """By an hour: what was used up before counted as used for two."""
    board = a_board(database)
    for hour, text in ((1, "before"), (0, "after")):
        for number in range(3):
            at = seconds_later(3600 * hour)
            a_post(database, board, at=at, body=f"{text} {number}", allowances=(BOARD,))
    with pytest.raises(BoardTooFast) as refusal:
        a_post(database, board, at=seconds_later(0), allowances=(BOARD,))
    assert refusal.value.retry_after_s == BOARD.cost_s


def test_only_a_post_that_is_stored_takes_anything(database: Database) -> None:
    board = a_board(database)
    first = a_post(database, board, nonce="a-nonce-of-mine", allowances=(BOARD,))
    again = a_post(database, board, nonce="a-nonce-of-mine", allowances=(BOARD,))
    assert again.no == first.no
    with pytest.raises(NoSuchThread):
        a_post(database, board, thread=99, allowances=(BOARD,))
    assert used_s(database) == {BOARD.key: about(1200)}
    with database.connection() as db:
        posts.add(db, a_new_post(board, allowances=(BOARD,)), limits=False)
    assert used_s(database) == {BOARD.key: about(1200)}


def test_half_used_and_forgotten(database: Database) -> None:
    take(database, NETWORK.times(3), BOARD)
    with database.connection() as db:
        assert allowances.half_used(db, (NETWORK, BOARD)) == set()
    take(database, BOARD)
    with database.connection() as db:
        assert allowances.half_used(db, (NETWORK, BOARD)) == {Of.BOARD_POSTS}
        assert allowances.forget_expired(db) == 0
        db.execute("UPDATE allowances SET used_until = used_until - interval '35 minutes'")
        assert allowances.forget_expired(db) == 1
    assert used_s(database) == {BOARD.key: about(300)}
