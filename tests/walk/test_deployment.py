"""A new version comes to a board that is up: the short run of deployment.py; versions that fail."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.walk import deployment
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.crowd import THREADS
from tests.walk.deployment import Checkout, Version, Visitors

pytestmark = pytest.mark.board


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        yield Checkout(Path(folder))


#: Of each program the first catalog takes its time, as it does on a machine that is busy.
CATALOG = "renderer/pages/catalog.py"
SLOW_AT_FIRST = """
def _drawn_slowly(self, *asked, _draw=Catalog.draw):
    import time
    time.sleep(1)
    Catalog.draw = _draw
    return _draw(self, *asked)

Catalog.draw = _drawn_slowly
"""


class Started(NamedTuple):
    """A board, and what its first reader was answered the moment it said that it is ready."""

    board: BoardProcess
    statuses: dict[str, int]


@pytest.fixture(scope="module")
def started(checkout: Checkout) -> Iterator[Started]:
    with (checkout.folder / CATALOG).open("a") as source:
        source.write(SLOW_AT_FIRST)
    # Of two one can draw the front page while the other is at the board.
    with a_board_process("--renderers", "2", PYTHONPATH=str(checkout.folder)) as board:
        paths = ["/", "/404.html", *(f"/b/{name}" for name in ("", "catalog.html", "feed.json"))]
        statuses = {path: board.http.get(path).status_code for path in paths}
        checkout.restore(CATALOG)
        yield Started(board, statuses)
        assert deployment.stopped(board) == []


@pytest.fixture
def board(started: Started) -> BoardProcess:
    return started.board


def test_up_draws_with_as_many_workers_as_it_is_told(board: BoardProcess) -> None:
    assert {"renderer-1", "renderer-2"} <= board.running.pids().keys()


def test_first_reader_of_a_new_board_finds_each_of_its_pages(started: Started) -> None:
    """`ready` is said when they stand, in whichever order they are drawn."""
    assert set(started.statuses.values()) == {httpx.codes.OK}, started.statuses


def test_a_new_version_drops_no_post(board: BoardProcess, checkout: Checkout) -> None:
    """Nobody is refused, cut off or shown half a page; what answers afterwards is the new version,
    whose migration had to be tried twice; every acknowledged post is on its page, once.
    """
    # PERF: where the machine is slow a version takes a minute to come, with people there all along.
    visitors = Visitors(board.url, browser_pause_s=0.4, reader_pause_s=0.2)
    outcome = deployment.bring(
        board, checkout, [Version(2)], seconds=5, posts_per_s=5, visitors=visitors
    )
    print("\n".join(outcome.lines()))
    assert outcome.problems == []
    assert "its migration tried again" in outcome.reloads[0]
    assert outcome.acknowledged > THREADS, "there was more than what they began with"


@pytest.mark.parametrize(
    ("path", "words", "why", "renewed"),
    [
        pytest.param(
            "nginx/templates/nginx.conf.jinja",
            "no_such_directive on;\n",
            'unknown directive "no_such_directive"',
            ["tables"],
            id="nginx refuses its configuration",
        ),
        pytest.param(
            "writer/posting.py",
            "raise ImportError('the writer is broken')\n",
            # By itself, or by its first process that found out: whichever was first.
            "writer stays as it was, and what comes after it: writer ended with status (1|3): "
            "ImportError: the writer is broken",
            ["tables", "nginx.conf"],
            id="the writer can't be loaded",
        ),
        pytest.param(
            # As late as it is found out on a busy machine.
            "renderer/__init__.py",
            "import time; time.sleep(3); raise ImportError('the renderer is broken')\n",
            "catch-up stays as it was, and what comes after it: catch-up ended with status 1: "
            "ImportError: the renderer is broken",
            ["tables", "nginx.conf", "writer"],
            id="what renders can't be loaded",
        ),
    ],
)
def test_a_version_that_does_not_work_is_told_of_and_the_one_before_goes_on(
    board: BoardProcess, checkout: Checkout, path: str, words: str, why: str, renewed: list[str]
) -> None:
    pids = board.running.pids()
    with (checkout.folder / path).open("a") as source:
        source.write(words)
    done = checkout.stillboard(board, "reload")
    checkout.restore(path)
    assert done.returncode == 1
    assert re.search(why, done.stderr), done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == renewed
    assert {part for part, pid in board.running.pids().items() if pid != pids[part]} == {
        part for part in renewed if part in pids
    }
    thread = board.post(board="b", body=f"after {why}")["thread"]
    board.settle()
    assert f'id="{thread}"' in board.http.get(f"/b/res/{thread}.html").text
