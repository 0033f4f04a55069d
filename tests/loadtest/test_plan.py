"""What a run is asked to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.environment import ROOT
from loadtest import targets
from loadtest.plan import Plan, read_duration
from loadtest.programme import SCENARIOS
from tests.tables import for_each


@for_each(("text", "seconds"), [("90", 90), ("60s", 60), ("2m", 120), ("4h", 14_400), ("1.5m", 90)])
def test_length_of_time_is_read(text: str, seconds: float) -> None:
    assert read_duration(text) == seconds


@for_each("text", ["", "s", "soon", "3x", "-5s", "0", "nan", "inf", "200h"])
def test_length_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"length of time|out of range"):
        read_duration(text)


def test_plan_comes_over_a_pipe_as_it_was() -> None:
    plan = Plan("staff", "http://127.0.0.1:8080", "b", 30, 60.0, staff_password="pass\nword")
    assert "\n" not in plan.to_json()
    assert Plan.from_json(plan.to_json()) == plan


def test_password_does_not_show_where_a_plan_is_printed() -> None:
    assert "secret" not in repr(Plan("staff", "", "b", 1, 1.0, staff_password="secret"))


def test_every_scenario_has_targets_and_none_is_for_a_scenario_that_is_not_there() -> None:
    assert set(targets.SCENARIOS) == set(SCENARIOS)


#: In a process of its own: Locust replaces Python's sockets.
_FIRST_VIEWS = """
import sys
from loadtest.crowd import Crowd
from loadtest.plan import Plan
from loadtest.programme import SCENARIOS
for name in SCENARIOS:
    crowd = Crowd(Plan(name, "http://127.0.0.1:9", "b", 4, 10.0, seed=int(sys.argv[1])))
    for kind in crowd.user_classes:
        kind.host = crowd.host
    users = [kind(crowd) for kind in crowd.user_classes for _ in range(2)]
    print(name, [(user.name, [user.random.random() for _ in range(3)]) for user in users])
"""


@pytest.mark.slow
def test_each_user_of_each_scenario_does_the_same_for_the_same_seed() -> None:
    def first_views(seed: int) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _FIRST_VIEWS, str(seed)],
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    once = first_views(1)
    assert len(once) == len(SCENARIOS)
    assert first_views(1) == once
    assert not set(first_views(2)) & set(once)
