"""What a part's processes use, as the metrics that Prometheus calls `process_…` everywhere.

A part is more than one process: gunicorn and its workers, each with the process that reads
pictures; a renderer and those that help it. What an operator wants to know is what the part
uses, so these are sums over its first process and all that descend from it.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

#: Of the kernel's, a second.
_TICKS = os.sysconf("SC_CLK_TCK")


class Use(NamedTuple):
    """What one process uses."""

    #: Its own and that of its children that have ended, so that no sum ever falls.
    cpu_s: float
    resident_bytes: int
    open_files: int


class ProcessFamily(Collector):
    """The process `root` and its descendants; shows nothing once `root` is gone."""

    def __init__(self, root: int) -> None:
        self._root = root

    def collect(self) -> Iterable[Metric]:
        """Looked up at each scrape."""
        try:
            root = psutil.Process(self._root)
            family = [root, *root.children(recursive=True)]
            started_s = root.create_time()
        except psutil.Error:
            return
        uses = [use for process in family if (use := use_of(process)) is not None]
        yield CounterMetricFamily(
            "process_cpu_seconds",
            "Processor time of the part's processes, those that have ended among them.",
            value=processor_s(uses),
        )
        yield GaugeMetricFamily(
            "process_resident_memory_bytes",
            "Memory of the part's processes; what two of them share counts twice.",
            value=sum(use.resident_bytes for use in uses),
        )
        yield GaugeMetricFamily(
            "process_start_time_seconds",
            "When the part's first process started, in Unix seconds.",
            value=started_s,
        )
        yield GaugeMetricFamily(
            "process_open_fds",
            "Files that the part's processes have open.",
            value=sum(use.open_files for use in uses),
        )
        yield GaugeMetricFamily(
            "process_max_fds",
            "Files that one of them may have open.",
            value=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        )


def use_of(process: psutil.Process) -> Use | None:
    """None: it is gone. A zombie still counts: its parent does not have its processor time yet."""
    try:
        with process.oneshot():
            cpu = process.cpu_times()
            resident_bytes = process.memory_info().rss
    except psutil.Error:
        return None
    open_files = 0
    with suppress(psutil.Error):  # of another user, or ended
        open_files = process.num_fds()
    return Use(
        cpu.user + cpu.system + cpu.children_user + cpu.children_system, resident_bytes, open_files
    )


def processor_s(uses: Iterable[Use]) -> float:
    """Of all of them. Summed in ticks: fractions of a second come to less in another order, as when
    a child's go over to its parent, and a counter that falls is a restart to Prometheus.
    """
    return sum(round(use.cpu_s * _TICKS) for use in uses) / _TICKS
