"""What a move of a large board takes, until its last page stands.

    python -m tests.importing.bench_move DIR [--renderers 2] [--folder /var/tmp] [--kills 20]

DIR is as `python -m tests.importing.large_dump` fills it. A board is started in an empty folder,
`import vichan` is called as one would call it, and then is waited until every page shows
everything. Printed, for either part: by the clock and of the processor, program by program; at the
end the most memory that each program took (of PostgreSQL what is not shared), bytes on the disk,
and how quick the machine was.

With `--kills` the same dump then comes to another board, and SIGKILL comes so often to the command
or to PostgreSQL, and six times more to a renderer (tests/importing/kills.py), at moments that
`--seed` draws. Both boards must come to the same: each table, board by board, each file, each page.
Of the first only digests are kept, so that the two are not on the disk at once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from importing import loading
from loadtest import machine
from loadtest.calibration import calibrate
from loadtest.paced import program, used_s
from tests.cli.boards import RunningBoard, command, surroundings
from tests.importing import kills
from tests.walk.board_process import BoardProcess

_MB = 1_000_000
_LOOK_EVERY_S = 0.5
#: Besides those of the command and of PostgreSQL.
_RENDERER_KILLS = 6
#: Pages that are named where two moves differ.
_EXAMPLES = 10
#: Of a dump by large_dump, about.
_BYTES_OF_POST = 740


class Watch:
    """Of a board that is up, and of a command beside it."""

    def __init__(self, up: int) -> None:
        self._up = up
        self._used_s = used_s(up)
        self._began_s = time.monotonic()
        self.figures: dict[str, object] = {}
        self.peaks: Counter[str] = Counter()

    def look(self, command: int | None = None) -> None:
        """Memory, at this moment."""
        up = psutil.Process(self._up)
        processes = [up, *up.children(recursive=True)]
        for process in [*processes, *([psutil.Process(command)] if command else [])]:
            try:
                name, memory = program(process), process.memory_info()
            except psutil.NoSuchProcess:
                continue
            own = memory.rss - (memory.shared if name == "postgres" else 0)
            self.peaks[name] = max(self.peaks[name], own)

    def end(self, part: str, **more: float) -> None:
        """A part is over: what it took since the last one was."""
        used = used_s(self._up)
        spent = {name: round(used[name] - self._used_s.get(name, 0.0), 1) for name in used}
        self.figures[part] = {
            "clock_s": round(time.monotonic() - self._began_s, 1),
            "processor_s": {name: s for name, s in spent.items() if s > 0} | more,
        }
        self._used_s, self._began_s = used, time.monotonic()


class Outcome(NamedTuple):
    """What a move comes to."""

    #: {board: {table: what its rows come to}}
    tables: dict[str, dict[str, kills.Digest]]
    #: {path: SHA-256}
    pages: dict[str, str]

    @classmethod
    def of(cls, board: RunningBoard, dump: Path) -> Outcome:
        names = kills.boards_of(dump)
        return cls(kills.digests(board.settings, names), kills.pages_there(board.settings))

    def rows(self) -> dict[str, int]:
        """{table: how many of all boards}"""
        counted: Counter[str] = Counter()
        for tables in self.tables.values():
            for table, told in tables.items():
                counted[table] += told.count
        return dict(counted)

    def differing(self, other: Outcome) -> dict[str, object]:
        """{"/board/ table": both}, and pages, some by name."""
        found: dict[str, object] = {
            f"/{name}/ {table}": (told, other.tables[name][table])
            for name, tables in self.tables.items()
            for table, told in tables.items()
            if told != other.tables[name][table]
        }
        pages = [
            path
            for path in sorted(self.pages.keys() | other.pages.keys())
            if self.pages.get(path) != other.pages.get(path)
        ]
        return found | ({f"{len(pages)} pages": pages[:_EXAMPLES]} if pages else {})


def run(
    dump: Path, folder: Path, renderers: int, key: str, *, is_compared: bool
) -> tuple[dict[str, object], Outcome | None]:
    """All figures of one move, and what it comes to if that is asked for."""
    with _a_board(folder, renderers, key) as board:
        watch = Watch(board.process.pid)
        _bring(board, dump, watch)
        while _is_behind(board):
            watch.look()
            time.sleep(_LOOK_EVERY_S)
        watch.end("drawn")
        figures = watch.figures | {
            "memory_mb": {name: round(size / _MB) for name, size in sorted(watch.peaks.items())},
            "disk_mb": {
                name: _mb_of(board.data / name) for name in ("postgres", "public", "uploads")
            },
            "pages": sum(1 for _ in (board.data / "public").glob("*/res/*.html")),
        }
        return figures, Outcome.of(board, dump) if is_compared else None


def run_killed(
    dump: Path, folder: Path, renderers: int, key: str, *, wanted: int, seed: int
) -> tuple[int, Outcome]:
    """How often something of a move was killed, and what it came to all the same."""
    with _a_board(folder, renderers, key) as running:
        began_s = time.monotonic()
        happened = kills.killed_again_and_again(
            BoardProcess(running),
            dump,
            kills=wanted,
            size=kills.Size(_posts_of(dump), loading.POSTS_AT_ONCE),
            chance=random.Random(seed),
            renderer_kills=_RENDERER_KILLS,
        )
        while _is_behind(running):
            time.sleep(_LOOK_EVERY_S)
        print(f"killed {happened} times, drawn after {time.monotonic() - began_s:.0f} s")
        return happened, Outcome.of(running, dump)


def _posts_of(dump: Path) -> int:
    """About: from the dump's size."""
    return (dump / "large.sql").stat().st_size // _BYTES_OF_POST


