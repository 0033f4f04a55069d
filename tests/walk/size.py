"""What a post costs on a site of ten million posts, beside one of ten thousand.

`python -m tests.walk.size --posts 10000000` runs two sites at once. Both have 20 boards with ten
threads of 50 replies each, 10,200 posts. The large one has archived threads of 500 replies besides,
filled past the form until there are so many posts, or --minutes are over: half of them in the
archive of one board, the rest in those of the others, and each can be found by its words. So real
boards grow: what stands on a board is bounded by its settings, what it has archived is not.

Replies are then sent to both in turns, at an even pace, to threads of equal length: to the small
site, to the board with the large archive, to one of the others. Each turn is told in milliseconds
of the processor a reply, by program, and in buffers and rows that PostgreSQL looked at. Pages are
not compressed thoroughly meanwhile: that comes later, and knows nothing of how many posts there
are. By the clock it takes the --minutes of filling, half as many for indexes, and a minute a round;
ten million posts need 12 GB below /tmp. At the end it tells what `verify --sample`, `status`,
`doctor` and searches take on the large site. Exit status 1 when the median of the ratios of
turns of one round is more than --worst.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg

from deploy.environment import ROOT
from imageboard import search_query
from imageboard.settings.board import FOR_EVER_DAYS
from imageboard.store import searchable
from imageboard.store.database import Database
from loadtest.paced import Pace, send, used_s
from tests.cli.boards import command
from tests.walk.board_process import BoardProcess, a_board_process

#: Of archived threads, and of those that stand on a board.
ARCHIVED_REPLIES = 500
THREADS, REPLIES = 10, 50
OTHERS = tuple(f"x{number}" for number in range(1, 20))
#: Posts of one statement, so that the filling can end in time.
BATCH = 100_000
SEARCHES = 30
#: {which posts have it: a word, of several by their numbers}.
WORDS = {
    "every post": "post",
    "one in 601": "u{}",
    "one in 6,007": "v{}",
    "one in 60,013": "w{}",
    "none": "z{}",
}

# Both are put back without a look at what is there: it is right by its making.
_WITHOUT_KEYS = """
ALTER TABLE posts DROP CONSTRAINT posts_board_thread_no_fkey;
ALTER TABLE searchable DROP CONSTRAINT searchable_board_no_fkey;
UPDATE search_backlog SET before = NULL;
"""
_WITH_KEYS = """
ALTER TABLE posts ADD CONSTRAINT posts_board_thread_no_fkey FOREIGN KEY (board, thread_no)
    REFERENCES all_threads (board, no) ON DELETE CASCADE NOT VALID;
ALTER TABLE searchable ADD CONSTRAINT searchable_board_no_fkey FOREIGN KEY (board, no)
    REFERENCES posts (board, no) ON DELETE CASCADE NOT VALID;
