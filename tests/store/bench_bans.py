"""What 100,000 bans cost a post: `python -m tests.store.bench_bans [--bans 100000] [--turns 6]`.

Replies to one board, as bench_add_post sends them, in turns with no ban and with so many in force:
19 of 20 of single addresses, the others of ranges, none of which hits the poster. What is printed
is the median of the turns: of a post at the client, and of the CPU time of its server process.
"""

from __future__ import annotations

import argparse
import statistics
import time

from imageboard.store import boards, migrations
from imageboard.store.database import Connection, Database
from tests.builders import a_board
from tests.servers import a_postgres
from tests.store.bench_add_post import Bench

ROUND_POSTS = 1_000

_ADD = """
INSERT INTO bans (address_hash, range, reason, created_by, expires_at)
SELECT CASE WHEN n %% 20 > 0 THEN decode(md5(n::text), 'hex') END,
    CASE WHEN n %% 20 = 0 THEN set_masklen((inet '172.16.0.0' + (n / 20) * 256)::cidr, 24) END,
    'Spam.', 'lake', CASE WHEN n %% 3 > 0 THEN now() + interval '1 day' END
FROM generate_series(1, %s) AS n
"""


def add_bans(db: Connection, bans: int) -> None:
    db.execute(_ADD, (bans,))
    db.execute("VACUUM ANALYZE bans")


def a_turn(db: Connection, bench: Bench, bans: int) -> tuple[float, float]:
    """p50 of a post at the client, and the CPU time of a post: both in ms."""
    db.execute("TRUNCATE bans CASCADE")
    add_bans(db, bans)
    reply = bench.kinds()["a reply"]
    took_ms = []

    def timed() -> None:
        began_s = time.perf_counter()
        reply()
        took_ms.append((time.perf_counter() - began_s) * 1000)

    cpu_ms = bench.cpu_ms(timed, ROUND_POSTS)
    return statistics.median(took_ms), cpu_ms


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bans", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=6, help="of each")
    options = parser.parse_args()
    with a_postgres() as (server, _folder):
        database = Database(server.url, connections_max=2, durable=False)
        database.open()
        migrations.apply(database)
        a_board(database, pages_max=100, posts_per_minute_max=10**6)
        with database.connection() as db:
            bench = Bench(db, boards.get(db, "b"))
            bench.fill()
            turns = [
                [a_turn(db, bench, bans) for bans in (0, options.bans)]
                for _ in range(options.turns)
            ]
        database.close()
    for place, bans in enumerate((0, options.bans)):
        p50_ms = statistics.median(turn[place][0] for turn in turns)
        cpu_ms = statistics.median(turn[place][1] for turn in turns)
        print(f"{bans:7,} bans: p50 {p50_ms:6.3f} ms, CPU {cpu_ms:6.3f} ms a post")


if __name__ == "__main__":
    main()
