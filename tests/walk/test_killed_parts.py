"""Every part is killed while people post: nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from deploy.data_folder import process_start
from deploy.embedded.service import children_of
from imageboard.queue import queues
from imageboard.queue.wake_up import connect
from imageboard.settings import Settings
from tests.databases import Lender
from tests.deploy.stand_ins import eventually
from tests.importing import kills, large_dump
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.killing import held_down, processes_of
from tests.walk.posters import NO_ANSWER, Acknowledged, Posters, not_shown, shown_twice

pytestmark = [pytest.mark.board, pytest.mark.crash]

#: What STILLBOARD_WRITER_WORKERS is unless it is set.
WRITER_PROCESSES = 2
POSTS_MOVED, MOVED_AT_ONCE = 300, 12
#: Of four people, who post as fast as they are answered; and before, while or after a part is down.
POSTS, POSTS_BETWEEN = 60, 10


@pytest.fixture(scope="module")
def board() -> Iterator[BoardProcess]:
    """Its parts are killed and started again, and once all of it."""
    with a_board_process() as board:
        yield board


def assert_shown(board: BoardProcess, posts: list[Acknowledged]) -> None:
    """All come to be on their pages by themselves. To be called when the part is back.

    How soon is for faults.py to tell: here the machine may be busy.
    """
    missing = posts

    def are_shown() -> bool:
        nonlocal missing
        missing = not_shown(board, missing)
        return missing == []

    assert eventually(are_shown), missing


def assert_nothing_lost_or_doubled(board: BoardProcess, posts: list[Acknowledged]) -> None:
    """Each post is shown once, and every file is what the database says it has to be."""
    assert_shown(board, posts)
    board.settle()
    assert shown_twice(board, posts) == []
    assert json.loads(board.cli("verify", "--json"))["findings"] == []


def test_a_killed_renderer_loses_no_post(board: BoardProcess) -> None:
    with Posters(board.url, POSTS).at_work() as posters:
        posters.wait_for_posts(POSTS_BETWEEN)
        with held_down(board, "renderer-1"):
            posters.wait_for_posts(POSTS_BETWEEN)
        assert_shown(board, list(posters.acknowledged))
    assert posters.refusals == [], "posting needs no renderer"
    assert_nothing_lost_or_doubled(board, posters.acknowledged)


def test_a_killed_queue_whose_data_is_gone_loses_no_post(board: BoardProcess) -> None:
    with Posters(board.url, POSTS).at_work() as posters:
        posters.wait_for_posts(POSTS_BETWEEN)
        with held_down(board, "valkey"):
            shutil.rmtree(board.data / "valkey")
            posters.wait_for_posts(POSTS_BETWEEN)
        assert_shown(board, list(posters.acknowledged))
    assert posters.refusals == [], "posting needs no queue"
    assert_nothing_lost_or_doubled(board, posters.acknowledged)


def test_a_killed_writer_loses_no_post_and_doubles_none(board: BoardProcess) -> None:
    with Posters(board.url, POSTS).at_work() as posters:
        posters.wait_for_posts(POSTS_BETWEEN)
        acknowledged_before = list(posters.acknowledged)
        with held_down(board, "writer"):
            posters.wait_for_refusals(8)
            assert_shown(board, acknowledged_before)  # reading needs no writer
        posters.wait_for_posts(POSTS_BETWEEN)
    assert set(posters.refusals) <= {NO_ANSWER, 503}
    assert_nothing_lost_or_doubled(board, posters.acknowledged)


def test_killed_process_of_the_writer_costs_nobody_a_refusal(board: BoardProcess) -> None:
    """Another one answers the forms that it had, whether it had stored them or not."""
    with Posters(board.url, has_keys=False).at_work() as posters:
        for _ in range(4):
            # No form meets two of these deaths: it is sent to another process once.
            posters.wait_for_each(2)
            os.kill(oldest(processes_of_writer(board)), signal.SIGKILL)
            assert eventually(lambda: len(processes_of_writer(board)) == WRITER_PROCESSES)
    assert posters.refusals == []
    assert_nothing_lost_or_doubled(board, posters.acknowledged)


def oldest(pids: Iterable[int]) -> int:
    """Of those that live."""
    return min(pids, key=lambda pid: int(process_start(pid) or sys.maxsize))


def processes_of_writer(board: BoardProcess) -> frozenset[int]:
    return children_of(board.running.pids()["writer"])


def test_without_the_database_posts_are_refused_and_nothing_acknowledged_is_lost(
    board: BoardProcess,
) -> None:
    failed_before = failed_render_jobs(board)
    with Posters(board.url, POSTS).at_work() as posters:
        posters.wait_for_posts(POSTS_BETWEEN)
        with held_down(board, "postgres"):
            posters.wait_for_refusals(8)
        posters.wait_for_posts(POSTS_BETWEEN)
    assert set(posters.refusals) == {503}
    assert_nothing_lost_or_doubled(board, posters.acknowledged)
    assert failed_render_jobs(board) == failed_before, "doctor would speak of it for an hour"


def failed_render_jobs(board: BoardProcess) -> int:
    with connect(board.running.settings.redis_url) as queue:
        return queues.state(queue, queues.QUEUE).failed


def test_a_move_that_is_killed_ten_times_comes_to_what_it_comes_to_undisturbed(
    board: BoardProcess, lender: Lender, tmp_path: Path
) -> None:
    """The command is killed, PostgreSQL's first process, and the renderer while it draws."""
    large_dump.write(tmp_path, posts=POSTS_MOVED, boards=3, files=POSTS_MOVED // 5)
    names = kills.boards_of(tmp_path)
    happened = kills.killed_again_and_again(
        board,
        tmp_path,
        kills=10,
        size=kills.Size(POSTS_MOVED, MOVED_AT_ONCE),
        chance=random.Random(1),
    )
    assert happened >= 10
    board.settle()
    assert json.loads(board.cli("verify", "--json"))["findings"] == []
    with lender.lend() as lent:
        environ = board.environment | {"DATABASE_URL": lent.url}
        whole = kills.bring(environ, tmp_path / "data", tmp_path)
        whole.join()
        assert whole.exitcode == 0
        undisturbed = Settings.read(environ | {"STILLBOARD_DATA": str(tmp_path / "data")})
        killed = kills.carried(board.running.settings, names)
        assert kills.differing(killed, kills.carried(undisturbed, names)) == {}


def test_a_killed_board_leaves_nothing_running_and_comes_back_with_every_post(
    board: BoardProcess,
) -> None:
    with Posters(board.url).at_work() as posters:
        posters.wait_for_posts(40)
        processes = processes_of(board)
        board.running.stop(signal.SIGKILL)
        posters.stop()
    assert len(processes) > 12, "up, six parts and their own processes"
    assert eventually(lambda: not any(process.is_alive() for process in processes))
    board.running.start()
    assert_nothing_lost_or_doubled(board, posters.acknowledged)
