"""How many users are at it, second by second: pure functions of time.

A shape is asked `shape(at_s, users, seconds)`; `users` is what the caller wants as the level and
`seconds` how long the whole run lasts. `loadtest.crowd` turns one into Locust's LoadTestShape.
"""

from __future__ import annotations

from collections.abc import Callable

Shape = Callable[[float, int, float], int]

RAMP_S_MAX = 30.0
#: A spike is this many times the level before it …
SPIKE_TIMES = 10
#: … for this long, or a third of a run that has no such room.
SPIKE_S_MAX = 60.0
#: A rising load has this many steps, each so much higher than the one before.
STEPS = 10
STEP_TIMES = 1.5


def steady(at_s: float, users: int, seconds: float) -> int:
    """Up within a tenth of the run, then level."""
    ramp_s = min(RAMP_S_MAX, seconds / 10)
    return max(1, round(users * min(1.0, (at_s + 1) / max(1.0, ramp_s))))


def spike(at_s: float, users: int, seconds: float) -> int:
    """Level; ten times as many for a minute in the middle; level."""
    length_s = min(SPIKE_S_MAX, seconds / 3)
    begins_s = (seconds - length_s) / 2
    return users * SPIKE_TIMES if begins_s <= at_s < begins_s + length_s else users


def rising(at_s: float, users: int, seconds: float) -> int:
    """Half as many again at each step: the tenth is 38 times the first."""
    return round(users * STEP_TIMES ** step_at(at_s, seconds))


def step_at(at_s: float, seconds: float) -> int:
    """Which step of a rising load it is, from 0."""
    return min(STEPS - 1, int(at_s / (seconds / STEPS)))
