"""How much memory a render worker takes, stage by stage.

    python -m tests.renderer.bench_memory [--threads 100] [--replies 20]

A worker of its own renders a board that grows as it would in a burst: a board of lifelike posts,
then twenty of its threads at once to 800 replies, then one to 3,000 and on to 12,000 (a page of
9 MB), on a PostgreSQL out of its wheel. For each stage: the peak while it lasted and what stays,
of which is what; the CPU time.
"""

from __future__ import annotations

from monitoring import lean_start  # noqa: F401  # as a worker does
from tests.servers import a_postgres

# isort: split
import argparse
import logging
import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Line
from pathlib import Path
from typing import NamedTuple

import structlog

from cli.lifelike import Writer
from imageboard.boards import Board
from imageboard.facts import BoardChanged
from imageboard.store import boards, migrations, posts, threads
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_new_post
from tests.renderer.bench_board import fill

_MB = 1024 * 1024
#: Posts that come in while a step is drawn, in a burst.
_POSTS_PER_PASS = 100


class Memory(NamedTuple):
    """Of one process, in bytes."""

    peak: int
    #: Resident, and which part of it is nobody else's and no file's.
    stays: int
    own: int
    #: What the worker reckons that its kept threads take, and how many posts they hold.
    kept: int
    posts: int
    cpu_s: float


def memory(loop: RenderLoop | None) -> Memory:
    """As of now; the peak since the last call."""
    status = Path("/proc/self/status").read_text()
    kib = {name: int(value) for name, value in re.findall(r"(\w+):\s+(\d+) kB", status)}
    Path("/proc/self/clear_refs").write_text("5")  # begins a new peak: proc(5)
    kept = list(loop.kept.threads.values()) if loop else []
    return Memory(
        peak=kib["VmHWM"] * 1024,
        stays=kib["VmRSS"] * 1024,
        own=kib["RssAnon"] * 1024,
        kept=sum(thread.size_bytes for thread in kept),
        posts=sum(thread.replies for thread in kept),
        cpu_s=time.process_time(),
    )


def work(line: Line, url: str, folder: Path) -> None:
    """A render worker: what it imports, its parts, and a pass for each word on the line."""
    import renderer.worker  # noqa: F401 -- for what it takes in memory

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    line.send(memory(None))
    database = Database(url, connections_max=4, durable=False)
    database.open()
    loop = RenderLoop(
        database, WebRoot(folder / "public"), UploadStore(folder / "uploads"), site_name="S"
    )
    while line.recv() == "render":
        loop.render("b")
        line.send(memory(loop))
    database.close()


@contextmanager
def a_worker(url: str, folder: Path) -> Iterator[Line]:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=work, args=(theirs, url, folder), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.send("stop")
        process.join()


class Growth:
    """Threads of a board that are posted to in turn."""

    def __init__(self, database: Database, board: Board, nos: list[int]) -> None:
        self._database, self._board, self._nos = database, board, nos
        self._writer = Writer(2, pictures=False)
        self._posts = {no: [no] for no in nos}

    def add(self, count: int) -> None:
        with self._database.transaction() as db:
            for number in range(count):
                thread = self._nos[number % len(self._nos)]
                written = self._writer.reply(self._posts[thread])
                new_post = a_new_post(self._board, thread=thread, body=written.body)
                self._posts[thread].append(posts.add(db, new_post, limits=False).no)


def grow(growth: Growth, line: Line, count: int) -> Memory:
    """That many posts, a pass after each hundred; the highest peak, the rest as it is then."""
    peak = 0
    for _ in range(0, count, _POSTS_PER_PASS):
        growth.add(_POSTS_PER_PASS)
        line.send("render")
        now: Memory = line.recv()
        peak = max(peak, now.peak)
    return now._replace(peak=peak)


def tell(stage: str, now: Memory, before_cpu_s: float = 0.0) -> float:
    print(
        f"{stage:34} peak {now.peak / _MB:5.0f} MB, stays {now.stays / _MB:5.0f},"
        f" its own {now.own / _MB:5.0f}, kept {now.kept / _MB:5.1f}"
        f" ({now.posts:6} replies), CPU {now.cpu_s - before_cpu_s:5.1f} s",
        flush=True,
    )
    return now.cpu_s


def measure(database: Database, url: str, folder: Path, count: int, replies: int) -> None:
    database.open()
    migrations.apply(database)
    board = fill(database, count, replies)
    with database.connection() as db:
        nos = threads.numbers(db, "b")
    with a_worker(url, folder) as line:
        cpu_s = tell("imported", line.recv())
        line.send("render")
        cpu_s = tell(f"{count} threads of {replies} replies", line.recv(), cpu_s)
        burst = nos[-20:]
        more = len(burst) * max(0, 800 - replies)
        cpu_s = tell("20 of them to 800", grow(Growth(database, board, burst), line, more), cpu_s)
        hot = Growth(database, board, nos[:1])
        for before, length in ((replies, 3_000), (3_000, 12_000)):
            cpu_s = tell(f"one to {length:,}", grow(hot, line, max(0, length - before)), cpu_s)
        with database.transaction() as db:
            db.execute("DELETE FROM publications")
            boards.ask_again(db, "b", BoardChanged())
        line.send("render")
        tell("all of it once more", line.recv(), cpu_s)
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=100)
    parser.add_argument("--replies", type=int, default=20)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # as deploy/environment.py has it
    with a_postgres() as (server, folder):
        database = Database(server.url, durable=False)
        measure(database, server.url, folder, options.threads, options.replies)


if __name__ == "__main__":
    main()
