"""What a board's processes cost together: all that descend from one `up`, on Linux.

Memory is PSS: a page that several share counts once, a part of it in each. So the sum is what the
machine would have back.
"""

from __future__ import annotations

import math
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_REST_MS_PER_S = 40.0
_REST_LOOK_S = 1.0
#: After a seeding the press compresses a thousand files: a minute of processor time at the lowest
#: priority, which on a machine that is busy with something else has a tenth of one.
_REST_WAIT_S_MAX = 900.0


class AtRest(NamedTuple):
    """Of a board that nobody asks for anything."""

    processes: int
    #: NaN: not ours to see; root sees all.
    pss_mb: float
    processor_ms_per_s: float


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it, or its children, have started."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def processor_s(pid: int) -> float:
    """Used so far, user and system, also by children that have ended."""
    total_s = 0.0
    for process in family(pid):
        with suppress(psutil.Error):
            times = process.cpu_times()
            total_s += times.user + times.system + times.children_user + times.children_system
    return total_s


def pss_mb(pid: int) -> float:
    """NaN when it may not be seen."""
    total_kb = 0
    for process in family(pid):
        try:
            found = _PSS.search(Path(f"/proc/{process.pid}/smaps_rollup").read_text())
        except FileNotFoundError:
            continue  # it has ended
        except OSError:
            return math.nan
        total_kb += int(found[1]) if found else 0
    return total_kb / 1024


def at_rest(pid: int, seconds: float) -> AtRest:
    """Look on for so long; whoever calls has seen to it that nobody asks for anything."""
    used_ms_per_s = _used_ms_per_s(pid, seconds)
    return AtRest(len(family(pid)), pss_mb(pid), used_ms_per_s)


def wait_for_rest(pid: int) -> None:
    """Until it has done what it had left to do; for no longer than a quarter of an hour."""
    deadline_s = time.monotonic() + _REST_WAIT_S_MAX
    while time.monotonic() < deadline_s:
        if _used_ms_per_s(pid, _REST_LOOK_S) < _REST_MS_PER_S:
            return


def _used_ms_per_s(pid: int, seconds: float) -> float:
    before = _ran_ns(pid)
    began_s = time.monotonic()
    time.sleep(seconds)
    after = _ran_ns(pid)
    took_s = time.monotonic() - began_s
    ran_ns = sum(ns - before.get(process, 0) for process, ns in after.items())
    return max(0, ran_ns) / 1e6 / took_s


def _ran_ns(pid: int) -> dict[int, int]:
    """{process: how long its threads ran}. The usual clock counts hundredths of a second, which is
    more than a process at rest uses in one.
    """
    ran: dict[int, int] = {}
    for process in family(pid):
        with suppress(OSError):  # it has ended
            ran[process.pid] = sum(
                int(thread.read_text().split()[0])
                for thread in Path(f"/proc/{process.pid}/task").glob("*/schedstat")
            )
    return ran
