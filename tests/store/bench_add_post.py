"""What PostgreSQL computes for one post: `python -m tests.store.bench_add_post [--posts 5000]`.

One connection sends replies to 20 threads of 50 on a board of 100 threads, and takes the facts out
of the outbox now and then as a renderer does. Commits do not wait for the disk: what is printed is
the CPU time of the connection's own server process, the median of rounds, which a busy machine
changes little.
"""

from __future__ import annotations

import argparse
import ipaddress
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imageboard.allowances import Allowances
from imageboard.boards import Board
from imageboard.post_rules import NewPost
from imageboard.settings import Settings
from imageboard.store import bans, boards, migrations, posts
from imageboard.store.database import Connection, Database
from tests.builders import AN_ADDRESS, CLOAK, a_board, a_new_post
from tests.servers import a_postgres

THREADS = 100
REPLIES = 50
#: Threads that are replied to.
BUSY = 20
ROUND_POSTS = 250

_TEXT = (
    "Without its lid the kettle took five minutes and a half from cold, a litre of water at "
    "nineteen degrees; with it, four minutes and ten seconds. Nobody had noted the pressure."
)
#: Allowances that no round of posts uses up.
_UNREACHED = Settings(ipv4_24_addresses=10**6, ipv6_56_addresses=10**6, ipv6_48_addresses=10**6)


class Bench:
    """One board, one connection."""

    def __init__(self, db: Connection, board: Board) -> None:
        self._db = db
        self._board = board
        self._busy: list[int] = []
        self._count = 0
        self._allowances = Allowances(_UNREACHED, CLOAK)
        self._cpu = Path(f"/proc/{db.info.backend_pid}/schedstat")

    def fill(self) -> None:
        nos = [posts.add(self._db, self._plain(None), limits=False).no for _ in range(THREADS)]
        for no in nos * REPLIES:
            posts.add(self._db, self._plain(no), limits=False)
        self._busy = nos[-BUSY:]
        self._settle()
        self._db.execute("VACUUM ANALYZE")

    def kinds(self) -> dict[str, Callable[[], object]]:
        return {
            "a reply": lambda: self._add(self._plain(self._thread())),
            "a reply of IPv6": lambda: self._add(self._plain(self._thread(), "2001:db8::", 2**64)),
            "a reply, no limits": lambda: self._add(self._plain(self._thread()), limits=False),
            "a reply that quotes two posts, with a nonce": lambda: self._add(self._quoting()),
            "looking for a ban": self._look_for_a_ban,
        }

    def cpu_ms(self, act: Callable[[], object], count: int) -> float:
        """CPU time (ms) of one `act`: the median of rounds, `count` acts in all."""
        rounds = []
        for _ in range(max(1, count // ROUND_POSTS)):
            self._settle()
            began_ns = self._cpu_ns()
            for _ in range(ROUND_POSTS):
                act()
            rounds.append((self._cpu_ns() - began_ns) / ROUND_POSTS / 1e6)
        return statistics.median(rounds)

    def _add(self, new_post: NewPost, *, limits: bool = True) -> None:
        posts.add(self._db, new_post, address=AN_ADDRESS, limits=limits)

    def _thread(self) -> int:
        return self._busy[self._count % BUSY]

    def _plain(
        self, thread: int | None, network: str = "10.0.0.0", step: int = 1, **fields: Any
    ) -> NewPost:
        """From another address each time; its networks take part of what they may."""
        self._count += 1
        address = ipaddress.ip_address(network) + step * self._count
        fields.setdefault("body", f"{_TEXT} {self._count}")
        taken = self._allowances.of_post(
            address, self._board.name, self._board.settings, is_thread=thread is None
        )
        return a_new_post(
            self._board, thread=thread, address=str(address), allowances=taken, **fields
        )

    def _quoting(self) -> NewPost:
        thread, number = self._thread(), self._count
        return self._plain(
            thread, body=f">>{thread} >>{thread + 1}\n{_TEXT}{number}", nonce=f"nonce-{number}"
        )

    def _look_for_a_ban(self) -> None:
        self._count += 1
        address = ipaddress.ip_address("10.0.0.0") + self._count
        bans.find(self._db, "b", CLOAK.hash_address(address), address)

    def _settle(self) -> None:
        self._db.execute("DELETE FROM outbox")

    def _cpu_ns(self) -> int:
        return int(self._cpu.read_text().split()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=5000, help="of each kind")
    options = parser.parse_args()
    with a_postgres() as (server, _folder):
        database = Database(server.url, connections_max=2, durable=False)
        database.open()
        migrations.apply(database)
        a_board(
            database,
            pages_max=100,
            same_text_wait_s=30,
            reply_wait_s=5,
            posts_per_minute_max=10**6,
        )
        with database.connection() as db:
            bench = Bench(db, boards.get(db, "b"))
            bench.fill()
            for kind, act in bench.kinds().items():
                print(f"{bench.cpu_ms(act, options.posts):6.3f} ms  {kind}")
        database.close()


if __name__ == "__main__":
    main()
