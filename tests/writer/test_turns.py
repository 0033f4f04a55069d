"""Who posts to a board waits for those before, and for nobody else."""

from __future__ import annotations

import threading

import pytest

from imageboard.errors import StoreUnavailable
from writer.turns import Turns


def test_who_waits_has_the_turn_after_whoever_has_it() -> None:
    turns = Turns()
    order: list[str] = []
    is_waiting = threading.Event()

    def wait() -> None:
        is_waiting.set()
        with turns.taken("b"):
            order.append("second")

    second = threading.Thread(target=wait)
    with turns.taken("b"):
        second.start()
        is_waiting.wait()
        order.append("first")
    second.join()
    assert order == ["first", "second"]


def test_another_board_does_not_wait() -> None:
    turns = Turns(wait_s_max=0)
    with turns.taken("b"), turns.taken("c"):
        pass


def test_turn_that_does_not_come_is_told_as_a_database_that_does_not_answer() -> None:
    turns = Turns(wait_s_max=0)
    with turns.taken("b"), pytest.raises(StoreUnavailable), turns.taken("b"):
        pytest.fail("two had the turn")


def test_turn_is_given_back_by_a_post_that_is_refused() -> None:
    turns = Turns(wait_s_max=0)
    with pytest.raises(StoreUnavailable), turns.taken("b"):
        raise StoreUnavailable(part="database")
    with turns.taken("b"):
        pass
