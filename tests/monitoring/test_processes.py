"""A part's processes are looked at together: the first and all that descend from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitoring.processes import ProcessFamily, Use, family_of, use_from_stat

STAT = (
    "7 (a) name) S 3 7 7 0 -1 4194560 1023 20 1 0 11 5 2 1 20 0 3 0 8800 225 4096 1844674407370955"
)


def a_use(pid: int, parent: int) -> Use:
    return Use(pid, parent, cpu_ticks=1, started_ticks=0, resident_pages=1)


def test_line_of_the_kernel_is_read_though_a_name_holds_a_bracket() -> None:
    assert use_from_stat(7, STAT) == Use(
        pid=7, parent=3, cpu_ticks=11 + 5 + 2 + 1, started_ticks=8800, resident_pages=4096
    )


@pytest.mark.parametrize(
    ("root", "found"),
    [
        (1, [1, 2, 3, 4]),
        (2, [2, 4]),
        (4, [4]),
        (9, []),
    ],
)
def test_family_is_a_process_and_all_that_descend_from_it(root: int, found: list[int]) -> None:
    uses = [a_use(1, 0), a_use(2, 1), a_use(3, 1), a_use(4, 2), a_use(5, 0)]
    assert [use.pid for use in family_of(root, uses)] == found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")
def test_child_counts_with_its_parent() -> None:
    registry = CollectorRegistry()
    registry.register(ProcessFamily(os.getpid()))
    alone = registry.get_sample_value("process_resident_memory_bytes") or 0
    waits = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        together = registry.get_sample_value("process_resident_memory_bytes") or 0
        child.communicate(b"\n")
    assert together > alone + 1e6
    assert (registry.get_sample_value("process_cpu_seconds_total") or 0) > 0
    assert (registry.get_sample_value("process_start_time_seconds") or 0) > 1e9


def test_family_that_is_gone_shows_nothing() -> None:
    assert list(ProcessFamily(2**22 + 1).collect()) == []
