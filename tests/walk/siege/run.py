"""A board under siege, from its start to the proof that nothing of it is left."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.environment import ROOT
from imageboard.store.room import MB
from tests.cli.boards import RunningBoard, call
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, StaffDesk, until_done
from tests.walk.disks import a_small_disk, fill
from tests.walk.killing import processes_of
from tests.walk.proofs import findings, seconds_until_settled
from tests.walk.siege.attacks import Target
from tests.walk.siege.honest import HonestPeople

BOARD, OTHER_BOARD = "b", "other"
OLD_THREADS = 47
DISK_MB = 1_500
#: What is held afterwards: processes that have worked keep some memory, and the posts that got in
#: (the server's log of them, too) some room.
MEMORY_TIMES_MAX, DISK_MB_LOST_MAX = 2.0, 150
#: Once there is room again a board takes posts, also where its database has ended meanwhile.
ROOM_SEEN_S_MAX = 2.0
#: Each process of the board sees by itself that there is room again: a form that is sent so soon
#: after the first was taken is one to a board without room.
_OTHERS_SEE_S = 2.0
#: Which part of the time the disk is full, and when somebody of the staff comes by.
_FULL_FROM, _FULL_UNTIL, _STAFF_COMES = 0.4, 0.55, 0.75
#: What a reader and a poster of text wait at most, where the machine keeps up.
READ_P99_S, POST_P95_S = 0.05, 1.0


#: Of a part's log.
_FAULT = re.compile(r'"level": ?"error"|ERROR|FATAL|PANIC|Traceback')
_LINES_MAX, _LINE_CHARS_MAX = 5, 1_000


@dataclass
class Outcome:
    """What a siege came to."""

    seed: int
    seconds: float
    reads_s: list[float]
    bad_reads: dict[int, int]
    posts_s: list[float]
    #: {status and sentence: how often}, those apart that came while the disk was full.
    refused: dict[str, int]
    refused_for_want_of_room: int
    attacks: dict[str, dict[str, int]]
    memory_bytes: tuple[int, int]
    free_bytes: tuple[int, int]
    #: From when there was room again until a post was taken.
    room_seen_s: float
    problems: list[str]

    @property
    def read_p99_s(self) -> float:
        return percentile(self.reads_s, 0.99)

    @property
    def post_p95_s(self) -> float:
        return percentile(self.posts_s, 0.95)

    @property
    def accepted(self) -> float:
        """Share of honest posts that got in while there was room."""
        count = len(self.posts_s)
        return count / max(1, count + sum(self.refused.values()))

    def lines(self) -> list[str]:
        return [
            f"seed {self.seed}, {self.seconds:.0f} s of siege",
            (
                f"{len(self.reads_s)} honest reads: "
                f"p50 {percentile(self.reads_s, 0.5) * 1000:.1f}, "
                f"p99 {self.read_p99_s * 1000:.1f} ms, without an answer {self.bad_reads}"
            ),
            (
                f"{len(self.posts_s)} honest posts, {self.accepted:.2%} accepted while there was "
                f"room: p50 {percentile(self.posts_s, 0.5):.3f}, p95 {self.post_p95_s:.3f} s, "
                f"at most {max(self.posts_s, default=0):.2f} s; refused {self.refused}"
            ),
            f"while the disk was full {self.refused_for_want_of_room} were refused",
            *(f"  {name}: {statuses}" for name, statuses in self.attacks.items()),
            "memory {:.0f} MB before, {:.0f} MB after".format(*_megabytes(self.memory_bytes)),
            "room {:.0f} MB before, {:.0f} MB after".format(*_megabytes(self.free_bytes)),
            *(self.problems or ["nobody was let down, nothing is lost, nothing is left over"]),
        ]

    def slow(self) -> list[str]:
        """What took longer than people should wait; a matter of the machine too."""
        found = []
        if self.read_p99_s > READ_P99_S:
            found.append(f"honest reads: p99 {self.read_p99_s * 1000:.0f} ms")
        if self.post_p95_s > POST_P95_S:
            found.append(f"honest posts: p95 {self.post_p95_s:.2f} s")
        if self.room_seen_s > ROOM_SEEN_S_MAX:
            found.append(f"posts were taken {self.room_seen_s:.1f} s after there was room again")
        return found


def run(*, seconds: float, seed: int) -> Outcome:
    """One siege of a board of its own, with its limits on. Nothing of it is left running.

    Raises NoDisk: whoever is not root has no small disk that could be filled.
    """
    with a_small_disk(DISK_MB) as disk:
        running = RunningBoard(disk / "data", STILLBOARD_TRUSTED_PROXIES="127.0.0.1")
        with until_done(running) as board:
            return _Defence(board, disk, seconds, seed).stand()


class _Defence:
    def __init__(self, board: BoardProcess, disk: Path, seconds: float, seed: int) -> None:
        self.board = board
        self.disk = disk
        self.seconds = seconds
        self.seed = seed
        self.people = HonestPeople(board, BOARD, seed)
        self.problems: list[str] = []
        self._full_s = (float("inf"), float("inf"))
        self._room_seen_s = 0.0
        self._strangers = itertools.count()

    def stand(self) -> Outcome:
        board, people = self.board, self.people
        board.cli("seed", "--board", BOARD, "--threads", str(OLD_THREADS), "--replies", "3")
        board.cli("board", "add", OTHER_BOARD, "title=Where others are quoted")
        people.arrive()
        board.settle()
        old_threads = self._threads()
        desk = board.staff_desk()
        before = self._memory_bytes(), self._free_bytes()
        target = self._target(old_threads)
        with _attackers(target, self.seed) as statuses, people.at_home():
            began_s = time.monotonic()
            _wait_until(began_s + self.seconds * _FULL_FROM)
            with self._full_disk():
                _wait_until(began_s + self.seconds * _FULL_UNTIL)
            _wait_until(began_s + self.seconds * _STAFF_COMES)
            self._staff_comes(desk, target)
            _wait_until(began_s + self.seconds)
        ended_s = time.monotonic()
        seconds_until_settled(board, "pages", ended_s, self.problems)
        desk.close()
        self._look_around(old_threads, target)
        return self._outcome(statuses, before)

    def _threads(self) -> set[int]:
        pages = self.board.read(f"/{BOARD}/threads.json")
        return {thread["no"] for page in pages for thread in page["threads"]}

    def _target(self, old_threads: set[int]) -> Target:
        quoting = self.board.post(board=OTHER_BOARD, body="Quoted here.", address="100.65.0.7")
        login = (self.board.data / "first-login.txt").read_text().splitlines()[0]
        return Target(
            url=self.board.url,
            board=BOARD,
            thread=random.Random(self.seed).choice(sorted(old_threads - set(self.people.threads))),
            other_board=OTHER_BOARD,
            other_thread=int(quoting["thread"]),
            staff=login.partition(": ")[2],
        )

    @contextmanager
    def _full_disk(self) -> Iterator[None]:
        """Posts are refused meanwhile, and until the board has seen that there is room again."""
        began_s = time.monotonic()
        foreign = fill(self.disk)
        try:
            yield
        finally:
            foreign.unlink()
            unlinked_s = time.monotonic()
            if not eventually(self._takes_posts):
                self.problems.append("no post is taken though there is room again")
            ended_s = time.monotonic()
            self._room_seen_s = ended_s - unlinked_s
            self._full_s = (began_s, ended_s + _OTHERS_SEE_S)

    def _takes_posts(self) -> bool:
        """Or says that somebody is to wait, which its database does as well."""
        form = {"board": OTHER_BOARD, "body": f"Is there room? {time.monotonic()}"}
        address = f"100.65.1.{next(self._strangers) % 250 + 1}"
        return self.board.send(address=address, json_response=1, **form).status_code < 500

    def _staff_comes(self, desk: StaffDesk, target: Target) -> None:
        """Somebody who is logged in removes the flooded thread; and then logs in anew."""
        try:
            desk.press("delete", target.board, target.thread)
            desk.log_out()
            desk.log_in()
        except AssertionError as ex:
            self.problems.append(f"staff was let down: {_said_on(str(ex))}")

    def _look_around(self, old_threads: set[int], target: Target) -> None:
        found = self.problems
        left = self._threads()
        found += [f"lost: thread {no}" for no in sorted(old_threads - left - {target.thread})]
        if target.thread in left:
            found.append(f"not removed: thread {target.thread}")
        shown = {
            (thread, post["no"]): post.get("com")
            for thread in self.people.threads
            if thread in left
            for post in self.board.read(f"/{BOARD}/res/{thread}.json")["posts"]
        }
        found += [
            f"lost: {post}"
            for post in self.people.posted
            if shown.get((post.thread, post.no)) != post.text
        ]
        found += findings(self.board, in_bucket=False)
        wrong = json.loads(call("doctor", "--json", "--data", str(self.board.data)).stdout)
        found += [f"doctor: {one['fault']}" for one in wrong]
        if wrong:
            found += self._faults_logged()

    def _faults_logged(self) -> list[str]:
        """The last that each part has said of a fault: afterwards nobody can ask it."""
        said = []
        for log in sorted((self.board.data / "logs").glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            faults = [line for line in lines if _FAULT.search(line)]
            said += [f"{log.stem}: {line[:_LINE_CHARS_MAX]}" for line in faults[-_LINES_MAX:]]
        return said

    def _outcome(self, attacks: dict[str, dict[str, int]], before: tuple[int, int]) -> Outcome:
        people = self.people
        refused, for_want_of_room = Counter[str](), 0
        for one in people.refused:
            if self._full_s[0] <= one.answered_s and one.sent_s <= self._full_s[1]:
                for_want_of_room += 1
            else:
                refused[f"{one.status} {one.sentence}"] += 1
        if people.bad_reads:
            self.problems.append(f"honest reads without their page: {dict(people.bad_reads)}")
        outcome = Outcome(
            seed=self.seed,
            seconds=self.seconds,
            reads_s=people.reads_s,
            bad_reads=dict(people.bad_reads),
            posts_s=[post.took_s for post in people.posted],
            refused=dict(refused),
            refused_for_want_of_room=for_want_of_room,
            attacks=attacks,
            memory_bytes=(before[0], self._memory_bytes()),
            free_bytes=(before[1], self._free_bytes()),
            room_seen_s=self._room_seen_s,
            problems=self.problems,
        )
        if outcome.memory_bytes[1] > MEMORY_TIMES_MAX * before[0]:
            self.problems.append("memory did not come back")
        if outcome.free_bytes[1] < before[1] - DISK_MB_LOST_MAX * MB:
            self.problems.append("room did not come back")
        if outcome.accepted < 0.99:
            self.problems.append(f"honest posts: {outcome.accepted:.1%} accepted")
        return outcome

    def _memory_bytes(self) -> int:
        """What all processes of the board hold, shared memory counted once."""
        total = 0
        for process in processes_of(self.board):
            with suppress(psutil.Error):
                total += psutil.Process(process.pid).memory_full_info().pss
        return total

    def _free_bytes(self) -> int:
        room = os.statvfs(self.board.data)
        return room.f_bavail * room.f_frsize


@contextmanager
def _attackers(target: Target, seed: int) -> Iterator[dict[str, dict[str, int]]]:
    """They attack while the block lasts; then it is known what they were answered."""
    statuses: dict[str, dict[str, int]] = {}
    order = [sys.executable, "-P", "-m", "tests.walk.siege.attacks", json.dumps(target._asdict())]
    with subprocess.Popen(
        [*order, "--seed", str(seed)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as attackers:
        try:
            yield statuses
            told, _ = attackers.communicate("")
            statuses |= json.loads(told)
        finally:
            attackers.kill()


def percentile(values: list[float], share: float) -> float:
    """0.0: there are none."""
    return sorted(values)[int(share * (len(values) - 1))] if values else 0.0


def _megabytes(values: tuple[int, int]) -> list[float]:
    return [value / 1e6 for value in values]


def _wait_until(moment_s: float) -> None:
    """The run's own clock: what happens when is what it is about."""
    time.sleep(max(0.0, moment_s - time.monotonic()))


def _said_on(page: str) -> str:
    """What a page of the desk says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())[:300]
