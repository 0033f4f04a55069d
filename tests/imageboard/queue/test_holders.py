"""Whoever stays at a board is told of changes, and is counted on only while it is there."""

from __future__ import annotations

import pytest
import redis

from imageboard.queue import holders
from imageboard.queue.holders import Line
from imageboard.queue.wake_up import WakeUp
from tests.deploy.stand_ins import WAIT_S, eventually


@pytest.fixture(autouse=True)
def _no_time_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the test says so, however busy the machine is."""
    monkeypatch.setattr(holders, "LEASE_MS", 3_600_000)
    monkeypatch.setattr(holders, "CONFIRMED_S_MAX", 3_600.0)


@pytest.fixture
def line(queue: redis.Redis) -> Line:
    return Line(queue, "b")


def test_holder_is_told_and_no_call_is_made(queue: redis.Redis, line: Line) -> None:
    with line:
        line.wait(0.0)
        assert WakeUp(queue).ask_for_render("b")
        assert line.wait(WAIT_S)
        assert not queue.llen("rq:queue:render")
        assert not line.wait(0.0), "what was told once is told once"


def test_holder_hears_that_a_poster_waits_for_lists(queue: redis.Redis, line: Line) -> None:
    with line:
        assert WakeUp(queue).ask_for_render("b")
        assert line.wait(WAIT_S)
        assert not line.lists_too
        assert WakeUp(queue).ask_for_render("b", lists_too=True)
        assert line.wait(WAIT_S)
        assert line.lists_too


def test_holder_of_another_board_hears_that_one_was_called_for(
    queue: redis.Redis, line: Line
) -> None:
    with line:
        line.has_calls = False
        assert WakeUp(queue).ask_for_render("c")
        assert queue.llen("rq:queue:render") == 1
        assert eventually(lambda: line.wait(0.0))
        assert line.has_calls


def test_holder_that_leaves_is_not_counted_on_from_that_moment(
    queue: redis.Redis, line: Line
) -> None:
    with line:
        line.leave()
        assert not holders.tell(queue, "b")
    assert not holders.tell(queue, "b")


@pytest.mark.parametrize("vanished", ["process", "machine"])
def test_holder_that_vanished_is_not_counted_on(
    queue: redis.Redis, line: Line, vanished: str
) -> None:
    """Of a process that dies the line is cut; of a machine it seems to be there for minutes."""
    with line:
        assert holders.tell(queue, "b")
        if vanished == "process":
            assert queue.client_kill_filter(_type="pubsub") == 1
        else:
            (lease,) = queue.keys("stillboard:holder:*")
            assert 0 < queue.pttl(lease) <= holders.LEASE_MS
            queue.delete(lease)  # as time does
        assert eventually(lambda: not holders.tell(queue, "b"))
        assert WakeUp(queue).ask_again("b"), "a call is made"


def test_lease_is_renewed_while_the_holder_waits(
    queue: redis.Redis, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holders, "RENEWED_EVERY_S", 0.0)
    with line:
        queue.delete("stillboard:holder:b")
        line.wait(0.0)
        assert holders.tell(queue, "b")


def test_line_that_can_not_be_opened_says_so() -> None:
    nowhere = redis.Redis(unix_socket_path="/nowhere")
    with pytest.raises(redis.RedisError), Line(nowhere, "b"):
        pass
