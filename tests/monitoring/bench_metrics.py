"""What counting costs: `python -m tests.monitoring.bench_metrics`, from the root of the checkout.

Prints the microseconds of processor time that one post spends on the writer's metrics, in a process
by itself and with figures shared through files as gunicorn's workers do; and what a scrape costs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

POSTS = 50_000
SCRAPES = 50

#: What the writer counts of one post that is stored, and what shows it.
MEASURE = f"""
import os
import time
from monitoring import metrics
from monitoring.metrics_port import registry_of, generate_latest

def one_post():
    metrics.captchas.labels("solved").inc()
    metrics.posts_stored.labels("reply").inc()
    metrics.request_seconds.labels("/post").observe(0.007)
    metrics.responses.labels("200").inc()

one_post()
began = time.process_time()
for _ in range({POSTS}):
    one_post()
counting_s = time.process_time() - began
registry = registry_of("writer", shared_folder=os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""))
began = time.process_time()
for _ in range({SCRAPES}):
    text = generate_latest(registry)
scraping_s = time.process_time() - began
print(f"{{counting_s / {POSTS} * 1e6:5.1f}} µs a post, "
      f"{{scraping_s / {SCRAPES} * 1e3:5.1f}} ms a scrape of {{len(text)}} bytes")
"""


def measured(folder: str = "") -> str:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": "."}
    if folder:
        environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    command = [sys.executable, "-c", MEASURE]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, check=True
    ).stdout.strip()


def main() -> None:
    for _ in range(3):
        print(f"one process by itself: {measured()}")
        with tempfile.TemporaryDirectory() as folder:
            print(f"shared through files:  {measured(folder)}")


if __name__ == "__main__":
    main()
