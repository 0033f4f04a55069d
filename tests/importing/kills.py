"""A move that is killed again and again comes to what it comes to undisturbed.

A dump is as `python -m tests.importing.large_dump` writes it. `import vichan` is called again and
again on a board that is up, and each time SIGKILL comes at another moment: to the command in most
cases, to PostgreSQL's first process in others; to the renderers while they draw. Then the tables,
the files and every page must be those of a board to which the same dump came in one go.
`python -m tests.importing.bench_move DIR --kills 20` does it with a dump of any size.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from psycopg.sql import SQL, Composed, Identifier

from cli.__main__ import main as stillboard
from deploy.inspection import asks_database
from imageboard.errors import StoreUnavailable
from imageboard.settings import Settings
from imageboard.store import imports, whole_tables
from imageboard.store.database import Connection
from imageboard.store.uploads import UploadStore
from importing import loading
from tests.cli import debts
from tests.walk.board_process import BoardProcess
from tests.walk.killing import end

#: Two moves differ in them: the names of uploads, sealed addresses, when something was done.
_OWN = frozenset({"stored_as", "address_sealed", "finished_at", "secrets_sealed"})
#: And boards in these: how often they were drawn, and when they were made.
_OWN_OF_BOARDS = frozenset({"created_at", "change_no", "settings_change_no", "drawn_as"})
#: What drawing them wrote down.
_DRAWN = frozenset({"archive_drawn"})
#: Of pages, beside each.
_PACKED = frozenset({".gz", ".br"})
#: What SIGKILL waits for, from the first to the last one.
_MOMENTS = ("begin", "add", "add", "add", "add", "add", "add", "add", "join_quotes", "finish")


#: Posts of a step, so that a small dump comes in many.
SMALL_STEP = 60
#: A renderer is killed so many pages after the one before, or sooner.
_PAGES_BETWEEN_MAX = 600
_LOOK_EVERY_S = 0.05


class Size(NamedTuple):
    """Of a dump, about, and of the steps in which it comes."""

    posts: int
    at_once: int = SMALL_STEP

    @property
    def calls(self) -> int:
        """Of the database, a dozen a step; and of the upload store, one a file."""
        return self.posts // self.at_once * 12 + self.posts // 5


class Fuse(NamedTuple):
    """When SIGKILL comes, and to whom."""

    #: A function of imageboard.store.imports that has begun.
    since: str
    #: Calls of the database and of the upload store later.
    calls: int
    #: None: the command itself.
    pid: int | None


class Digest(NamedTuple):
    """Of a table's rows, or of bytes: what they come to."""

    count: int
    all_of_them: str


