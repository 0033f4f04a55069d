"""A board lives on here while what became of it at its old place since comes as well."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from imageboard.addresses import thread_json_path, threads_json_path
from tests.importing import kills, large_dump
from tests.walk.board_process import BoardProcess
from tests.walk.posters import Posters

pytestmark = pytest.mark.board

#: Of each of the two boards; Monday's dump has three quarters of them.
POSTS = 200
#: Of each of eight people, after each post. PERF: what they send while a dump comes was more than
#: the dump.
PAUSE_S = 0.5
#: From this one on numbers are free, as whoever called the command told it.
NEXT = 1_000


def shown(board: BoardProcess, name: str) -> Counter[tuple[int, str]]:
    """(number, text) of all that the pages of a board have, and how often."""
    listed = board.read(f"/{threads_json_path(name)}")
    threads = [thread["no"] for page in listed for thread in page["threads"]]
    posts = (
        post for no in threads for post in board.read(f"/{thread_json_path(name, no)}")["posts"]
    )
    return Counter((post["no"], post.get("com", "")) for post in posts)


def bring(board: BoardProcess, dump: Path) -> None:
    options = ("--next", f"l0={NEXT}")
    command = kills.bring(board.environment, board.data, dump, options=options)
    command.join()
    assert command.exitcode == 0


def test_what_is_posted_here_and_what_comes_meanwhile_never_meet(
    board_process: BoardProcess, tmp_path: Path
) -> None:
    """On l0 the numbers of both were kept apart. On l1 nobody had thought of it: who was first
    keeps a number, and the report names what could not come."""
    board = board_process
    for day, part in (("monday", 0.75), ("tuesday", 1.0)):
        large_dump.write(tmp_path / day, posts=2 * POSTS, boards=2, files=80, part=part)
    bring(board, tmp_path / "monday")
    for name in ("l0", "l1"):
        board.cli("board", "set", name, "thread_needs_file=no")
    board.settle()
    before = {name: shown(board, name) for name in ("l0", "l1")}
    with ExitStack() as at_work:
        people = {
            name: at_work.enter_context(
                Posters(board.url, 10_000, board=name, common_thread=1, pause_s=PAUSE_S).at_work()
            )
            for name in before
        }
        for posters in people.values():
            posters.wait_for_posts(20)
        bring(board, tmp_path / "tuesday")
        for posters in people.values():
            posters.wait_for_posts(20)
            posters.stop()
    board.settle()
    here = {name: {post.no: post.text for post in people[name].acknowledged} for name in people}
    coming = set(range(POSTS * 3 // 4 + 1, POSTS + 1))
    lost = {}
    for name in before:
        after = shown(board, name)
        numbers = Counter(no for no, _text in after.elements())
        assert max(numbers.values()) == 1, "a number twice"
        assert all((no, text) in after for no, text in here[name].items())
        lost[name] = (set(range(1, POSTS + 1)) | here[name].keys()) - numbers.keys()
        assert not lost[name] & here[name].keys()
        assert numbers.keys() <= set(range(1, POSTS + 1)) | here[name].keys()
        assert before[name].keys() <= after.keys()
    assert min(here["l0"]) == NEXT
    met = coming & here["l1"].keys()
    report: dict[str, Any] = json.loads(max(board.data.glob("imports/*.json")).read_text())
    counts = {trouble["why"]: trouble["count"] for trouble in report["troubles"]}
    assert counts["a post that was made here has its number"] == len(met) > 0
    # Replies of threads whose number was taken: the more posts came here meanwhile, the more.
    assert (len(lost["l0"]), len(lost["l1"])) == (0, counts.get("its thread is not there", 0))
    assert json.loads(board.cli("verify", "--json"))["findings"] == []
