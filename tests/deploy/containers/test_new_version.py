"""A new version comes while people post: programs and tables change, and no post is refused."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.environment import ROOT
from imageboard.store import migrations
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.crowd import Crowd, differences

pytestmark = [pytest.mark.board, pytest.mark.crash]

POSTS_PER_S = 8.0
#: Between two steps so many posts are acknowledged, so that each step happens among them.
POSTS_BETWEEN = 3
#: What a next version might bring: a column, an index of a table that everybody writes to, and a
#: rule that holds for new rows only.
NEXT_STEP = """
ALTER TABLE posts ADD COLUMN of_the_next_version text;
ALTER TABLE posts ADD CONSTRAINT of_the_next_version_is_short
    CHECK (char_length(of_the_next_version) < 10) NOT VALID;
"""


def test_no_post_is_refused_while_programs_are_replaced_and_tables_change(tmp_path: Path) -> None:
    """gunicorn and nginx by SIGHUP, the workers by SIGTERM, the tables by `stillboard migrate`."""
    with a_board_process() as board:
        crowd = Crowd(board.url, POSTS_PER_S)
        steps: list[Callable[[], None]] = [
            lambda: migrate_further(board, tmp_path),
            lambda: replace_children(board, "writer"),
            lambda: replace(board, "renderer-1"),
            lambda: replace(board, "catch-up"),
            lambda: replace_children(board, "nginx"),
        ]
        with crowd.at_work():
            for step in steps:
                wait_for_posts(crowd)
                step()
            wait_for_posts(crowd)
        assert dict(crowd.refusals) == {}
        board.settle()
        assert differences(board, crowd) == []


def wait_for_posts(crowd: Crowd) -> None:
    aim = len(crowd.acknowledged) + POSTS_BETWEEN
    assert eventually(lambda: len(crowd.acknowledged) >= aim or bool(crowd.faults))


def migrate_further(board: BoardProcess, folder: Path) -> None:
    """The next version's migrations; the programs of this one run on."""
    further = folder / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, further)
    (further / "9999_next_version.sql").write_text(NEXT_STEP)
    script = (
        "import os, sys; from pathlib import Path; from imageboard.store import migrations; "
        "migrations._FOLDER = Path(sys.argv.pop(1)); from cli.registry import stillboard; "
        "stillboard.main(prog_name='stillboard', obj=dict(os.environ))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, further, "migrate", "--data", board.data],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def replace_children(board: BoardProcess, part: str) -> None:
    """SIGHUP: others take the places of its processes, who end what they are at."""
    pid = board.running.pids()[part]
    before = children_of(pid)
    assert before
    os.kill(pid, signal.SIGHUP)
    assert eventually(lambda: bool(children_of(pid)) and not before & children_of(pid))
    assert board.running.pids()[part] == pid


def replace(board: BoardProcess, part: str) -> None:
    """SIGTERM; whoever watches it starts another."""
    pid = board.running.pids()[part]
    os.kill(pid, signal.SIGTERM)
    assert eventually(lambda: board.running.pids().get(part, pid) != pid)


def children_of(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