def killed_again_and_again(
    board: BoardProcess,
    dump: Path,
    *,
    kills: int,
    size: Size,
    chance: random.Random,
    renderer_kills: int = 2,
) -> int:
    """Call the command until nothing kills it any more; how often something was killed.

    Of each call so few steps are let through that the move is not over before it was killed so
    often.
    """
    happened = 0
    for number in range(kills):
        pids = board.running.pids()
        to_postgres = number % 6 == 5
        since = _MOMENTS[number * len(_MOMENTS) // kills]
        fuse = Fuse(
            since,
            chance.randint(1, max(1, 2 * size.calls // (3 * kills)) if since == "add" else 6),
            pids["postgres"] if to_postgres else None,
        )
        command = bring(board.environment, board.data, dump, fuse, at_once=size.at_once)
        command.join()
        assert to_postgres or command.exitcode in (0, -signal.SIGKILL), "it failed by itself"
        happened += command.exitcode != 0
        if to_postgres and command.exitcode != 0:
            _wait_until(lambda before=pids: board.running.pids() != before)
            _wait_until(lambda: _answers(board.running.settings))
    command = bring(board.environment, board.data, dump, at_once=size.at_once)
    command.join()
    assert command.exitcode == 0, "nothing kills the last one"
    return happened + _kill_renderers(board, renderer_kills, chance)


def _kill_renderers(board: BoardProcess, times: int, chance: random.Random) -> int:
    """While they draw: one of them, some pages after the last was killed."""
    happened = 0
    for _ in range(times):
        settings = board.running.settings
        drawn = _pages_drawn(settings) + chance.randint(0, _PAGES_BETWEEN_MAX)
        _wait_until(
            lambda settings=settings, drawn=drawn: (
                not debts.owed(settings) or _pages_drawn(settings) >= drawn
            )
        )
        pids = board.running.pids()
        name = chance.choice(sorted(name for name in pids if name.startswith("renderer-")))
        happened += bool(debts.owed(settings))
        end(pids[name])
        _wait_until(lambda name=name, pids=pids: board.running.pids()[name] != pids[name])
    return happened


def _wait_until(condition: Callable[[], object]) -> None:
    """However long it takes: after a million posts PostgreSQL has much to read again."""
    while not condition():
        time.sleep(_LOOK_EVERY_S)


def _pages_drawn(settings: Settings) -> int:
    counting = "SELECT count(*) FROM publications"
    return int(asks_database(settings, lambda db: (db.execute(counting).fetchone() or (0,))[0]))


def bring(
    environ: Mapping[str, str],
    data: Path,
    dump: Path,
    fuse: Fuse | None = None,
    options: Sequence[str] = (),
    *,
    at_once: int = SMALL_STEP,
) -> BaseProcess:
    """`import vichan` in a process of its own, which has begun."""
    # PERF: forked off one that has loaded what the command needs: 1.1 s of CPU less for each.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.importing.kills", "cli.importing"])
    call = ("import", "vichan", str(dump / "large.sql"), "--boards", str(dump), "--data", str(data))
    process = context.Process(target=_call, args=((*call, *options), dict(environ), fuse, at_once))
    process.start()
    return process


def _call(
    arguments: Sequence[str], environ: Mapping[str, str], fuse: Fuse | None, at_once: int
) -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    loading.POSTS_AT_ONCE = at_once
    if fuse is not None:
        _light(fuse)
    stillboard(arguments, environ)


def _light(fuse: Fuse) -> None:
    """What is changed is this process's alone, which dies of it."""
    left = iter(range(fuse.calls))
    burns = False

    def begun(real: Callable[..., Any]) -> Callable[..., Any]:
        def beginning(*values: Any, **named: Any) -> Any:
            nonlocal burns
            burns = True
            return real(*values, **named)

        return beginning

    def burning(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            if burns and next(left, None) is None:
                os.kill(fuse.pid or os.getpid(), signal.SIGKILL)
            return real(*values, **named)

        return call

    setattr(imports, fuse.since, begun(getattr(imports, fuse.since)))
    for owner, name in ((Connection, "execute"), (UploadStore, "adopt"), (UploadStore, "flush")):
        setattr(owner, name, burning(getattr(owner, name)))


def _answers(settings: Settings) -> bool:
    try:
        asks_database(settings, lambda db: db.execute("SELECT"))
    except StoreUnavailable:
        return False
    return True


def carried(settings: Settings, names: Sequence[str]) -> dict[str, list[Any]]:
    """{table: its rows} of boards that came, and bytes of files; not what no two moves share."""
    return asks_database(settings, lambda db: _carried(db, settings, names))


def _carried(db: Connection, settings: Settings, names: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    with db.transaction():
        for table, query in _own_rows(db):
            found[table] = sorted((row for (row,) in db.execute(query, [list(names)])), key=repr)
        found["bytes"] = sorted(_bytes_there(db, settings, names))
    return found


def digests(settings: Settings, names: Sequence[str]) -> dict[str, dict[str, Digest]]:
    """{board: {table: how many rows and what they come to}}, of what `carried` has, however much.

    No statement looks at more than one board: none may take as long as all would.
    """
    return {
        name: asks_database(settings, lambda db, name=name: _digests(db, settings, name))
        for name in names
    }


def _digests(db: Connection, settings: Settings, name: str) -> dict[str, Digest]:
    summing = SQL(
        "SELECT count(*), coalesce(sum(hashtextextended(row::text, 0)), 0) FROM ({}) AS t (row)"
    )
    found = {}
    for table, query in _own_rows(db):
        count, told = db.execute(summing.format(query), [[name]]).fetchone() or (0, 0)
        found[table] = Digest(count, str(told))
    together, count = hashlib.sha256(), 0
    for each in _bytes_there(db, settings, [name]):
        together.update(repr(each).encode())
        count += 1
    return found | {"bytes": Digest(count, together.hexdigest())}


def _own_rows(db: Connection) -> Iterator[tuple[str, Composed]]:
    """(table, a query of its rows as JSON) of each table with rows of boards."""
    for table in whole_tables.CARRIED:
        columns = whole_tables.columns(db, table)
        board = "name" if table == "boards" else "board"
        if board not in columns or table in _DRAWN:
            continue
        own = _OWN | (_OWN_OF_BOARDS if table == "boards" else frozenset())
        query = SQL("SELECT to_jsonb(t) - {}::text[] FROM {} t WHERE {} = ANY (%s)")
        yield table, query.format(sorted(own), Identifier(table), Identifier(board))


def _bytes_there(
    db: Connection, settings: Settings, names: Sequence[str]
) -> Iterator[tuple[str, int, int, list[str | None]]]:
    """What stands in the upload store of each file that is not deleted, in order."""
    uploads = UploadStore(settings.data / "uploads")
    asked = (
        "SELECT board, post_no, position, stored_as FROM files WHERE board = ANY (%s)"
        " AND removed_at IS NULL ORDER BY board, post_no, position"
    )
    for board, no, position, stored_as in db.execute(asked, [list(names)]):
        yield board, no, position, _hashes(uploads, stored_as)


def _hashes(uploads: UploadStore, stored_as: str) -> list[str | None]:
    """Of a file and its thumbnail."""
    places = (uploads.original(stored_as), uploads.thumbnail(stored_as))
    return [hashlib.sha256(p.read_bytes()).hexdigest() if p.exists() else None for p in places]


def differing(killed: Mapping[str, list[Any]], whole: Mapping[str, list[Any]]) -> dict[str, Any]:
    """{table: a row in which they differ, as either has it}"""
    return {
        table: next(pair for pair in zip_longest(killed[table], whole[table]) if pair[0] != pair[1])
        for table in whole
        if killed[table] != whole[table]
    }


def pages_there(settings: Settings) -> dict[str, str]:
    """{what readers read, but for compressed ones: SHA-256}"""
    public = settings.data / "public"
    paths = {str(path.relative_to(public)): path for path in sorted(public.rglob("*"))}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in paths.items()
        if not name.startswith(".") and path.suffix not in _PACKED and path.is_file()
    }


def boards_of(dump: Path) -> list[str]:
    return sorted(path.parent.name for path in dump.glob("*/src"))
