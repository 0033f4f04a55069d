"""How RPO and RTO grow with the board: a drill at 10,000 posts, 100,000 and so on.

    python -m tests.deploy.backups.bench_drill [--posts 10000 100000] [--pictures 100]

Ten boards of a hundred threads, filled by SQL; PostgreSQL durable; the vault in a folder. Prints
one row a size: what a drill measured, and how long each step of the restore took.
"""

from __future__ import annotations

import argparse
import logging
import resource
import tempfile
from pathlib import Path

import structlog

from deploy.backups import drilling
from deploy.backups.drilling import Drill
from deploy.backups.rendering import render_everything
from imageboard.store.database import Database
from tests.builders import a_board
from tests.deploy.backups.live_board import LiveBoard, a_live_board, a_picture

_BOARDS = tuple("cdefghijkl")
_THREADS = 100

#: Texts of 200 characters, all different, and each post after the first quotes its thread.
_FILL = """
WITH numbers AS (
    SELECT t, r, t * (%(replies)s + 1) + r + 1 AS no
    FROM generate_series(0, %(threads)s - 1) AS t, generate_series(0, %(replies)s) AS r
), begun AS (
    INSERT INTO threads (board, no, bump_no, bumped_at, modified_at, reply_count, changed_no)
    SELECT %(board)s, no, no, now(), now(), %(replies)s, no FROM numbers WHERE r = 0
)
INSERT INTO posts (board, no, thread_no, created_at, body, address_hash, changed_no)
SELECT %(board)s, no, no - r, now() - no * interval '1 second',
    CASE WHEN r > 0 THEN '>>' || (no - r) || E'\\n' ELSE '' END
        || repeat(md5(%(board)s || no), 4) || ' ' || repeat('a word or two ', 5),
    decode(md5(no::text), 'hex'), no
FROM numbers
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--probes", type=int, default=3)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print("posts     backup  in store  held   RPO     RTO     of which", flush=True)
    for posts in options.posts:
        with (
            tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder,
            a_live_board(Path(folder), durable=True) as board,
        ):
            fill(board, posts, options.pictures)
            found = drilling.drill(board.source, {}, probes=options.probes)
            print(row(posts, found), flush=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"most memory that this process held: {peak_mb:.0f} MB")


def fill(board: LiveBoard, posts: int, pictures: int) -> None:
    """So many posts on ten boards, some of them with pictures, and all pages drawn."""
    for _ in range(pictures):
        board.post("with a picture", picture=a_picture())
    replies = max(0, posts // (len(_BOARDS) * _THREADS) - 1)
    database = Database(board.source.replication_url.rpartition("/")[0] + "/stillboard")
    database.open()
    try:
        for name in _BOARDS:
            a_board(board.database, name)
            values = {"board": name, "threads": _THREADS, "replies": replies}
            with database.transaction() as db:
                db.execute("SET LOCAL statement_timeout = 0")
                db.execute(_FILL, values)
                db.execute(
                    "UPDATE boards SET last_no = %(last)s,"
                    " change_no = greatest(change_no, %(last)s) WHERE name = %(board)s",
                    values | {"last": _THREADS * (replies + 1)},
                )
        with database.connection() as db:
            db.execute("SET statement_timeout = 0")
            db.execute("ANALYZE")
    finally:
        database.close()
    for name in ("b", *_BOARDS):
        board.loop.render(name)
    render_everything(board.source.settings)


def row(posts: int, found: Drill) -> str:
    assert not found.differing, found.differing
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in found.took_s.items())
    return (
        f"{posts:<10}{found.backup_s:>5.1f} s{found.backup_bytes / 1e6:>7.0f} MB"
        f"{found.held_s:>7.2f} s{max(found.rpo_s):>6.1f} s{found.rto_s:>6.1f} s  {steps}"
    )


if __name__ == "__main__":
    main()
