"""A move that is killed again and again comes to what it comes to undisturbed.

    python -m tests.importing.kills DIR --posts 3000 --kills 20 --seed 1

DIR is as `python -m tests.importing.large_dump` fills it. `import vichan` is called again and again
on a board that is up, and each time SIGKILL comes at another moment: to the command in most cases,
to PostgreSQL's first process in others; to the renderer while it draws. Then the tables, the files
and every page must be those of a board to which the same dump came in one go.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from cli.__main__ import main as stillboard
from deploy.inspection import asks_database
from imageboard.errors import StoreUnavailable
from imageboard.settings import Settings
from imageboard.store import imports, whole_tables
from imageboard.store.database import Connection
from imageboard.store.uploads import UploadStore
from importing import loading
from tests.cli import debts
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.killing import end

#: Two moves differ in them: the names of uploads, sealed addresses, when something was done.
_OWN = frozenset({"stored_as", "address_sealed", "finished_at", "secrets_sealed"})
#: And boards in these: how often they were drawn, and when they were made.
_OWN_OF_BOARDS = frozenset({"created_at", "change_no", "settings_change_no", "drawn_as"})
#: What drawing them wrote down.
_DRAWN = frozenset({"archive_drawn"})
#: What SIGKILL waits for, from the first to the last one.
_MOMENTS = ("begin", "add", "add", "add", "add", "add", "add", "add", "join_quotes", "finish")


class Fuse(NamedTuple):
    """When SIGKILL comes, and to whom."""

    #: A function of imageboard.store.imports that has begun.
    since: str
    #: Calls of the database and of the upload store later.
    calls: int
    #: None: the command itself.
    pid: int | None


def killed_again_and_again(
    board: BoardProcess, dump: Path, *, kills: int, calls: int, chance: random.Random
) -> int:
    """Call the command until nothing kills it any more; how often something was killed.

    `calls` are those of the whole move, about: of each call so few are let through that the move
    is not over before it was killed so often.
    """
    happened = 0
    for number in range(kills):
        pids = board.running.pids()
        to_postgres = number % 6 == 5
        since = _MOMENTS[number * len(_MOMENTS) // kills]
        fuse = Fuse(
            since,
            chance.randint(1, max(1, 2 * calls // (3 * kills)) if since == "add" else 6),
            pids["postgres"] if to_postgres else None,
        )
        command = bring(board.environment, board.data, dump, fuse)
        command.join()
        happened += command.exitcode != 0
        if to_postgres:
            assert eventually(lambda before=pids: board.running.pids() != before)
            assert eventually(lambda: _answers(board.running.settings))
    command = bring(board.environment, board.data, dump)
    command.join()
    assert command.exitcode == 0, "nothing kills the last one"
    return happened + _kill_the_renderer(board, times=2)


def _kill_the_renderer(board: BoardProcess, times: int) -> int:
    """While it draws."""
    happened = 0
    for _ in range(times):
        before = board.running.pids()["renderer-1"]
        happened += bool(debts.owed(board.running.settings))
        end(before)
        assert eventually(lambda before=before: board.running.pids()["renderer-1"] != before)
    return happened


def bring(
    environ: Mapping[str, str],
    data: Path,
    dump: Path,
    fuse: Fuse | None = None,
    options: Sequence[str] = (),
) -> BaseProcess:
    """`import vichan` in a process of its own, which has begun."""
    # PERF: forked off one that has loaded what a command needs: 0.7 s of CPU less for each.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.importing.kills"])
    call = ("import", "vichan", str(dump / "large.sql"), "--boards", str(dump), "--data", str(data))
    process = context.Process(target=_call, args=((*call, *options), dict(environ), fuse))
    process.start()
    return process


def _call(arguments: Sequence[str], environ: Mapping[str, str], fuse: Fuse | None) -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    # Many steps, also of a small dump.
    loading.POSTS_AT_ONCE = 60
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
    uploads = UploadStore(settings.data / "uploads")
    found: dict[str, list[Any]] = {}
    with db.transaction():
        for table in whole_tables.CARRIED:
            columns = whole_tables.columns(db, table)
            board = "name" if table == "boards" else "board"
            if board not in columns or table in _DRAWN:
                continue
            own = _OWN | (_OWN_OF_BOARDS if table == "boards" else frozenset())
            query = f"SELECT to_jsonb(t) FROM {table} t WHERE {board} = ANY (%s)"
            rows = [row for (row,) in db.execute(query, [list(names)])]
            for row in rows:
                if row.get("stored_as"):
                    row["bytes_there"] = _hashes(uploads, row["stored_as"])
            told = [{name: row[name] for name in row if name not in own} for row in rows]
            found[table] = sorted(told, key=repr)
    return found


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


def boards_of(dump: Path) -> list[str]:
    return sorted(path.parent.name for path in dump.glob("*/src"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--posts", type=int, required=True, help="How many the dump has, about.")
    asked = parser.parse_args()
    names = boards_of(asked.dump)
    with a_board_process() as board:
        key = {"STILLBOARD_ADDRESS_KEY": board.environment["STILLBOARD_ADDRESS_KEY"]}
        happened = killed_again_and_again(
            board,
            asked.dump,
            kills=asked.kills,
            calls=calls_of(asked.posts),
            chance=random.Random(asked.seed),
        )
        board.settle()
        assert '"findings": []' in board.cli("verify", "--json")
        killed = carried(board.running.settings, names)
    with a_board_process(**key) as board:
        command = bring(board.environment, board.data, asked.dump)
        command.join()
        assert command.exitcode == 0
        assert differing(killed, carried(board.running.settings, names)) == {}
    print({table: len(rows) for table, rows in killed.items()}, f"{happened} kills")


def calls_of(posts: int) -> int:
    """Of the database, a dozen a step of 60; and of the upload store, one a file."""
    return posts // 60 * 12 + posts // 5


if __name__ == "__main__":
    main()
