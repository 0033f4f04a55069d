"""How long search takes on a large board: `python -m tests.store.bench_search [--posts 500000]`.

Two quarters of the posts are English, one Japanese, one Russian, written by chance as words are
used: few often, most hardly ever. They are stored by rows with their words, some added by the
keeper. What is printed is what that takes, and the time of a search with its 25 posts, on one
connection, in milliseconds: on the clock, and of the processors, by the server's process and ours,
which a busy machine changes less.

`--keep FOLDER` leaves the cluster there, so that it is filled once; what a later version has of the
schema it gets then, but not what its keeper would have written.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from deploy.embedded.postgres import Postgres
from imageboard import search_query, search_words
from imageboard.store import migrations, searchable
from imageboard.store.database import Connection, Database
from renderer.keeper.indexing import Indexing
from tests.builders import a_board

BOARDS = ("a", "b", "c", "d")
REPLIES = 100
PAGE_POSTS = 25
FOUND_MAX = 500
CHUNK = 10_000
#: Posts that the keeper adds.
ADDED = 2_000
ROUNDS = 200

_SYLLABLES = "ka ro mi ten sha lor vin dul pe gra sti on er ing tion al re de un ly".split()
_SYLLABLES_RUSSIAN = "ка ро ми тен ша лор вин ду пе гра сти он ер ние ость ал ре де не ли".split()
_KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
)
_KANJI = [chr(0x4E00 + 7 * n) for n in range(2000)]


class Vocabulary:
    """Words of a language, the most usual first, as often as people use them (Zipf)."""

    def __init__(self, chance: random.Random, syllables: Sequence[str], size: int) -> None:
        lengths = (1, 2, 2, 3, 3, 4)
        made = (
            "".join(chance.choices(syllables, k=chance.choice(lengths))) for _ in itertools.count()
        )
        self.words = list(itertools.islice(dict.fromkeys(itertools.islice(made, size * 2)), size))
        self._weights = list(itertools.accumulate(1 / (n + 2) for n in range(len(self.words))))
        self._chance = chance

    def some(self, count: int) -> list[str]:
        return self._chance.choices(self.words, cum_weights=self._weights, k=count)


class Writer:
    """Writes posts, the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.english = Vocabulary(self.chance, _SYLLABLES, 60_000)
        self.russian = Vocabulary(self.chance, _SYLLABLES_RUSSIAN, 60_000)
        self.japanese = Vocabulary(self.chance, [*_KANA, *_KANJI], 60_000)

    def text(self, no: int) -> str:
        words = self.chance.randint(5, 60)
        if no % 4 == 0:
            return "".join(self.japanese.some(words))
        return " ".join((self.russian if no % 4 == 1 else self.english).some(words))


