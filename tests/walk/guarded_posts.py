"""What a post costs behind rules against spam and bans, beside a version that had less of both.

    python -m tests.walk.guarded_posts 238a93bc~1        (before roles, rules and appeals came)
    python -m tests.walk.guarded_posts --other ../before (a checkout that is there already)

Three boards are up: the other version as it is, this one as it is, and this one with 1,000 rules
and 100,000 bans, none of which hits. The same poster writes to one after the other, in turns, and
waits until a post is on its page before the next. What is printed are medians of the turns: how
long an answer took (p50), and the processor time of a post by program. Exit status 1 when an answer
takes more than a millisecond longer (ANSWER_MS_MAX) with all of it than with the other version.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from cli import connection
from loadtest import freshness, paced, upkeep
from loadtest.compare_versions import BOARD
from loadtest.percentiles import percentiles_ms
from loadtest.versions import HERE, RunningBoard, Version, a_board, checked_out
from tests.store.bench_bans import add_bans
from tests.writer.bench_spam import write_rules

#: More than with the other version, at the median.
ANSWER_MS_MAX = 1.0
#: Of each thread, before those that are measured.
REPLIES = 10
#: Whose time is a post's; what draws pages has its own figures (loadtest.compare_versions).
PROGRAMS = ("gunicorn", "postgres", "nginx")
OTHER, BARE, GUARDED = "the other version", "this one", "this one, with rules and bans"


@dataclass
class Asked:
    """A board, and what its turns came to."""

    board: RunningBoard
    answers_ms: list[float] = field(default_factory=list)
    #: Of a post, by program.
    used_ms: list[Mapping[str, float]] = field(default_factory=list)

    def turn(self, posts: int) -> None:
        upkeep.wait_for_rest(self.board.pid)
        before_s = paced.used_s(self.board.pid)
        poster = freshness.Client(self.board.url, BOARD)
        times = freshness.measure(poster, replies=REPLIES, posts=posts)
        after_s = paced.used_s(self.board.pid)
        threads = -(-posts // freshness.PER_THREAD)
        stored = threads * (1 + REPLIES) + posts
        self.answers_ms.append(percentiles_ms(times.answer_s)["p50"])
        self.used_ms.append(
            {
                name: (after_s.get(name, 0.0) - before_s.get(name, 0.0)) / stored * 1000
                for name in PROGRAMS
            }
        )

    @property
    def answer_ms(self) -> float:
        return statistics.median(self.answers_ms)

    def line(self, name: str) -> str:
        used = ", ".join(
            f"{program} {statistics.median(each[program] for each in self.used_ms):.2f}"
            for program in PROGRAMS
        )
        turns = " ".join(f"{each:.2f}" for each in self.answers_ms)
        return f"{name:31} answer p50 {self.answer_ms:6.2f} ms ({turns}); processor, ms: {used}"


def guard(board: RunningBoard, rules: int, bans: int) -> None:
    """Write down so many rules and bans."""
    where = connection.read_settings(board.data, {})
    with connection.open_database(where) as database:
        write_rules(database, rules)
        with database.connection() as db:
            add_bans(db, bans)


def compare(other: Path, *, rules: int, bans: int, posts: int, turns: int) -> dict[str, Asked]:
    ours, theirs = Version.at("this", HERE), Version.at("other", other)
    with ExitStack() as stack:
        asked = {
            name: Asked(stack.enter_context(a_board(version)))
            for name, version in ((OTHER, theirs), (BARE, ours), (GUARDED, ours))
        }
        for one in asked.values():
            one.board.call("board", "set", BOARD, "pages_max=100")
        guard(asked[GUARDED].board, rules, bans)
        for number in range(turns):
            for name in _in_turn(list(asked), number):
                asked[name].turn(posts)
        return asked


def _in_turn(names: Sequence[str], number: int) -> Iterator[str]:
    """Each begins as often as the others: whoever comes later finds the machine otherwise."""
    first = number % len(names)
    yield from (*names[first:], *names[:first])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("revision", nargs="?", default="238a93bc~1")
    parser.add_argument("--other", type=Path, help="a checkout of it that is there already")
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--bans", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=50, help="that are measured in each turn")
    parser.add_argument("--turns", type=int, default=6)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        other = chosen.other or stack.enter_context(checked_out(chosen.revision))
        asked = compare(
            other, rules=chosen.rules, bans=chosen.bans, posts=chosen.posts, turns=chosen.turns
        )
    for name, one in asked.items():
        print(one.line(name))
    more_ms = asked[GUARDED].answer_ms - asked[OTHER].answer_ms
    print(f"with all of it {more_ms:+.2f} ms; {ANSWER_MS_MAX:.0f} at most")
    return 1 if more_ms > ANSWER_MS_MAX else 0


if __name__ == "__main__":
    sys.exit(main())