"""
# The n-th post of these boards, which take turns; in a year until a month ago.
_MADE = """
SELECT (%(boards)s::text[])[n %% %(count)s + 1] AS board, n / %(count)s + 1 AS no, n,
    now() - interval '395 days' + interval '365 days' * n / %(of)s AS at,
    ARRAY['w' || n * 7919 %% 60013, 'v' || n * 104729 %% 6007, 'u' || n %% 601] AS said
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
_ADD_POSTS = f"""
INSERT INTO posts (board, no, thread_no, created_at, body, poster_id, poster_tag, changed_no,
    bump_no)
SELECT board, no, no - (no - 1) %% %(thread)s, at,
    'A post of about one hundred characters, as most are, about ' || array_to_string(said, ' '),
    'abcdef01', n %% 1000000, 0, 0
FROM ({_MADE}) AS made
"""
# Of two that fill at once one takes the even places and one the odd ones.
_ADD_WORDS = f"""
INSERT INTO searchable (place, board, no, thread_no, words)
SELECT place, board, no, no - (no - 1) %% %(thread)s,
    array_to_tsvector(said || ARRAY['b:' || board, '@' || (place >> 12), '@@' || (place >> 17), 'a',
    'about', 'are', 'as', 'characters', 'hundred', 'most', 'post'])
FROM (SELECT *, 2 * n + %(odd)s AS place FROM ({_MADE}) AS made) AS placed
"""
_ADD_THREADS = """
INSERT INTO all_threads (board, no, bump_no, bumped_at, modified_at, reply_count, changed_no,
    page_weight, page_weight_no, aside_since, archived_at, archive_page)
SELECT board, no, 0, at, at, replies, 0, 0, 0, at, at,
    month || CASE WHEN place > 1 THEN '-' || place ELSE '' END
FROM (
    SELECT *, (row_number() OVER (PARTITION BY board, month ORDER BY no) - 1) / 500 + 1 AS place
    FROM (
        SELECT p.board, p.no, p.created_at AS at,
            to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month,
            (SELECT count(*) - 1 FROM posts r WHERE r.board = p.board AND r.thread_no = p.no)
                AS replies
        FROM posts p WHERE p.no = p.thread_no
    ) AS dated
) AS placed;
"""
_ADD_ARCHIVE = """
INSERT INTO publications (path, board, change_no, sha256, bytes, service_order)
SELECT board || '/res/' || no || ending, board, 0, sha256('page'), 50000, 1
FROM all_threads,
    unnest(ARRAY['.html', '.json', '.atom', '.changes.json', '.latest.json']) AS ending
WHERE archived_at IS NOT NULL;
INSERT INTO archive_pages (board, name, month, number, threads, changed_no)
SELECT board, archive_page, left(archive_page, 7),
    coalesce(nullif(split_part(archive_page, '-', 3), ''), '1')::integer, count(*), 0
FROM all_threads WHERE archived_at IS NOT NULL GROUP BY board, archive_page;
UPDATE boards b SET last_no = (SELECT max(no) FROM posts p WHERE p.board = b.name)
WHERE EXISTS (SELECT FROM posts p WHERE p.board = b.name);
-- In the same transaction: else the keeper goes through all of them beside what is measured.
INSERT INTO search_progress (board, no) SELECT name, last_no FROM boards WHERE last_no > 0
ON CONFLICT (board) DO UPDATE SET no = excluded.no;
"""
# As if they had just been posted; with the board, since nobody else numbers a post meanwhile.
_ADD_STANDING = """
INSERT INTO all_threads (board, no, bump_no, bumped_at, modified_at, reply_count, changed_no,
    page_weight, page_weight_no)
SELECT name, last_no + 1 + n * (%(replies)s + 1), n, now(), now(), %(replies)s, 0, 0, 0
FROM boards, generate_series(0, %(threads)s - 1) AS n
"""
_ADD_REPLIES = """
INSERT INTO posts (board, no, thread_no, created_at, body, poster_id, poster_tag, changed_no,
    bump_no)
SELECT board, no + n, no, now() - interval '1 hour' + make_interval(secs => n),
    'A post of about one hundred characters, as most are, about itself alone: ' || n,
    'abcdef01', n, 0, 0
FROM threads, generate_series(0, %(replies)s) AS n
"""
_ADD_THEIR_WORDS = """
INSERT INTO searchable (place, board, no, thread_no, words)
SELECT place, board, no, thread_no, array_to_tsvector(ARRAY['b:' || board, '@' || (place >> 12),
    '@@' || (place >> 17), 'a', 'about', 'are', 'as', 'characters', 'hundred', 'most', 'post'])
FROM (
    SELECT p.board, p.no, p.thread_no, row_number() OVER (ORDER BY p.created_at, p.board, p.no)
        + (SELECT coalesce(max(place), 0) FROM searchable) AS place
    FROM threads t JOIN posts p ON p.board = t.board AND p.thread_no = t.no
) AS placed
"""
_NUMBERS = """
UPDATE boards b SET last_no = (SELECT max(no) FROM posts p WHERE p.board = b.name);
INSERT INTO search_progress (board, no) SELECT name, last_no FROM boards
ON CONFLICT (board) DO UPDATE SET no = excluded.no;
WITH changed AS (UPDATE boards SET change_no = change_no + 1 RETURNING name, change_no)
INSERT INTO outbox (board, change_no, kind, body)
SELECT name, change_no, 'BoardChanged', '{}' FROM changed;
"""
# Pages of archived threads would take hours, and no post waits for them.
_DRAWN = """
INSERT INTO archive_drawn (board, settings_change_no, up_to_no)
SELECT name, settings_change_no, 9223372036854775807 FROM boards
ON CONFLICT (board) DO UPDATE SET
    settings_change_no = excluded.settings_change_no, up_to_no = excluded.up_to_no
"""


