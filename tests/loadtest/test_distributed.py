"""A master and two workers: what they saw together is what the board itself counts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from deploy.embedded.service import free_port
from tests.cli.boards import call, command, surroundings
from tests.loadtest.runs import a_run, counts_of, told
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board


def test_every_post_of_two_workers_is_seen_on_its_page_and_counted_once(
    loaded_board: BoardProcess,
) -> None:
    """Of posters, whose figures are merged."""
    seed = 7
    ran = a_run(
        loaded_board.data,
        *("posters", "--users", "8", "--time", "6s", "--workers", "2", "--seed", f"{seed}"),
    )
    assert ran.faults == [], ran
    posts = counts_of(ran.run, "post")
    # Of those that are seldom a busy machine may see none.
    assert "reply" in posts
    assert set(posts) <= {
        *("reply", "reply with a quote", "reply with sage", "reply with a picture", "new thread")
    }
    loaded_board.settle()  # what lists threads is drawn at a pace of its own
    marks = marks_on(loaded_board, seed)
    of_worker = [sum(mark.startswith(f"{seed}.{worker}.") for mark in marks) for worker in (0, 1)]
    assert min(of_worker) > 0
    assert ran.run.correctness.acknowledged == sum(of_worker)
    assert sum(posts.values()) == sum(of_worker)
    assert sum(counts_of(ran.run, "visible").values()) == sum(of_worker)
    assert sum(process.is_generator for process in ran.run.processes) == 3


def test_workers_from_elsewhere_find_their_master(
    loaded_board: BoardProcess, tmp_path: Path
) -> None:
    port = str(free_port())
    where = ("--host", loaded_board.url, "--data", str(tmp_path / "none"), "--out", str(tmp_path))
    common = ("loadtest", "readers", *where, "--users", "6", "--time", "8s", "--master-port", port)
    workers = [
        subprocess.Popen(
            command(*common, "--worker", "127.0.0.1"),
            env=surroundings(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ran = told(
        call(*common, "--master", "--workers", "2", "--master-listen", "127.0.0.1", "--json")
    )
    for worker in workers:
        _, complaints = worker.communicate()
        assert worker.returncode == 0, complaints
    assert ran.faults == [], ran
    assert max(second.users for second in ran.run.timeline) == 6


def marks_on(board: BoardProcess, seed: int) -> set[str]:
    """Of all posts of a run, in the text of which each poster leaves the own name."""
    pages = board.read("/b/threads.json")
    threads = [thread["no"] for page in pages for thread in page["threads"]]
    texts = (board.http.get(f"/b/res/{no}.html").text for no in threads)
    return {
        mark for text in texts for mark in re.findall(rf"post-({seed}\.\d+\.\d+-\d+)-of-", text)
    }
