"""How long a whole board takes: 200 threads of 50 replies, from nothing and from kept fragments.

    python -m tests.renderer.bench_board [--threads 200] [--replies 50]

HTML, JSON and their .gz and .br, on a durable PostgreSQL out of its wheel. "From nothing" reads
every post and draws it; "kept" assembles the same pages from fragments in the worker's memory.
Both write every file, each run into a folder of its own: ext4 without a journal looks at every
file that was deleted in the last minutes before it makes a new one, and a bench that empties its
folder measures that. The medians of five runs are printed.
"""

from __future__ import annotations

import argparse
import logging
import resource
import statistics
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import structlog

from cli.lifelike import Writer
from imageboard.boards import Board
from imageboard.facts import BoardChanged
from imageboard.store import boards, migrations, posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.kept_threads import KeptThreads
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_new_post
from tests.servers import a_postgres

_RUNS = 5


def fill(database: Database, threads: int, replies: int) -> Board:
    """A board of lifelike posts."""
    board = a_board(database, pages_max=100)
    writer = Writer(1, pictures=False)
    for _ in range(threads):
        nos: list[int] = []
        with database.transaction() as db:
            for _ in range(replies + 1):
                written = writer.reply(nos) if nos else writer.thread()
                new_post = a_new_post(
                    board,
                    thread=nos[0] if nos else None,
                    body=written.body,
                    subject=written.subject,
                    name=written.name.replace("##", ""),
                )
                nos.append(posts.add(db, new_post, limits=False).no)
    return board


def times(render: Callable[[], object], clear: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(_RUNS):
        clear()
        began_s = time.perf_counter()
        render()
        taken.append(time.perf_counter() - began_s)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=200)
    parser.add_argument("--replies", type=int, default=50)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with a_postgres() as (server, folder):
        measure(Database(server.url, durable=False), folder, options.threads, options.replies)


def measure(database: Database, folder: Path, threads: int, replies: int) -> None:
    database.open()
    migrations.apply(database)
    fill(database, threads, replies)
    roots = (WebRoot(folder / f"public-{number}") for number in count())
    loop = RenderLoop(database, next(roots), UploadStore(folder / "uploads"), site_name="S")
    loop.render("b")

    def clear() -> None:
        """No file stands, and the ledger knows of none; all is to be drawn."""
        loop.web_root = next(roots)
        with database.transaction() as db:
            db.execute("DELETE FROM publications")
            boards.ask_again(db, "b", BoardChanged())

    def clear_all() -> None:
        clear()
        loop.kept = KeptThreads()

    for kind, taken in (
        ("kept", times(lambda: loop.render("b"), clear)),
        ("from nothing", times(lambda: loop.render("b"), clear_all)),
    ):
        files = sum(1 for _ in loop.web_root.paths())
        print(
            f"{threads} threads x {replies} replies, {files} files in 3 encodings, {kind}: "
            f"{statistics.median(taken):.2f} s (from {min(taken):.2f} to {max(taken):.2f})"
        )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak_mb:.0f} MB")
    database.close()


if __name__ == "__main__":
    main()