@dataclass
class Turn:
    """What the replies of one turn took, each."""

    processor_ms: Mapping[str, float]
    buffers: float
    rows: float

    @property
    def total_ms(self) -> float:
        return sum(self.processor_ms.values())


@dataclass
class Target:
    """A board of one of the sites, and what it showed so far."""

    name: str
    site: BoardProcess
    board: str
    threads: Sequence[str]
    turns: list[Turn] = field(default_factory=list)
    #: Of the report: {part: of each turn}.
    figures: dict[str, list[float]] = field(default_factory=dict)

    def take_turn(self, replies: int, rate: float) -> None:
        up = self.site.running.process.pid
        self.site.settle()
        before, read_before = used_s(up), _read(self.site)
        seen = send(Pace(self.site.url, self.board, self.threads, rate, replies / rate))
        assert not seen.missing, f"{self.name}: {seen.missing} not seen"
        assert not seen.refused, f"{self.name}: {seen.refused} refused"
        self.site.settle()
        # That it is found by its words belongs to it, a second later; so do what backends tell
        # of themselves when they rest.
        time.sleep(2)
        used, read = used_s(up), _read(self.site)
        self.turns.append(
            Turn(
                {name: 1000 * (s - before.get(name, 0.0)) / replies for name, s in used.items()},
                *((now - then) / replies for now, then in zip(read, read_before, strict=True)),
            )
        )


def _database(site: BoardProcess) -> psycopg.Connection[Any]:
    return psycopg.connect(site.environment["DATABASE_URL"], autocommit=True)


def _read(site: BoardProcess) -> tuple[int, int]:
    """Buffers and rows that PostgreSQL has looked at."""
    with _database(site) as db:
        row = db.execute(
            "SELECT blks_hit + blks_read, tup_returned FROM pg_stat_database"
            " WHERE datname = current_database()"
        ).fetchone()
    assert row
    return row[0], row[1]


def make_boards(site: BoardProcess) -> None:
    for board in OTHERS:
        site.cli("board", "add", board, f"archive_days={FOR_EVER_DAYS}")
    site.cli("board", "set", "b", f"archive_days={FOR_EVER_DAYS}")


def make_threads(site: BoardProcess) -> dict[str, list[str]]:
    """Threads that stand on the boards of a site, drawn: their numbers."""
    said = {"threads": THREADS, "replies": REPLIES}
    with _database(site) as db:
        with db.transaction():
            for statement in (_ADD_STANDING, _ADD_REPLIES, _ADD_THEIR_WORDS, _NUMBERS):
                db.execute(statement, said)
        found = db.execute(
            "SELECT board, array_agg(no::text ORDER BY no) FROM threads GROUP BY board"
        )
        numbers: dict[str, list[str]] = dict(found.fetchall())
        db.execute("VACUUM ANALYZE posts, searchable, all_threads")
    site.settle()
    return numbers


