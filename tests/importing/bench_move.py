"""What a move of a large board takes, until its last page stands.

    python -m tests.importing.bench_move DIR [--renderers 2] [--folder /var/tmp]

DIR is as `python -m tests.importing.large_dump` fills it. A board is started in an empty folder,
`import vichan` is called as one would call it, and then is waited until every page shows
everything. Printed, for either part: by the clock and of the processor, program by program; at the
end the most memory that each program took (of PostgreSQL what is not shared), bytes on the disk,
and how quick the machine was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from loadtest import machine
from loadtest.calibration import calibrate
from loadtest.paced import program, used_s
from tests.cli.boards import RunningBoard, command, surroundings

_MB = 1_000_000
_LOOK_EVERY_S = 0.5


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


def run(dump: Path, folder: Path, renderers: int) -> dict[str, object]:
    """All figures of one move."""
    with _a_board(folder, renderers) as board:
        watch = Watch(board.process.pid)
        _bring(board, dump, watch)
        while _is_behind(board):
            watch.look()
            time.sleep(_LOOK_EVERY_S)
        watch.end("drawn")
        return watch.figures | {
            "memory_mb": {name: round(size / _MB) for name, size in sorted(watch.peaks.items())},
            "disk_mb": {
                name: _mb_of(board.data / name) for name in ("postgres", "public", "uploads")
            },
            "pages": sum(1 for _ in (board.data / "public").glob("*/res/*.html")),
        }


@contextmanager
def _a_board(folder: Path, renderers: int) -> Iterator[RunningBoard]:
    with tempfile.TemporaryDirectory(prefix="sb-", dir=folder) as own:
        board = RunningBoard(Path(own) / "data", "--renderers", str(renderers))
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
    asked = parser.parse_args()
    before = machine.describe() | calibrate(asked.folder)._asdict()
    figures = run(asked.dump, asked.folder, asked.renderers)
    after = {"load": os.getloadavg()} | calibrate(asked.folder)._asdict()
    print(json.dumps(figures | {"before": before, "after": after}, indent=1))


if __name__ == "__main__":
    main()
