"""A whole board with its bucket, posted to while its parts are killed at random; then the proof.

Another board, with threads and pictures, is removed at the desk meanwhile: nothing of it is left.

`python -m tests.walk.faults --seconds 120 --faults 60 --seed 7` prints figures; exit status 1
when anything was lost, doubled or is not everywhere as it has to be.

Everybody gets in sooner or later: who was refused sends again, as people do. So the figures that
tell how well a board bears it are how long a post took, from when somebody wanted to send it, and
for how long after a kill no post at all was accepted.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import signal
import statistics
import sys
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import httpx

from deploy.data_folder import DataFolder
from deploy.inspection import asks_database
from imageboard.errors import StoreUnavailable
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, StaffDesk, Upload, a_board_process
from tests.walk.crowd import Crowd, differences
from tests.walk.killing import end, processes_of, supervisor_stopped
from tests.walk.proofs import compared_with_bucket, findings, seconds_until_settled
from tests.writer.media.hostile import a_jpeg, scene

#: A little more than the 50 that have to be accepted.
POSTS_PER_S = 52.0
PARTS = ("writer", "renderer-1", "publisher", "catch-up", "valkey", "postgres", "seaweedfs")
#: How often a killed Valkey has lost its data too.
WIPED = 0.5
#: People who can be waiting at the same time: as many as come in a second and a half.
CLIENTS = 80
#: The board that goes, its threads, and when it is removed: after this part of the run.
GOING, GOING_THREADS, GOES_AFTER = "going", 6, 0.3
_GOES_AT = f"/mod/board-settings/{GOING}"
_PICTURE = a_jpeg(scene(64, 48))
#: A post that is acknowledged so soon after a kill had been stored before it.
_ON_ITS_WAY_S = 0.05


class Fault(NamedTuple):
    """At a moment of the run the first of these parts that lives is killed."""

    at_s: float
    parts: tuple[str, ...]
    wipes: bool


class Kill(NamedTuple):
    """What a fault came to."""

    part: str
    was_wiped: bool
    at_s: float


class PartsReturn(NamedTuple):
    """How long the board was without one of its parts, in the median and at most."""

    kills: int
    #: Until the part was ready again, as the supervisor saw it.
    back_s: tuple[float, float]
    #: Until a post was accepted, whatever else was down.
    accepted_s: tuple[float, float]


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    #: From the first post until the last that was due in the run's time was acknowledged.
    posted_s: float
    acknowledged: int
    pictures: int
    #: From when a post was due until it was acknowledged, sorted.
    waits_s: list[float]
    refusals: dict[int, int]
    faults: dict[str, int]
    returns: dict[str, PartsReturn]
    #: From the last post until all pages showed all, and until the bucket did.
    pages_after_s: float
    bucket_after_s: float
    files_in_bucket: int
    problems: list[str]

    @property
    def posts_per_s(self) -> float:
        return self.acknowledged / self.posted_s

    def lines(self) -> list[str]:
        last = len(self.waits_s) - 1
        p50, p90, p99, worst = (self.waits_s[int(share * last)] for share in (0.5, 0.9, 0.99, 1))
        return [
            f"seed {self.seed}: {self.acknowledged} posts acknowledged in {self.posted_s:.1f} s",
            f"{self.posts_per_s:.1f} posts a second, {self.pictures} of them with a picture",
            f"a post took p50 {p50:.3f}, p90 {p90:.2f}, p99 {p99:.2f}, at most {worst:.2f} s",
            f"killed {sum(self.faults.values())} times: {self.faults}",
            *(
                f"  {part} x {one.kills}: ready again after {one.back_s[0]:.1f} s "
                f"({one.back_s[1]:.1f} s at most), a post accepted after "
                f"{one.accepted_s[0]:.2f} s ({one.accepted_s[1]:.2f} s)"
                for part, one in self.returns.items()
            ),
            f"sent in vain, by status (0: no answer): {self.refusals}",
            f"all on their pages {self.pages_after_s:.1f} s after the last post",
            f"all {self.files_in_bucket} files in the bucket {self.bucket_after_s:.1f} s after it",
            *(self.problems or ["nothing lost, nothing doubled, no difference anywhere"]),
        ]


def planned(seed: int, seconds: float, count: int) -> list[Fault]:
    """The same for the same seed: moments spread over the run, and each part as often as others."""
    draw = random.Random(seed)
    moments = sorted(draw.uniform(1, seconds) for _ in range(count))
    turns = [part for _ in moments for part in draw.sample(PARTS, len(PARTS))]
    return [
        Fault(at_s, (turn, *draw.sample(PARTS, len(PARTS))), draw.random() < WIPED)
        for at_s, turn in zip(moments, turns, strict=False)
    ]


def run(*, seconds: float, faults: int, seed: int, posts_per_s: float = POSTS_PER_S) -> Outcome:
    """One run on a board of its own, to its end. Nothing of it is left running."""
    plan = planned(seed, seconds, faults)
    with a_board_process("--with-r2") as board, ThreadPoolExecutor(1) as staff:
        _fill_board_that_goes(board)
        desk = board.staff_desk()
        crowd = Crowd(board.url, posts_per_s, clients=CLIENTS, catches_up=True)
        with crowd.at_work():
            began_s = time.monotonic()
            pressed = staff.submit(_remove_board, desk, began_s + GOES_AFTER * seconds)
            kills = _carry_out(board, plan, began_s)
            _wait_until(began_s + seconds)
        ended_s = time.monotonic()
        pressed.result()
        desk.close()
        problems: list[str] = []
        if not eventually(lambda: not _is_going(board)):
            problems.append(f"/{GOING}/ is still being removed")
        if (board.web_root / GOING).exists():
            problems.append(f"/{GOING}/ still has pages")
        pages_after_s = seconds_until_settled(board, "pages", ended_s, problems)
        bucket_after_s = seconds_until_settled(board, "cloud", ended_s, problems)
        problems += differences(board, crowd) + findings(board)
        in_bucket, wrong = compared_with_bucket(board)
        problems += wrong
        processes = processes_of(board)
        returns = _returns(board, crowd, kills)
        board.running.stop()
        if not eventually(lambda: not any(process.is_alive() for process in processes)):
            problems.append(f"left running: {[one.pid for one in processes if one.is_alive()]}")
        posts = [sent for sent in crowd.acknowledged if sent.due_s >= began_s]
        return Outcome(
            seed=seed,
            posted_s=ended_s - began_s,
            acknowledged=len(posts),
            pictures=sum(sent.has_picture for sent in posts),
            waits_s=sorted(sent.acknowledged_s - sent.due_s for sent in posts),
            refusals=dict(crowd.refusals),
            faults=dict(
                Counter(f"{one.part} wiped" if one.was_wiped else one.part for one in kills)
            ),
            returns=returns,
            pages_after_s=pages_after_s,
            bucket_after_s=bucket_after_s,
            files_in_bucket=in_bucket,
            problems=problems,
        )


def _fill_board_that_goes(board: BoardProcess) -> None:
    board.cli("board", "add", GOING)
    for _ in range(GOING_THREADS):
        told = board.post(board=GOING, body="Going.", files=[Upload("a.jpeg", _PICTURE)])
        board.post(board=GOING, thread=told["thread"], body=f"As said in >>{told['id']}")
    board.settle()


def _remove_board(desk: StaffDesk, moment_s: float) -> None:
    """Whoever is not answered presses again, until the board is not to be found."""
    _wait_until(moment_s)

    def is_not_found() -> bool:
        with suppress(AssertionError, httpx.HTTPError):
            desk.send(_GOES_AT, deed="remove_board", name_again=GOING)
        try:
            return desk.status_of(_GOES_AT) == httpx.codes.NOT_FOUND
        except httpx.HTTPError:
            return False

    assert eventually(is_not_found), f"/{GOING}/ can't be removed"


def _is_going(board: BoardProcess) -> bool:
    """Whether its row is there, which goes last; or nobody knows, since the database is away."""
    rows = "SELECT FROM boards WHERE name = %s"
    try:
        return asks_database(
            board.running.settings, lambda db: db.execute(rows, (GOING,)).rowcount > 0
        )
    except StoreUnavailable:
        return True


def _carry_out(board: BoardProcess, plan: list[Fault], began_s: float) -> list[Kill]:
    kills = []
    for fault in plan:
        _wait_until(began_s + fault.at_s)
        # On a slow machine those that died before may all be on their way back.
        assert eventually(lambda fault=fault: _first_alive(board, fault.parts)), "none is back"
        with supervisor_stopped(board):
            part = _first_alive(board, fault.parts)
            kills.append(Kill(part, part == "valkey" and fault.wipes, time.monotonic()))
            if part == "postgres":
                end(board.running.pids()[part], signal.SIGQUIT)
            else:
                end(board.running.pids()[part])
            if kills[-1].was_wiped:
                shutil.rmtree(board.data / "valkey")
    return kills


def _returns(board: BoardProcess, crowd: Crowd, kills: list[Kill]) -> dict[str, PartsReturn]:
    """{part: how long it took}; what the supervisor says is rounded to a tenth of a second."""
    back_s = defaultdict(list)
    for part, after_s in re.findall(
        r"^(\S+) is back after ([\d.]+) s$", board.running.complaints, re.MULTILINE
    ):
        back_s[part].append(float(after_s))
    moments = sorted(sent.acknowledged_s for sent in crowd.acknowledged)
    accepted_s = defaultdict(list)
    for kill in kills:
        # What was on its way is no sign of life.
        next_one = bisect_right(moments, kill.at_s + _ON_ITS_WAY_S)
        accepted_s[kill.part] += [one - kill.at_s for one in moments[next_one : next_one + 1]]
    return {
        part: PartsReturn(
            len(accepted_s[part]),
            _median_and_most(back_s[part]),
            _median_and_most(accepted_s[part]),
        )
        for part in PARTS
        if part in accepted_s
    }


def _median_and_most(values: list[float]) -> tuple[float, float]:
    return (statistics.median(values), max(values)) if values else (0.0, 0.0)


def _first_alive(board: BoardProcess, parts: tuple[str, ...]) -> str:
    """'': none is."""
    run = DataFolder(board.data).run()
    assert run is not None
    return next((part for part in parts if part in run.parts and run.parts[part].is_alive()), "")


def _wait_until(moment_s: float) -> None:
    """The run's own clock: what happens when is what it is about."""
    time.sleep(max(0.0, moment_s - time.monotonic()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--posts-per-s", type=float, default=POSTS_PER_S)
    chosen = parser.parse_args()
    outcome = run(
        seconds=chosen.seconds,
        faults=chosen.faults,
        seed=chosen.seed,
        posts_per_s=chosen.posts_per_s,
    )
    print("\n".join(outcome.lines()))
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
