"""A whole board with its bucket, posted to while its parts are killed at random; then the proof.

`python -m tests.walk.faults --seconds 120 --faults 60 --seed 7` prints figures; exit status 1
when anything was lost, doubled or is not everywhere as it has to be.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from deploy.data_folder import DataFolder
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.crowd import Crowd, differences
from tests.walk.killing import end, processes_of, supervisor_stopped
from tests.walk.proofs import compared_with_bucket, findings, seconds_until_settled

PARTS = ("writer", "renderer-1", "publisher", "catch-up", "valkey", "postgres", "seaweedfs")
#: How often a killed Valkey has lost its data too.
WIPED = 0.5


class Fault(NamedTuple):
    """At a moment of the run the first of these parts that lives is killed."""

    at_s: float
    parts: tuple[str, ...]
    wipes: bool


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    posted_s: float
    acknowledged: int
    pictures: int
    refusals: dict[int, int]
    faults: dict[str, int]
    #: From the last post until all pages showed all, and until the bucket did.
    pages_after_s: float
    bucket_after_s: float
    files_in_bucket: int
    problems: list[str]

    def lines(self) -> list[str]:
        return [
            f"seed {self.seed}: {self.acknowledged} posts acknowledged in {self.posted_s:.0f} s",
            f"{self.pictures} of them with a picture",
            f"killed {sum(self.faults.values())} times: {self.faults}",
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


def run(*, seconds: float, faults: int, seed: int, posts_per_s: float = 50.0) -> Outcome:
    """One run on a board of its own, to its end. Nothing of it is left running."""
    plan = planned(seed, seconds, faults)
    with a_board_process("--with-r2") as board:
        crowd = Crowd(board.url, posts_per_s)
        with crowd.at_work():
            began_s = time.monotonic()
            killed = _carry_out(board, plan, began_s)
            _wait_until(began_s + seconds)
        ended_s = time.monotonic()
        problems: list[str] = []
        pages_after_s = seconds_until_settled(board, "lag", ended_s, problems)
        bucket_after_s = seconds_until_settled(board, "cloud", ended_s, problems)
        problems += differences(board, crowd) + findings(board)
        in_bucket, wrong = compared_with_bucket(board)
        problems += wrong
        processes = processes_of(board)
        board.running.stop()
        if not eventually(lambda: not any(process.is_alive() for process in processes)):
            problems.append(f"left running: {[one.pid for one in processes if one.is_alive()]}")
        return Outcome(
            seed=seed,
            posted_s=ended_s - began_s,
            acknowledged=len(crowd.acknowledged),
            pictures=sum(sent.has_picture for sent in crowd.acknowledged),
            refusals=dict(crowd.refusals),
            faults=dict(killed),
            pages_after_s=pages_after_s,
            bucket_after_s=bucket_after_s,
            files_in_bucket=in_bucket,
            problems=problems,
        )


def _carry_out(board: BoardProcess, plan: list[Fault], began_s: float) -> Counter[str]:
    """{part: how often it was killed}"""
    killed: Counter[str] = Counter()
    for fault in plan:
        _wait_until(began_s + fault.at_s)
        with supervisor_stopped(board):
            part = _first_alive(board, fault.parts)
            if part == "postgres":
                end(board.running.pids()[part], signal.SIGQUIT)
            else:
                end(board.running.pids()[part])
            if part == "valkey" and fault.wipes:
                shutil.rmtree(board.data / "valkey")
                killed["valkey wiped"] += 1
            else:
                killed[part] += 1
    return killed


def _first_alive(board: BoardProcess, parts: tuple[str, ...]) -> str:
    run = DataFolder(board.data).run()
    assert run is not None
    return next(part for part in parts if part in run.parts and run.parts[part].is_alive())


def _wait_until(moment_s: float) -> None:
    """The run's own clock: what happens when is what it is about."""
    time.sleep(max(0.0, moment_s - time.monotonic()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--posts-per-s", type=float, default=50)
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
