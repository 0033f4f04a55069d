"""Runs that nobody made: times drawn from a seed, for what judges, compares and shows runs."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace

from loadtest import figures
from loadtest.results import (
    Correctness,
    Kind,
    ProcessSamples,
    Requests,
    Run,
    Second,
)

#: {name: (kind, median ms, requests a second)}
_NAMES: dict[str, tuple[Kind, float, int]] = {
    "front page": ("page", 3.0, 10),
    "thread": ("page", 5.0, 40),
    "thread.json": ("json", 2.0, 20),
    "thumbnail": ("image", 1.5, 60),
    "reply": ("post", 6.0, 2),
    "reply, visible": ("visible", 12.0, 2),
}
_PARTS = {"writer": 70.0, "renderer": 110.0, "postgres": 30.0, "nginx": 8.0}


def a_run(
    seed: int = 1,
    *,
    seconds: int = 60,
    slower: float = 1.0,
    drift: float = 0.1,
    scenario: str = "mixed",
    correctness: Correctness | None = None,
    processes: bool = True,
) -> Run:
    """A healthy run. `slower`: all times so much longer. `drift`: how much a second's level
    wanders from the next (log-normal, neighbours half alike), as on a machine that is shared.
    """
    dice = random.Random(seed)
    level, levels = 0.0, []
    for _ in range(seconds):
        level = 0.5 * level + dice.gauss(0, drift)
        levels.append(slower * math.exp(level))
    run = Run(
        scenario=scenario,
        seed=seed,
        users=200,
        seconds=float(seconds),
        started_at=f"2026-11-24T10:{seed % 60:02}:00+00:00",
        host="http://127.0.0.1:8080",
        version="0.1.0",
        settings={"STILLBOARD_LIMITS": "off"},
        machine={"processor": "a processor", "cores": 2},
        requests=[_requests(name, seconds, slower) for name in _NAMES],
        timeline=[_second(at_s, each, dice) for at_s, each in enumerate(levels)],
        histograms={name: _histogram(name, seconds, slower, dice) for name in _NAMES},
        correctness=correctness or Correctness(acknowledged=2 * seconds),
        processes=_processes(seconds, dice) if processes else [],
    )
    return replace(run, figures=figures.of(run))


def _second(at_s: int, level: float, dice: random.Random) -> Second:
    return Second(
        at_s=float(at_s),
        users=200,
        requests=132 + dice.randint(-10, 10),
        failures=0,
        p50_ms=3.0 * level,
        p95_ms=9.0 * level * math.exp(dice.gauss(0, 0.1)),
        p99_ms=20.0 * level * math.exp(dice.gauss(0, 0.25)),
        visible_p95_ms=30.0 * level * math.exp(dice.gauss(0, 0.3)) if at_s % 3 else None,
    )


def _histogram(
    name: str, seconds: int, slower: float, dice: random.Random
) -> list[tuple[float, int]]:
    _kind, median_ms, per_s = _NAMES[name]
    times = (median_ms * slower * math.exp(dice.gauss(0, 0.6)) for _ in range(seconds * per_s))
    return [(float(le), count) for le, count in sorted(Counter(map(math.ceil, times)).items())]


def _requests(name: str, seconds: int, slower: float) -> Requests:
    kind, median_ms, per_s = _NAMES[name]
    ms = median_ms * slower
    count = seconds * per_s
    return Requests(name, kind, count, 0, ms, 2.7 * ms, 4 * ms, 6 * ms, bytes=count * 4000)


def _processes(seconds: int, dice: random.Random) -> list[ProcessSamples]:
    at_s = [float(second) for second in range(seconds)]
    board = [
        ProcessSamples(
            name=name,
            pid=100 + number,
            at_s=at_s,
            rss_mb=[mb + dice.random() for _ in at_s],
            cpu_cores=[0.1 + 0.05 * dice.random() for _ in at_s],
            cpu_s=0.12 * seconds,
        )
        for number, (name, mb) in enumerate(_PARTS.items())
    ]
    generator = replace(board[0], name="generator", pid=900, is_generator=True)
    return [*board, generator]
