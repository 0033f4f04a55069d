"""The pace at which posts are sent, and whose the processor time is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from loadtest.paced import Seen, figures, used_s

#: Works in a child that ends, waits for a word, and ends.
_FAMILY = """
import subprocess, sys
work = "import time; until = time.process_time() + 0.2\\nwhile time.process_time() < until: pass"
subprocess.run([sys.executable, "-c", work], check=True)
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_processor_time_counts_those_who_have_ended_too() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as up:
        assert up.stdout
        assert up.stdout.readline() == b"done\n"
        used = used_s(up.pid)
        up.communicate(b"")
    assert sum(used.values()) >= 0.2


def test_figures_are_of_one_post_and_name_the_programs() -> None:
    seen = Seen(answer_s=[0.002] * 4, visible_s=[0.008] * 4, late_s=[0.0] * 4)
    told = figures(seen, {"postgres": 0.004, "renderer.worker render": 0.02}, 2.0)
    assert told["posts_per_s"] == 2.0
    assert told["cpu_ms_per_post"] == 6.0
    assert told["cpu_ms_per_post_of"] == {"renderer.worker render": 5.0, "postgres": 1.0}
