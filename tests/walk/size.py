"""What a post costs on a site of millions of posts, and on one of ten thousand.

`python -m tests.walk.size --posts 10000,2000000` fills a site for each number, past the form, and
prints for each what a reply then takes: until it is answered, until a reader sees it, and of the
processor, all programs of the board together. A site of 10,000,000 posts needs 20 GB below /tmp.

Half of the posts are on a board of their own that keeps its old threads aside, half on others;
those that are measured go to threads of 50 replies on that board. Exit status 1 when a reply on the
largest site costs more than --worst times that on the smallest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from tests.walk.board_process import BoardProcess, a_board_process

HERE = Path(__file__).resolve().parents[2]
REPLIES = 500
OTHER_BOARDS = 50

_ADD_BOARDS = """
INSERT INTO boards (name, settings, last_no, change_no, drawn_as)
SELECT 'x' || n, settings, 0, 0, drawn_as FROM boards, generate_series(1, %(boards)s) AS n
WHERE name = 'b'
"""
# Numbers below zero are nobody's: the board goes on counting from one.
_ADD_THREADS = """
INSERT INTO all_threads (board, no, bump_no, bumped_at, modified_at, reply_count, changed_no,
    page_weight, page_weight_no, aside_since)
SELECT board, -n * 1000, 0, now(), now(), %(replies)s, 0, 0, 0, now()
FROM unnest(%(boards)s::text[]) AS board, generate_series(1, %(threads)s) AS n
"""
_ADD_POSTS = """
INSERT INTO posts (board, no, thread_no, created_at, body, poster_id, poster_tag,
    changed_no, bump_no)
SELECT t.board, t.no + n, t.no, now() - interval '40 days',
    'A post of about one hundred characters, as most are, and it says nothing at all: ' || n,
    'abcdef01', n, 0, 0
FROM all_threads AS t, generate_series(0, %(replies)s) AS n
WHERE t.no < 0 AND t.board = %(board)s
"""


@dataclass
class Cost:
    """What a reply takes on a site of that many posts."""

    posts: int
    answer_p50_ms: float
    visible_p50_ms: float
    processor_ms: float

    def line(self) -> str:
        return (
            f"{self.posts:>12,} posts: answered after {self.answer_p50_ms:.1f} ms, seen after"
            f" {self.visible_p50_ms:.1f} ms (p50), {self.processor_ms:.1f} ms of the processor"
        )


def run(posts: int, replies: int) -> Cost:
    """A site with so many posts, and the cost of `replies` further ones."""
    with a_board_process() as site:
        site.cli("board", "set", "b", "aside_threads_max=10000", "aside_days=365")
        _fill(site, posts)
        _ask(site, replies=10 * 4)
        before_s = _processor_s(site)
        told = _ask(site, replies)
        site.settle()
        spent_s = _processor_s(site) - before_s
        return Cost(
            posts,
            told["ms"]["answer"]["p50"],
            told["ms"]["visible"]["p50"],
            1000 * spent_s / replies,
        )


def _fill(site: BoardProcess, posts: int) -> None:
    threads = max(1, posts // 2 // (REPLIES + 1))
    others = [f"x{number}" for number in range(1, OTHER_BOARDS + 1)]
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as db:
        db.execute(_ADD_BOARDS, {"boards": OTHER_BOARDS})
        for boards, count in ((["b"], threads), (others, max(1, threads // OTHER_BOARDS))):
            db.execute(_ADD_THREADS, {"boards": boards, "threads": count, "replies": REPLIES})
            for board in boards:
                db.execute(_ADD_POSTS, {"board": board, "replies": REPLIES})
        db.execute("ANALYZE")


def _ask(site: BoardProcess, replies: int) -> dict[str, dict[str, dict[str, float]]]:
    """What loadtest.freshness tells of one poster who sends so many replies."""
    done = subprocess.run(
        [
            *(sys.executable, "-P", "-m", "loadtest.freshness", "--url", site.url, "--json"),
            *("--replies", "50", "--posts", str(replies)),
        ],
        cwd=HERE,
        env={"PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, dict[str, dict[str, float]]] = json.loads(done.stdout)
    return told


def _processor_s(site: BoardProcess) -> float:
    """Of all programs of the board that live, since they began."""
    spent_s = 0.0
    for process in psutil.Process(site.running.process.pid).children(recursive=True):
        times = process.cpu_times()
        spent_s += times.user + times.system
    return spent_s


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", default="10000,2000000", help="how many, one run for each")
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--worst", type=float, default=1.1)
    options = parser.parse_args(argv)
    costs = []
    for posts in map(int, options.posts.split(",")):
        costs.append(run(posts, options.replies))
        print(costs[-1].line(), flush=True)
    ratio = costs[-1].processor_ms / costs[0].processor_ms
    print(f"processor of the last to the first: {ratio:.2f}")
    return 1 if ratio > options.worst else 0


if __name__ == "__main__":
    sys.exit(main())
