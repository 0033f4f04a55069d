"""What drawn posts cost where they could be kept: a column, Valkey, memory, memory in packs.

    python -m tests.renderer.bench_fragment_places

Lifelike threads of 50 and of 1,000 replies, each fetched again and again as its pages need it:
the HTML and the JSON of every post, in order, joined. Printed are the bytes that a reply takes,
and the CPU time of one fetch, the worker's and the server's; waiting is not counted.
docs/decisions/0010 draws its conclusion from this.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg
import redis

from cli.lifelike import Writer
from deploy.embedded.postgres import Postgres
from deploy.embedded.valkey import Valkey
from imageboard.boards import Board
from imageboard.settings import BoardSettings
from imageboard.threads import Post
from renderer.fragments import Fragment, draw_all
from renderer.kept_threads import KeptThread
from tests.servers import running

#: Replies of the two threads.
LENGTHS = (50, 1000)
#: Replies that are fetched in all for one figure: the servers' clocks tick in hundredths.
_REPLIES_FETCHED = 300_000

Pages = tuple[bytes, bytes]
Fetch = Callable[[int], Pages]


class Place(NamedTuple):
    """Where fragments are kept: a way to fetch a thread's, by its number of replies."""

    name: str
    reply_bytes: float
    fetch: Fetch
    server: psutil.Process | None = None


def a_thread(replies: int) -> list[Fragment]:
    """That many replies as they are drawn."""
    writer = Writer(1, pictures=False)
    board = Board("b", BoardSettings(title="Bench"))
    posts = []
    for no in range(2, replies + 2):
        written = writer.reply(range(1, no))
        post = Post(
            no=no, thread=1, created_s=1_795_500_950 + 60 * no, name=written.name or None,
            tripcode=None, capcode=None, email=None, subject=None, body=written.body,
            poster_id=None, changed_no=no, quotes=(), backlinks=(), files=(),
        )  # fmt: skip
        posts.append(post)
    return [fragment for _, fragment in draw_all(board, frozenset("b"), posts)]


def joined(rows: Sequence[Sequence[bytes]]) -> Pages:
    """HTML and JSON as a page has them, from (HTML, JSON) of each reply."""
    return b"".join(row[0] for row in rows), b",".join(row[1] for row in rows)


def in_memory(threads: dict[int, list[Fragment]]) -> Place:
    kept = {
        replies: {fragment.no: fragment for fragment in drawn} for replies, drawn in threads.items()
    }

    def fetch(replies: int) -> Pages:
        return joined([kept[replies][no][1:3] for no in sorted(kept[replies])])

    longest = threads[max(threads)]
    pieces = sum(len(fragment.html) + len(fragment.json) for fragment in longest)
    # What kept_threads reckons that Python needs for each: two objects, a tuple, a place in a dict.
    return Place("the worker's memory, as they are", pieces / len(longest) + 300, fetch)


def in_packs(threads: dict[int, list[Fragment]]) -> Place:
    kept = {}
    for replies, drawn in threads.items():
        kept[replies] = KeptThread(settings_change_no=0, as_of=0, is_whole=True)
        for fragment in drawn:
            kept[replies].keep(fragment, b"")

    def fetch(replies: int) -> Pages:
        thread = kept[replies]
        return b"".join(map(bytes, thread.html())), b"".join(map(bytes, thread.json()))

    longest = max(threads)
    return Place("the worker's memory, in packs", kept[longest].size_bytes / longest, fetch)


def in_column(threads: dict[int, list[Fragment]], url: str) -> Place:
    """A table of their own, so that no other column counts."""
    db = psycopg.connect(url, autocommit=True)
    db.execute(
        "CREATE TABLE drawn (thread int, no int, html bytea, json bytea, PRIMARY KEY (thread, no))"
    )
    for replies, drawn in threads.items():
        with db.cursor().copy("COPY drawn FROM STDIN WITH (FORMAT binary)") as copy:
            copy.set_types(["int4", "int4", "bytea", "bytea"])
            for fragment in drawn:
                copy.write_row((replies, fragment.no, fragment.html, fragment.json))
    db.execute("VACUUM ANALYZE drawn")
    size = db.execute("SELECT pg_total_relation_size('drawn')").fetchone()
    assert size is not None

    def fetch(replies: int) -> Pages:
        cursor = db.cursor(binary=True)
        query = "SELECT html, json FROM drawn WHERE thread = %s ORDER BY no"
        return joined(cursor.execute(query, (replies,)).fetchall())

    server = psutil.Process(db.info.backend_pid)
    return Place("a column of the database", size[0] / sum(threads), fetch, server)


def in_valkey(threads: dict[int, list[Fragment]], valkey: Valkey) -> Place:
    """A hash for each thread: a field for a reply's HTML, one for its JSON."""
    server = redis.Redis.from_url(valkey.url)
    fields: dict[int, list[str]] = {}
    for replies, drawn in threads.items():
        fields[replies] = [f"{kind}{fragment.no}" for fragment in drawn for kind in "hj"]
        values = [piece for fragment in drawn for piece in fragment[1:3]]
        server.hset(f"drawn:{replies}", mapping=dict(zip(fields[replies], values, strict=True)))
    longest = max(threads)
    size = int(server.memory_usage(f"drawn:{longest}", samples=0))

    def fetch(replies: int) -> Pages:
        found = server.hmget(f"drawn:{replies}", fields[replies])
        return joined(list(zip(found[::2], found[1::2], strict=True)))

    process = psutil.Process(int(server.info("server")["process_id"]))
    return Place("Valkey", size / longest, fetch, process)


def cpu_s(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(place: Place, replies: int) -> tuple[float, float]:
    """Microseconds of CPU for one fetch: the worker's, the server's."""
    times = _REPLIES_FETCHED // replies
    began_s, server_began_s = time.process_time(), cpu_s(place.server)
    for _ in range(times):
        place.fetch(replies)
    worker_s = time.process_time() - began_s
    return worker_s / times * 1e6, (cpu_s(place.server) - server_began_s) / times * 1e6


def main() -> None:
    threads = {replies: a_thread(replies) for replies in LENGTHS}
    with tempfile.TemporaryDirectory(prefix="sb-") as name:
        folder = Path(name)
        log = folder / "log"
        postgres = Postgres(
            folder, socket_dir=folder, password="a", superuser_password="b", log=log
        )
        valkey = Valkey(folder, socket_dir=folder, password="a", log=log)
        with running(postgres), running(valkey):
            places = [
                in_column(threads, postgres.url),
                in_valkey(threads, valkey),
                in_memory(threads),
                in_packs(threads),
            ]
            for place in places:
                assert [place.fetch(n) for n in LENGTHS] == [places[0].fetch(n) for n in LENGTHS]
                row = [f"{place.name:34} {place.reply_bytes:6.0f} bytes a reply"]
                for replies in LENGTHS:
                    worker_us, server_us = measure(place, replies)
                    row.append(f"{replies:,}: {worker_us:6.0f} + {server_us:6.0f} µs")
                print("; ".join(row), flush=True)


if __name__ == "__main__":
    main()
