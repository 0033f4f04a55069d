"""Parts of a running board come to their end: by signals, to their process ids alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.data_folder import RunningPart, process_start
from tests.deploy.stand_ins import eventually, is_alive
from tests.walk.board_process import BoardProcess


@contextmanager
def held_down(
    board: BoardProcess, part: str, number: signal.Signals = signal.SIGKILL
) -> Iterator[None]:
    """`part` is ended with all of its processes, and stays dead while the block lasts.

    Whoever would start it again is stopped meanwhile, so that what happens in between is no
    matter of luck.
    """
    with board.running.brought_back(part), supervisor_stopped(board):
        end(board.running.pids()[part], number)
        yield


@contextmanager
def supervisor_stopped(board: BoardProcess) -> Iterator[None]:
    """Nothing that dies in this block is started again before its end."""
    supervisor = board.running.process.pid
    os.kill(supervisor, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)


def end(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """A part's process group is sent `number`, and is gone.

    SIGQUIT goes to its first process only: PostgreSQL's word for an immediate stop.
    """
    with suppress(ProcessLookupError):
        os.kill(pid, number) if number == signal.SIGQUIT else os.killpg(pid, number)
    assert eventually(lambda: not is_alive(pid))


def processes_of(board: BoardProcess) -> list[RunningPart]:
    """`up`, its parts, and all that they have started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended since
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [board.running.process.pid]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return [RunningPart(pid, process_start(pid)) for pid in found]