def fill(db: psycopg.Connection[Any], writer: Writer, posts: int) -> None:
    """By rows, and the index in one go: to let the keeper add two million takes an hour."""
    began = datetime.now(UTC) - timedelta(seconds=posts)
    (made_by,) = db.execute("SELECT pg_get_indexdef('searchable_by_words'::regclass)").fetchone()
    db.execute("DROP INDEX searchable_by_words; SET session_replication_role = replica")
    rows = (
        (board, no, no, began, began, no)
        for board in BOARDS
        for no in range(1, posts // len(BOARDS) + 1, REPLIES)
    )
    copy(db, "all_threads (board, no, bump_no, bumped_at, modified_at, changed_no)", rows)
    for start in range(0, posts, CHUNK):
        written = [post(writer, began, count) for count in range(start, min(start + CHUNK, posts))]
        copy(db, "posts (board, no, thread_no, created_at, subject, body, changed_no)", written)
        copy(
            db,
            "searchable (place, board, no, words, thread_no)",
            map(words_of, itertools.count(start), written),
        )
    db.execute("UPDATE boards SET last_no = %s", (posts // len(BOARDS),))
    db.execute("INSERT INTO search_progress SELECT name, last_no FROM boards")
    db.execute("UPDATE search_backlog SET before = NULL; SET maintenance_work_mem = '512MB'")
    db.execute(made_by)
    db.execute("VACUUM ANALYZE posts, searchable, all_threads")


def post(writer: Writer, began: datetime, count: int) -> tuple[Any, ...]:
    """A row of posts."""
    no = count // len(BOARDS) + 1
    thread = no - (no - 1) % REPLIES
    subject = " ".join(writer.english.some(3)) if no == thread else None
    at = began + timedelta(seconds=count)
    board = BOARDS[count % len(BOARDS)]
    return board, no, thread, at, subject, writer.text(count % 16 // 4), no


def words_of(place: int, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of searchable."""
    board, no, thread, _at, subject, body, _changed = row
    words = search_words.vector(
        board=board, place=place, subject=subject, name=None, tripcode=None, body=body, files=()
    )
    return place, board, no, words, thread


def copy(db: psycopg.Connection[Any], table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with db.cursor().copy(f"COPY {table} FROM STDIN") as to:
        for row in rows:
            to.write_row(row)


@contextmanager
def filled(folder: Path, posts: int) -> Iterator[Database]:
    folder.mkdir(parents=True, exist_ok=True)
    server = Postgres(
        folder,
        socket_dir=folder,
        password="board-password",
        superuser_password="super-password",
        durable=False,
        log=folder / "postgres.log",
    )
    is_new = not server.cluster.exists()
    server.prepare()
    server.start()
    server.wait_until_ready()
    database = Database(server.url, connections_max=3, name="bench")
    database.open()
    try:
        migrations.apply(database)
        if is_new:
            for name in BOARDS:
                a_board(database, name)
            # Whose rows are not looked at for the posts that they belong to.
            superuser_url = server.superuser_url.rsplit("/", 1)[0] + "/stillboard"
            with psycopg.connect(superuser_url, autocommit=True) as db:
                fill(db, Writer(), posts)
        yield database
    finally:
        database.close()
        server.stop()


def add_more(database: Database) -> None:
    """What it takes the keeper to add posts to what is there, and how large that is."""
    writer, began = Writer(2), datetime.now(UTC)
    with database.connection() as db:
        (last,) = db.execute("SELECT max(last_no) FROM boards").fetchone() or (0,)
        first = last * len(BOARDS)
        written = (post(writer, began, count) for count in range(first, first + ADDED))
        rows = ((board, no, 1, *rest) for board, no, _thread, *rest in written)
        copy(db, "posts (board, no, thread_no, created_at, subject, body, changed_no)", rows)
        db.execute("UPDATE boards SET last_no = last_no + %s", (ADDED // len(BOARDS),))
    keeper, began_s, server_began = Indexing(database), time.process_time(), _cpu_of_all(database)
    done = 0
    while batch := keeper.run():
        done += batch
    cpu_s = time.process_time() - began_s + _cpu_of_all(database) - server_began
    print(f"the keeper added {done:,} posts: {cpu_s / done * 1e6:.0f} µs of the processor each")
    with database.connection() as db:
        (posts,) = db.execute("SELECT count(*) FROM posts").fetchone() or (0,)
        for name in ("posts", "searchable", "searchable_by_words"):
            row = db.execute("SELECT pg_total_relation_size(%s::regclass)", (name,)).fetchone()
            assert row is not None
            print(f"{name}: {row[0] / posts:.0f} bytes a post")


def _cpu_of_all(database: Database) -> float:
    """Seconds that the server's processes for us have taken."""
    with database.connection() as db:
        rows = db.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'bench'")
        return sum(_cpu_ns(pid) for (pid,) in rows.fetchall()) / 1e9


def _cpu_ns(pid: int) -> int:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def searches(writer: Writer) -> dict[str, Callable[[], str]]:
    """By what they are: what somebody types, another each time."""
    english, russian, japanese = writer.english, writer.russian, writer.japanese

    def one_of(words: Sequence[str]) -> str:
        return writer.chance.choice(words)

    def three(text: str) -> str:
        at = writer.chance.randrange(len(text) - 2)
        return text[at : at + 3]

    return {
        "a word as it is used": lambda: english.some(1)[0],
        "a Russian word as it is used": lambda: russian.some(1)[0],
        "a rare word": lambda: one_of(english.words[5_000:]),
        "a word of middling use": lambda: one_of(english.words[100:1_000]),
        "one of the ten most usual words": lambda: one_of(english.words[:10]),
        "two words": lambda: " ".join(english.some(2)),
        "two usual words that never meet": lambda: (
            f"{one_of(english.words[:20])} {one_of(russian.words[:20])}"
        ),
        "three words or": lambda: " OR ".join(english.some(3)),
        "a phrase of two": lambda: f'"{" ".join(english.some(2))}"',
        "a word without another": lambda: f"{english.some(1)[0]} -{english.some(1)[0]}",
        "no such word": lambda: f"{one_of(english.words)}zzz",
        "a beginning of three letters": lambda: f"{one_of(english.words[500:])[:3]:x<3}*",
        "two Japanese characters": lambda: three("".join(japanese.some(3)))[:2],
        "three Japanese characters": lambda: three("".join(japanese.some(3))),
        "one ideograph": lambda: one_of(_KANJI),
    }


class Took(NamedTuple):
    """One search with the posts of its first page."""

    clock_ms: float
    cpu_ms: float
    found: int


def took(db: Connection, typed: str) -> Took:
    cpu_ns = _cpu_ns(db.info.backend_pid) + time.process_time_ns()
    began_s = time.perf_counter()
    sought = search_query.text(typed, "q").tsquery
    found = searchable.find(db, sought, found_max=FOUND_MAX, limit=PAGE_POSTS)
    cpu_ns = _cpu_ns(db.info.backend_pid) + time.process_time_ns() - cpu_ns
    return Took((time.perf_counter() - began_s) * 1000, cpu_ns / 1e6, found.total)


def p50_p95_longest(times: Sequence[float]) -> str:
    ordered = sorted(times)
    chosen = (len(ordered) // 2, int(len(ordered) * 0.95), -1)
    return " / ".join(f"{ordered[place]:.1f}" for place in chosen)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=500_000)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        with filled(folder, given.posts) as database, database.connection() as db:
            add_more(database)
            print("| looked for | found | clock: p50 / p95 / longest | processor: the same |")
            print("| --- | --- | --- | --- |")
            for name, typed in searches(Writer()).items():
                rounds = [took(db, typed()) for _ in range(given.rounds)]
                found = statistics.median(each.found for each in rounds)
                clock = p50_p95_longest([each.clock_ms for each in rounds])
                cpu = p50_p95_longest([each.cpu_ms for each in rounds])
                print(f"| {name} | {found:.0f} | {clock} | {cpu} |", flush=True)


if __name__ == "__main__":
    main()
