"""A part's processes are looked at together: the first and all that descend from it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitoring.processes import ProcessFamily, Use, processor_s

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")

#: Counts, holds memory and files, has a child that does the same (as deep as asked for), says all
#: their process ids, and waits to be told to end.
FAMILY = """
import subprocess, sys
depth = int(sys.argv[1])
held, files = bytearray(20 * 2**20), [open("/dev/null") for _ in range(10)]
sum(range(10**6))
print(__import__("os").getpid(), flush=True)
command = [sys.executable, "-c", sys.argv[2], str(depth - 1), sys.argv[2]]
if depth:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        for line in child.stdout:
            print(line.decode().strip(), flush=True)
            if not line.strip(): break
        input()
else:
    print(flush=True)
    input()
"""
#: Has a child that counts for a while and ends; takes notice of it when it is told to.
COUNTS_AND_ENDS = """
import os, subprocess, sys
counts = "import time\\nwhile time.process_time() < 0.2: pass"
child = subprocess.Popen([sys.executable, "-c", counts])
os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
print(flush=True); input()
child.wait()
print(flush=True); input()
"""


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A program in Python that ends when its input does."""
    with subprocess.Popen(
        [sys.executable, "-c", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.communicate()


def shown(root: int) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(ProcessFamily(root))
    return {sample.name: sample.value for metric in registry.collect() for sample in metric.samples}


def said_by_the_kernel(pids: list[int]) -> dict[str, float]:
    """The same figures, summed from proc(5) here."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    ticks = os.sysconf("SC_CLK_TCK")
    (boot_s,) = (
        float(line.split()[1])
        for line in Path("/proc/stat").read_text().splitlines()
        if line.startswith("btime ")
    )
    return {
        "process_cpu_seconds_total": sum(int(n) for stat in stats for n in stat[11:15]) / ticks,
        "process_resident_memory_bytes": sum(int(s[21]) for s in stats) * resource.getpagesize(),
        "process_start_time_seconds": boot_s + int(stats[0][19]) / ticks,
        "process_open_fds": sum(len([*Path(f"/proc/{pid}/fd").iterdir()]) for pid in pids),
        "process_max_fds": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    }


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_figures_are_the_kernel_s_of_a_process_and_all_that_descend_from_it(depth: int) -> None:
    with started(FAMILY, str(depth), FAMILY) as process:
        assert process.stdout
        pids = [int(line) for line in iter(process.stdout.readline, "\n")]
        assert len(pids) == depth + 1
        figures, expected = shown(process.pid), said_by_the_kernel(pids)
    memory = "process_resident_memory_bytes"
    # The kernel sums it up at once for statm, which is read here, and more precisely for stat.
    assert figures.pop(memory) == pytest.approx(expected[memory], rel=0.01)
    assert expected.pop(memory) > (depth + 1) * 20e6
    assert figures == pytest.approx(expected, rel=0, abs=0.02)  # two ticks
    assert figures["process_open_fds"] > (depth + 1) * 10


@pytest.mark.slow
@needs_proc
def test_processor_time_of_a_process_that_ended_stays_in_the_sum() -> None:
    """Before and after its parent takes notice: a sum that falls is a restart to Prometheus."""
    with started(COUNTS_AND_ENDS) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        zombie = shown(process.pid)["process_cpu_seconds_total"]
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        reaped = shown(process.pid)["process_cpu_seconds_total"]
    assert zombie > 0.1
    assert reaped >= zombie


def test_sum_does_not_fall_by_a_rounding_when_a_parent_takes_over_its_child_s_time() -> None:
    child, parent = Use(0.1 + 0.2, 0, 0), Use(0.1, 0, 0)
    after = Use(0.1 + (0.1 + 0.2), 0, 0)
    assert child.cpu_s > 0.3, "as floats add"
    assert processor_s([Use(0.3, 0, 0)]) == processor_s([child]) == 0.3
    assert processor_s([parent, child]) == processor_s([after]) == 0.4


def test_family_that_is_gone_shows_nothing() -> None:
    assert list(ProcessFamily(2**22 + 1).collect()) == []
