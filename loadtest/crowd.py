"""What the users of one process share: Locust's environment, and the board as they know it."""

from __future__ import annotations

import json
import random
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from itertools import count, islice

from locust import LoadTestShape, User
from locust.env import Environment

from loadtest import pictures, surroundings
from loadtest.connection import Connection
from loadtest.lookout import Lookout
from loadtest.plan import Plan
from loadtest.programme import LIMITS_ARE_ON, SCENARIOS, Scenario
from loadtest.surroundings import Surroundings
from loadtest.tally import Place, Tally

#: Users may end what they have begun: a post that is on its way is answered, and counted.
STOP_TIMEOUT_S = 5.0
_SNAPSHOTS = 8
#: Users that may come or go in a second.
_AT_ONCE = 10_000.0


class CannotStart(Exception):
    """The run would say nothing; the message is for the caller, in one line."""


class KnownThreads:
    """Threads that somebody has seen, the last bumped first; popular as their place says."""

    _COUNT_MAX = 300
    #: The mean place of what is chosen: three quarters of all visits are to the first page.
    _MEAN_PLACE = 7.0

    def __init__(self) -> None:
        self._nos: list[int] = []

    def __len__(self) -> int:
        return len(self._nos)

    @property
    def newest(self) -> int | None:
        """The last bumped; None: none is known."""
        return self._nos[0] if self._nos else None

    def saw(self, nos: Iterable[int]) -> None:
        """They head the board now, in this order."""
        merged = dict.fromkeys([*nos, *self._nos])
        self._nos = list(merged)[: self._COUNT_MAX]

    def forget(self, no: int) -> None:
        """It is gone."""
        if no in self._nos:
            self._nos.remove(no)

    def choose(self, chance: random.Random) -> int | None:
        """None: none is known."""
        if not self._nos:
            return None
        place = int(chance.expovariate(1 / self._MEAN_PLACE))
        return self._nos[place % len(self._nos)]


class OwnPosts:
    """The posts of this process's own posters, the newest of them, by thread."""

    _COUNT_MAX = 2000

    def __init__(self) -> None:
        self._places: deque[Place] = deque(maxlen=self._COUNT_MAX)

    def add(self, place: Place) -> None:
        """Acknowledged just now."""
        self._places.append(place)

    def place_of(self, no: int) -> Place | None:
        """None: it is nobody's of this process, or too old."""
        return next((place for place in self._places if place.no == no), None)

    def forget(self, place: Place) -> None:
        """It is to be deleted."""
        with suppress(ValueError):
            self._places.remove(place)

    def choose(self, chance: random.Random) -> Place | None:
        """One of the newest fifty; None: nobody has posted."""
        newest = list(islice(reversed(self._places), 50))
        return chance.choice(newest) if newest else None

    def some_of(self, thread: int | None, chance: random.Random) -> list[int]:
        """One or two of the newest in a thread, to be quoted; [] when none is known."""
        newest = islice(reversed(self._places), 200)
        nos = [place.no for place in newest if place.thread == thread]
        return chance.sample(nos, k=min(len(nos), chance.randint(1, 2)))


@dataclass
class HotThread:
    """The one that all post to; None until somebody has begun it."""

    is_begun: bool = False
    no: int | None = None


class Crowd(Environment):
    """Locust's environment, with what its users need beside it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scenario: Scenario = SCENARIOS[plan.scenario]
        self.tally = Tally()
        self.threads = KnownThreads()
        #: Of this process so far: the tally begins anew with each report.
        self.reads = 0
        self.own_posts = OwnPosts()
        self.hot_thread = HotThread()
        self.surroundings = Surroundings()
        #: In marks, so that a run with the seed of an earlier one posts nothing twice.
        self.started_s = int(time.time())
        self._is_over = False
        self._numbers = count(1)
        super().__init__(
            user_classes=cast_of(self.scenario, processes=max(1, plan.workers)),
            shape_class=_Shape(self),
            host=plan.host,
            stop_timeout=STOP_TIMEOUT_S,
        )
        self.lookout = Lookout(plan.host, plan.board, self.tally, self.events)

    @cached_property
    def pictures(self) -> list[bytes]:
        """A few that posters choose from: making one takes longer than sending it."""
        return [
            pictures.jpeg(pictures.SNAPSHOT_PX, seed=self.plan.seed * _SNAPSHOTS + number)
            for number in range(_SNAPSHOTS)
        ]

    def next_name(self) -> str:
        """'1.0.17': seed, worker and user; seeds what a user does, and marks its posts."""
        worker = getattr(self.runner, "worker_index", 0)
        return f"{self.plan.seed}.{worker}.{next(self._numbers)}"

    def end(self) -> None:
        """At the next second, with all its figures."""
        self._is_over = True

    def halt(self, sentence: str) -> None:
        """Nothing that this run measures means anything: end it, and say why."""
        self.tally.halted = self.tally.halted or sentence

    @property
    def is_over(self) -> bool:
        return self._is_over or bool(self.tally.halted)

    def look_around(self) -> None:
        """Learn which threads there are. Raises CannotStart: there is no such board."""
        path = f"/{self.plan.board}/threads.json"
        try:
            with Connection(self.plan.host, timeout_s=10) as connection:
                status, body = connection.get(path)
        except OSError as ex:
            raise CannotStart(
                f"no board answers at {self.plan.host} ({ex.strerror or ex}): is it up?"
            ) from None
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise CannotStart(LIMITS_ARE_ON)
        if status != HTTPStatus.OK:
            raise CannotStart(
                f"there is no board /{self.plan.board}/ at {self.plan.host} "
                f"({path}: {status}): name one with --board"
            )
        self.threads.saw(thread["no"] for page in json.loads(body) for thread in page["threads"])
        if not self.scenario.limits_off:
            self.surroundings = surroundings.probe(self.plan, self.threads.newest)


class _Shape(LoadTestShape):
    """The scenario's shape, as Locust asks for it: once a second."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self._crowd = crowd

    def tick(self) -> tuple[int, float] | None:
        """Users, and how fast they may come and go; None ends the run."""
        plan, at_s = self._crowd.plan, self.get_run_time()
        if self._crowd.is_over or at_s >= plan.seconds:
            return None
        # The shape rises and falls as slowly as it wants to; each of its steps is taken at once.
        return self._crowd.scenario.shape(at_s, plan.users, plan.seconds), _AT_ONCE


def cast_of(scenario: Scenario, *, processes: int) -> list[type[User]]:
    """The classes that `Scenario.cast` names."""
    found = []
    for name in scenario.cast.split():
        module, _, user = name.partition(":")
        kind = getattr(import_module(f"loadtest.scenarios.{module}"), user)
        # Locust wants to know how many there are in all, and spreads them evenly.
        kind.fixed_count = processes if kind.one_per_process else 0
        found.append(kind)
    return found
