"""A load that rises in steps until a target is missed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.environment import ROOT

#: In a process of its own: Locust replaces Python's sockets.
_RISING = """
from types import SimpleNamespace
from loadtest.recording import Recording
from loadtest.results import Step

judged = iter([Step(4, 40.0), Step(6, 60.0, ["too slow"]), Step(9, 1.0, ["too slow"])])
Recording._judged = lambda *_: next(judged)
crowd = SimpleNamespace(
    scenario=SimpleNamespace(seeks_limit=True),
    plan=SimpleNamespace(seconds=10),
    end=lambda: print("ended"),
)
recording = Recording(crowd, lambda _: None)
for at_s in (0.5, 1.1, 2.2, 3.3, 4.4):
    recording._end_steps(at_s, {})
recording._end_last_step()
print([step.users for step in recording._steps])
"""


@pytest.mark.slow
def test_what_is_asked_after_a_missed_target_is_no_step() -> None:
    """On a busy machine users need longer than a step to stop."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _RISING],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["ended", "[4, 6]"]
