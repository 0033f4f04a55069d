"""Processes that were forked from a program without shared figures share theirs all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.environment import ROOT

pytestmark = pytest.mark.slow

_COUNT = """
import os, sys
from monitoring import metrics, shared_figures
metrics.files_written.inc(5)
metrics.posts_stored.labels("reply").inc(5)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
for _ in range(2):
    if os.fork() == 0:
        shared_figures.share()
        shared_figures.share()
        metrics.files_written.inc()
        metrics.posts_stored.labels("reply").inc(2)
        metrics.query_seconds.observe(0.1)
        os._exit(0)
    os.wait()
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry, sys.argv[1])
shown = ("files_written_total", "posts_stored_total", "query_seconds_count")
for metric in registry.collect():
    for sample in metric.samples:
        if sample.name.endswith(shown):
            print(sample.name.removeprefix("stillboard_"), sample.value)
"""


def test_they_count_together_and_from_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", _COUNT, str(tmp_path)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    assert sorted(done.stdout.splitlines()) == [
        "files_written_total 2.0",
        "posts_stored_total 4.0",
        "query_seconds_count 2.0",
    ]
