"""What a part's processes use, as the metrics that Prometheus calls `process_…` everywhere.

A part is more than one process: gunicorn and its workers, each with the process that reads
pictures; a renderer and those that help it. What an operator wants to know is what the part
uses, so these are sums over its first process and all that descend from it.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_PROC = Path("/proc")


class Use(NamedTuple):
    """What one process uses; times in clock ticks, see proc(5)."""

    pid: int
    parent: int
    #: Its own and that of its children that have ended, so that no sum ever falls.
    cpu_ticks: int
    #: Since the machine started.
    started_ticks: int
    resident_pages: int


class ProcessFamily(Collector):
    """The process `root` and its descendants. Shows nothing where there is no /proc."""

    def __init__(self, root: int, proc: Path = _PROC) -> None:
        self._root = root
        self._proc = proc

    def collect(self) -> Iterable[Metric]:
        """Looked up at each scrape."""
        family = family_of(self._root, list(_uses(self._proc)))
        if not family:
            return
        ticks = os.sysconf("SC_CLK_TCK")
        root = next(use for use in family if use.pid == self._root)
        yield CounterMetricFamily(
            "process_cpu_seconds",
            "Processor time of the part's processes, those that have ended among them.",
            value=sum(use.cpu_ticks for use in family) / ticks,
        )
        yield GaugeMetricFamily(
            "process_resident_memory_bytes",
            "Memory of the part's processes; what two of them share counts twice.",
            value=sum(use.resident_pages for use in family) * resource.getpagesize(),
        )
        yield GaugeMetricFamily(
            "process_start_time_seconds",
            "When the part's first process started, in Unix seconds.",
            value=_boot_time_s(self._proc) + root.started_ticks / ticks,
        )
        yield GaugeMetricFamily(
            "process_open_fds",
            "Files that the part's processes have open.",
            value=sum(_open_files(self._proc, use.pid) for use in family),
        )
        yield GaugeMetricFamily(
            "process_max_fds",
            "Files that one of them may have open.",
            value=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        )


def family_of(root: int, uses: list[Use]) -> list[Use]:
    """`root` and all that descend from it; nothing when it is not there."""
    children: dict[int, list[Use]] = {}
    for use in uses:
        children.setdefault(use.parent, []).append(use)
    family = [use for use in uses if use.pid == root]
    for use in family:  # grows while we walk it
        family += children.get(use.pid, [])
    return family


def use_from_stat(pid: int, stat: str) -> Use:
    """One /proc/PID/stat: "7 (a name) S 1 …"; the name may hold anything, so count from its end."""
    fields = stat.rpartition(")")[2].split()
    return Use(
        pid=pid,
        parent=int(fields[1]),
        cpu_ticks=sum(map(int, fields[11:15])),
        started_ticks=int(fields[19]),
        resident_pages=int(fields[21]),
    )


def _uses(proc: Path) -> Iterator[Use]:
    for folder in proc.glob("[0-9]*"):
        try:
            yield use_from_stat(int(folder.name), (folder / "stat").read_text())
        except OSError:
            continue  # it has ended meanwhile


def _open_files(proc: Path, pid: int) -> int:
    try:
        return sum(1 for _ in (proc / str(pid) / "fd").iterdir())
    except OSError:
        return 0


def _boot_time_s(proc: Path) -> float:
    for line in (proc / "stat").read_text().splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0
