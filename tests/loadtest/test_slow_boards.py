"""A yes means something: a board that is made slow misses the target that tells of it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.loadtest.runs import a_run
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board

_DELAY_S = 1.0


def test_delay_in_the_writer_is_told_by_the_time_until_the_answer(
    loaded_board: BoardProcess,
) -> None:
    with slow_inserts(loaded_board):
        ran = a_run(loaded_board.data, "posters", "--users", "2", "--time", "6s")
    assert ran.status == 1, ran
    assert ran.misses("post_p99_ms"), ran
    assert ran.run.correctness.missing == 0


def test_delay_in_the_renderer_is_told_by_the_time_until_a_post_is_seen(
    loaded_board: BoardProcess,
) -> None:
    with fits_and_starts(loaded_board.running.pids()["renderer-1"]):
        ran = a_run(loaded_board.data, "posters", "--users", "4", "--time", "8s")
    assert ran.status == 1, ran
    assert ran.misses("visible_p50_ms"), ran
    figures = ran.run.figures
    assert figures["post_p50_ms"] < figures["visible_p50_ms"] / 2, "the writer was not held up"
    assert ran.run.correctness.missing == 0


def test_renderer_that_has_stopped_is_told_by_posts_that_are_missing(
    loaded_board: BoardProcess,
) -> None:
    renderer = loaded_board.running.pids()["renderer-1"]
    os.kill(renderer, signal.SIGSTOP)
    try:
        ran = a_run(loaded_board.data, "posters", "--users", "4", "--time", "6s")
    finally:
        os.kill(renderer, signal.SIGCONT)
    loaded_board.settle()
    assert ran.status == 1, ran
    assert ran.misses("missing"), ran
    assert ran.run.correctness.missing == ran.run.correctness.acknowledged > 0


@contextmanager
def slow_inserts(board: BoardProcess) -> Iterator[None]:
    """Each post takes a second longer to be stored."""
    with psycopg.connect(board.environment["DATABASE_URL"], autocommit=True) as db:
        db.execute(
            "CREATE FUNCTION take_a_nap() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_sleep({_DELAY_S}); RETURN NEW; END $$"
        )
        db.execute(
            "CREATE TRIGGER nap BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION take_a_nap()"
        )
        try:
            yield
        finally:
            db.execute("DROP TRIGGER nap ON posts")
            db.execute("DROP FUNCTION take_a_nap")


@contextmanager
def fits_and_starts(pid: int) -> Iterator[None]:
    """The process works for a moment, and stands still for two seconds, again and again."""
    is_over = threading.Event()

    def hinder() -> None:
        while not is_over.is_set():
            os.kill(pid, signal.SIGSTOP)
            is_over.wait(2 * _DELAY_S)
            os.kill(pid, signal.SIGCONT)
            is_over.wait(0.2)

    thread = threading.Thread(target=hinder)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
