"""What a million archived threads cost: `python -m tests.renderer.bench_archive`.

Fills a board's archive past the form, and prints what some work takes before and after it: the
median of rounds, wall time. A million threads are 2 GB below /tmp, and some minutes.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import psycopg

from imageboard.store import archive, boards, migrations, posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.pages import threads
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.servers import a_postgres

ROUNDS = 15
THREADS = 100
REPLIES = 20

# Numbers below those of the threads that are measured, one a second.
_THREADS = """
INSERT INTO all_threads (board, no, bump_no, bumped_at, modified_at, reply_count, changed_no,
    page_weight, page_weight_no, aside_since, archived_at, archive_page)
SELECT 'b', 2 * n, 0, at, at, 1, 0, 0, 0, at, at,
    month || CASE WHEN place > 1 THEN '-' || place ELSE '' END
FROM (
    SELECT n, at, month, (row_number() OVER (PARTITION BY month ORDER BY n) - 1) / 500 + 1 AS place
    FROM (
        SELECT n, at, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') AS month FROM (
            SELECT n, now() - make_interval(secs => %(threads)s - n) AS at
            FROM generate_series(1, %(threads)s) AS n
        ) AS dated
    ) AS in_months
) AS placed
"""
_POSTS = """
INSERT INTO posts (board, no, thread_no, created_at, body, poster_tag, changed_no, bump_no)
SELECT board, no + reply, no, archived_at, 'A kettle without its lid, number ' || no, reply, 0, 0
FROM all_threads, generate_series(0, 1) AS reply WHERE no <= 2 * %(threads)s
"""
_PAGES = """
INSERT INTO archive_pages (board, name, month, number, threads, changed_no)
SELECT 'b', archive_page, left(archive_page, 7),
    coalesce(nullif(split_part(archive_page, '-', 3), ''), '1')::integer, count(*), 0
FROM all_threads WHERE archived_at IS NOT NULL GROUP BY archive_page
ON CONFLICT (board, month, number) DO UPDATE SET threads = excluded.threads
"""


def median_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began_s))
    return statistics.median(times)


class Bench:
    """A board of 100 threads of 20 replies, and what is done on it."""

    def __init__(self, database: Database, url: str, folder: Path, threads: int) -> None:
        self.url = url
        self.database = database
        self.board = a_board(database, quiet_minutes_min=0, posts_per_minute_max=0)
        with database.connection() as db:
            db.execute("UPDATE boards SET last_no = %s", (2 * threads + 1,))
        web_root, uploads = WebRoot(folder / "public"), UploadStore(folder / "uploads")
        self.loop = RenderLoop(database, web_root, uploads, "Stillboard")
        self.verifier = Verifier(database, web_root, uploads, "Stillboard")
        for _ in range(THREADS):
            self.newest = a_post(database, self.board).no
            for _ in range(REPLIES):
                self.reply()
        self.loop.render("b")

    def reply(self) -> None:
        a_post(self.database, self.board, thread=self.newest)

    def reply_and_draw(self) -> None:
        self.reply()
        self.loop.render("b")

    def archive_one(self) -> None:
        """By a new thread, which has no room."""
        self.newest = a_post(self.database, self.board).no
        self.loop.render("b")

    def ask(self) -> None:
        """What catch-up asks at its start, and each minute."""
        with self.database.transaction() as db:
            posts.boards_without_room(db)
            archive.boards_behind(db)
            posts.expire_archived(db)
            posts.forget_aside(db, 500)

    def pick(self) -> None:
        self.verifier.picked(20, Random(1))

    def look(self) -> None:
        """At a thread in the archive."""
        with self.database.connection() as db:
            numbers = archive.numbers_by_chance(db, "b", [1])
        for no in numbers or [self.newest]:
            self.verifier.verify_page("b", threads.KIND.page(no))

    def figures(self) -> dict[str, float]:
        return {
            "a reply": median_ms(self.reply),
            "a reply and its pages": median_ms(self.reply_and_draw),
            "a thread, one archived, and their pages": median_ms(self.archive_one),
            "what a start and each minute ask": median_ms(self.ask),
            "20 pages picked for a sample": median_ms(self.pick),
            "one archived thread looked at": median_ms(self.look),
        }

    def fill(self, threads: int) -> None:
        # Past the pool, whose connections wait for no answer that long.
        with psycopg.connect(self.url, autocommit=True) as db:
            for statement in (_THREADS, _POSTS, _PAGES):
                db.execute(statement, {"threads": threads})
            db.execute("VACUUM ANALYZE")
        with self.database.connection() as db:
            archive.note_drawn(db, boards.get(db, "b"), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1_000_000)
    options = parser.parse_args()
    with a_postgres() as (server, folder):
        database = Database(server.url, connections_max=4, durable=False)
        database.open()
        migrations.apply(database)
        bench = Bench(database, server.url, folder, options.threads)
        before = bench.figures()
        bench.fill(options.threads)
        for work, after_ms in bench.figures().items():
            print(f"{before[work]:8.2f} ms -> {after_ms:8.2f} ms  {work}")
        database.close()


if __name__ == "__main__":
    main()