def fill_archives(site: BoardProcess, posts: int, until_s: float) -> int:
    """So many posts in archives, fewer when the time is over; how many there are."""
    with _database(site) as db:
        row = db.execute("SELECT pg_get_indexdef('searchable_by_words'::regclass)").fetchone()
        assert row
        db.execute("DROP INDEX searchable_by_words")
        db.execute(_WITHOUT_KEYS)
        fillers = [
            threading.Thread(target=_fill, args=(site, boards, odd, posts // 2, until_s))
            for odd, boards in enumerate((("b",), OTHERS))
        ]
        for filler in fillers:
            filler.start()
        for filler in fillers:
            filler.join()
        db.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
        db.execute("VACUUM ANALYZE posts")
        with db.transaction():
            for statement in (_ADD_THREADS, _ADD_ARCHIVE, _DRAWN):
                db.execute(statement)
        db.execute(_WITH_KEYS)
        db.execute(row[0])
        db.execute("VACUUM ANALYZE")
        found = db.execute("SELECT count(*) FROM posts").fetchone()
        assert found
        return int(found[0])


def _fill(site: BoardProcess, boards: Sequence[str], odd: int, posts: int, until_s: float) -> None:
    with _database(site) as db:
        db.execute("SET synchronous_commit = off")
        for first in range(0, posts, BATCH):
            if time.perf_counter() > until_s:
                break
            said = {
                "boards": list(boards),
                "count": len(boards),
                "of": posts,
                "first": first,
                "last": min(first + BATCH, posts) - 1,
                "thread": ARCHIVED_REPLIES + 1,
                "odd": odd,
            }
            db.execute(_ADD_POSTS, said)
            db.execute(_ADD_WORDS, said)


def report(targets: Sequence[Target]) -> float:
    """Print what each took, and its ratio to the first in the same round; the worst of medians."""
    first, worst = targets[0], 0.0
    for target in targets:
        print(f"{target.name}: median a reply, ratio to the small site (least to most of rounds)")
        names = sorted({name for turn in target.turns for name in turn.processor_ms})
        parts = {"all programs, ms": [turn.total_ms for turn in target.turns]}
        parts |= {
            name: [turn.processor_ms.get(name, 0.0) for turn in target.turns] for name in names
        }
        parts["buffers"] = [turn.buffers for turn in target.turns]
        parts["rows"] = [turn.rows for turn in target.turns]
        for name, figures in parts.items():
            beside = first.figures.get(name, figures)
            ratios = [one / other for one, other in zip(figures, beside, strict=True) if other]
            if ratios:
                middle = statistics.median(ratios)
                print(
                    f"    {name:26}{statistics.median(figures):>9.2f}{middle:>7.2f}"
                    f"  ({min(ratios):.2f} to {max(ratios):.2f})"
                )
            if name == "all programs, ms":
                worst = max(worst, statistics.median(ratios))
        target.figures = parts
    return worst


def tell_of_commands(site: BoardProcess) -> None:
    """What operators' commands take there. The first sample draws what it finds to be missing."""
    for arguments in (
        ("verify", "--sample", "100", "--seed", "7", "--repair"),
        ("verify", "--sample", "100", "--seed", "7"),
        ("status",),
        ("doctor",),
    ):
        began_s, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [*command(*arguments), "--data", str(site.data)],
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"{' '.join(arguments)}: {time.perf_counter() - began_s:.1f} s by the clock,"
            f" {spent_s:.1f} s of the processor; {''.join(done.stdout.splitlines()[-1:])}"
        )


def tell_of_searches(site: BoardProcess) -> None:
    """What PostgreSQL takes for a word that so many posts have."""
    database = Database(site.environment["DATABASE_URL"], connections_max=1, name="size")
    database.open()
    with database.connection() as db:
        server = psutil.Process(db.info.backend_pid)
        for kind, word in WORDS.items():
            before = sum(server.cpu_times()[:2])
            for number in range(SEARCHES):
                sought = search_query.text(word.format(number), "q")
                searchable.find(db, sought.tsquery, found_max=500, limit=25)
            spent_s = sum(server.cpu_times()[:2]) - before
            print(f"a word of {kind}: {1000 * spent_s / SEARCHES:.1f} ms of PostgreSQL's processor")
    database.close()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000_000)
    parser.add_argument("--minutes", type=float, default=15.0, help="of filling, at most")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--replies", type=int, default=100, help="of one turn")
    parser.add_argument("--rate", type=float, default=10.0, help="replies a second")
    parser.add_argument("--worst", type=float, default=1.1)
    options = parser.parse_args(argv)
    with ExitStack() as stack:
        small, large = (
            stack.enter_context(a_board_process(STILLBOARD_PAGE_REST_S="86400")) for _ in range(2)
        )
        for site in (small, large):
            make_boards(site)
        posts = fill_archives(large, options.posts, time.perf_counter() + 60 * options.minutes)
        print(f"{posts:,} posts", flush=True)
        of_small, of_large = make_threads(small), make_threads(large)
        targets = [
            Target("small site", small, "b", of_small["b"]),
            Target("large site, the large archive", large, "b", of_large["b"]),
            Target("large site, another board", large, OTHERS[0], of_large[OTHERS[0]]),
        ]
        for number in range(options.rounds + 1):
            for target in targets:
                target.take_turn(options.replies, options.rate)
            if number == 0:  # warm now
                for target in targets:
                    target.turns.clear()
        worst = report(targets)
        tell_of_commands(large)
        tell_of_searches(large)
    print(f"the large site to the small one: {worst:.2f}")
    return 1 if worst > options.worst else 0


if __name__ == "__main__":
    sys.exit(main())
