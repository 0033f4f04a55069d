"""What rules against spam cost a whole post: `python -m tests.writer.bench_spam [--rules 1000]`.

Replies of 160 characters to one board, sent to the application without a server, each from an
address of its own, in turns without a rule and with so many that none of them hits. What is printed
is the median of the turns: the CPU time of the writer for one post, and how long its answer took.
"""

from __future__ import annotations

import argparse
import ipaddress
import logging
import random
import statistics
import time
from pathlib import Path
from urllib.parse import urlencode

import structlog
from falcon import testing

from imageboard.spam.rules import NewRule
from imageboard.store import migrations, spam_rules
from imageboard.store.database import Database
from tests.builders import a_board, a_post
from tests.servers import a_postgres
from tests.writer.desk.conftest import make_desk

POSTS = 300
_TEXT = (
    "Without its lid the kettle took five minutes and a half from cold, a litre of water at "
    "nineteen degrees; with it, four minutes and ten seconds. Nobody had noted it."
)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_WAYS = ("contains", "pattern", "looks_like")


def write_rules(database: Database, count: int) -> None:
    """So many in the place of those that are there; none of them hits."""
    chance = random.Random(1)
    with database.transaction() as db:
        for rule in spam_rules.all_of(db):
            spam_rules.remove(db, rule.id)
        for number in range(count):
            word = "".join(chance.choice("bcdfghjkmnpqrstvwxz") for _ in range(9))
            new = NewRule(is_on=True, way=_WAYS[number % len(_WAYS)], what=word)
            spam_rules.add(db, new, "bench")


class Bench:
    """One board and one thread."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._client = testing.TestClient(make_desk(database, folder).app)
        self._count = 0

    def turn(self, rules: int) -> tuple[float, float]:
        """CPU time of the writer (ms) for a post, and the median of the answers (ms)."""
        write_rules(self._database, rules)
        # A change is in force a second later; and the board's renderer has nothing to do.
        time.sleep(1.1)
        self._post()
        with self._database.connection() as db:
            db.execute("DELETE FROM outbox")
        began_s, answers = time.process_time(), []
        for _ in range(POSTS):
            sent_s = time.perf_counter()
            self._post()
            answers.append(time.perf_counter() - sent_s)
        cpu_s = time.process_time() - began_s
        return cpu_s / POSTS * 1e3, statistics.median(answers) * 1e3

    def _post(self) -> None:
        self._count += 1
        address = str(ipaddress.ip_address("10.0.0.0") + 257 * self._count)
        fields = {"board": "b", "thread": "1", "body": f"{_TEXT} {self._count}"}
        answer = self._client.simulate_post(
            "/post",
            body=urlencode(fields | {"json_response": "1"}),
            headers=_FORM | {"X-Real-IP": address},
        )
        assert answer.status_code == 200, answer.text


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=6)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with a_postgres() as (server, folder):
        database = Database(server.url, connections_max=4)
        database.open()
        migrations.apply(database)
        board = a_board(database, posts_per_minute_max=0, reply_limit=0)
        a_post(database, board)
        bench = Bench(database, folder)
        turns = {count: [] for count in (0, options.rules)}  # type: ignore[var-annotated]
        for _ in range(options.turns):
            for count, found in turns.items():
                found.append(bench.turn(count))
        for count, found in turns.items():
            cpu_ms, answer_ms = (statistics.median(each) for each in zip(*found, strict=True))
            print(f"{count:5} rules: {cpu_ms:.3f} ms of CPU, answered in {answer_ms:.2f} ms")
        database.close()


if __name__ == "__main__":
    main()