@contextmanager
def _a_board(folder: Path, renderers: int, key: str) -> Iterator[RunningBoard]:
    with tempfile.TemporaryDirectory(prefix="sb-", dir=folder) as own:
        board = RunningBoard(
            Path(own) / "data",
            *("--renderers", str(renderers)),
            STILLBOARD_ADDRESS_KEY=key,
            # Feeds name it: by the port no two boards would be alike.
            STILLBOARD_SITE_URL="https://old.example/",
        )
        try:
            yield board
        finally:
            board.stop()


def _bring(board: RunningBoard, dump: Path, watch: Watch) -> None:
    call = command("import", "vichan", str(dump / "large.sql"), "--boards", str(dump))
    said = board.data.parent / "import.log"
    with said.open("w") as out:
        importing = psutil.Popen(
            [*call, "--data", str(board.data)], env=surroundings(), stdout=out, stderr=out
        )
    spent_s = 0.0
    while importing.poll() is None:
        watch.look(importing.pid)
        times = importing.cpu_times()
        spent_s = times.user + times.system
        time.sleep(_LOOK_EVERY_S)
    assert importing.returncode == 0, said.read_text()[-2_000:]
    watch.end("brought", command=round(spent_s, 1))


def _is_behind(board: RunningBoard) -> bool:
    told = subprocess.run(
        [*command("status", "--json"), "--data", str(board.data)],
        env=surroundings(),
        capture_output=True,
        check=True,
    )
    now = json.loads(told.stdout)
    return bool(now["lag"] or now["site_is_behind"])


def _mb_of(folder: Path) -> int:
    """What a folder takes on the disk; a file with several names counts once a folder."""
    blocks = {
        (found.st_dev, found.st_ino): found.st_blocks
        for found in (path.lstat() for path in folder.rglob("*"))
    }
    return round(sum(blocks.values()) * 512 / _MB)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--renderers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    key = secrets.token_hex(32)
    before = machine.describe() | calibrate(asked.folder)._asdict()
    figures, whole = run(
        asked.dump, asked.folder, asked.renderers, key, is_compared=asked.kills > 0
    )
    after = {"load": os.getloadavg()} | calibrate(asked.folder)._asdict()
    print(json.dumps(figures | {"before": before, "after": after}, indent=1), flush=True)
    if whole is None:
        return
    happened, killed = run_killed(
        asked.dump, asked.folder, asked.renderers, key, wanted=asked.kills, seed=asked.seed
    )
    differing = whole.differing(killed)
    told = {"kills": happened, "files_read": len(whole.pages), "tables": whole.rows()}
    print(json.dumps(told | {"differing": differing}, indent=1))
    if differing or happened < asked.kills:
        sys.exit(1)


if __name__ == "__main__":
    main()
