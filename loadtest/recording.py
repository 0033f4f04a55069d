"""From a crowd at work to the Run that tells of it: second by second, then the last look."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

import gevent
from locust.runners import MasterRunner

from loadtest import counts, figures, last_look, shapes, targets, verdict
from loadtest.counts import Snapshot
from loadtest.crowd import Crowd
from loadtest.last_look import LastLook
from loadtest.results import Correctness, Run, Second, Step
from loadtest.tally import Acknowledged, Place

#: A worker is done when it waits for no post any more: see loadtest.lookout.WAIT_S_MAX.
_SETTLE_WAIT_S_MAX = 30.0
_LOOK_EVERY_S = 1.0
_NOTED_MAX = 5


@dataclass(frozen=True, slots=True)
class Glance:
    """What a person at the terminal is shown, once a second."""

    at_s: float
    seconds: float
    users: int
    requests_per_s: float
    failures: int
    #: {kind: [how many so far, p50, p95 and p99 in ms]}.
    kinds: dict[str, list[float]]
    acknowledged: int
    visible: int
    late: int
    wrong_status: int
    torn: int
    backward: int
    #: What is going on, when it is not the run itself.
    phase: str = ""


def record(crowd: Crowd, tell: Callable[[dict[str, object]], None]) -> Run:
    """Run the crowd's scenario to its end; `tell` is called with a Glance as a dict each second."""
    recording = Recording(crowd, tell)
    recording.run()
    found = last_look.look(crowd.plan.host, crowd.plan.board, crowd.tally, sleep=gevent.sleep)
    _note(crowd, found)
    return recording.as_run(found)


@dataclass(frozen=True, slots=True)
class _StepBegun:
    """The step of a rising load that is under way."""

    number: int = 0
    began_s: float = 0.0
    #: What had been counted by then.
    counted: Snapshot = field(default_factory=dict)


class Recording:
    """The timeline of a run, and its steps if it has any."""

    def __init__(self, crowd: Crowd, tell: Callable[[dict[str, object]], None]) -> None:
        self._crowd = crowd
        self._tell = tell
        self._targets = targets.read() if crowd.scenario.seeks_limit else []
        self._started_at = datetime.now(UTC)
        self._seconds: list[Second] = []
        self._steps: list[Step] = []
        self._began_s = 0.0
        self._took_s = 0.0
        self._earlier: Snapshot = {}
        self._step = _StepBegun()

    def run(self) -> None:
        """Until the shape ends, the users have stopped, and no post is awaited any more."""
        runner = self._crowd.runner
        assert runner is not None
        self._began_s = time.perf_counter()
        runner.start_shape()
        shape = runner.shape_greenlet
        assert shape is not None
        while True:
            shape.join(timeout=_LOOK_EVERY_S)
            if shape.ready():
                break
            self._look()
        self._took_s = time.perf_counter() - self._began_s
        self._end_last_step()
        self._settle()
        self._look("waiting for the last posts")

    def as_run(self, found: LastLook) -> Run:
        """With all figures but those of the machine that the board is on."""
        plan = self._crowd.plan
        counted = counts.snapshot(self._crowd.stats)
        return _with_figures(
            Run(
                scenario=plan.scenario,
                seed=plan.seed,
                users=plan.users,
                seconds=round(self._took_s, 1),
                started_at=self._started_at.isoformat(timespec="seconds"),
                host=plan.host,
                version="",
                requests=counts.rows(counted),
                timeline=self._seconds,
                histograms=counts.histograms(counted),
                correctness=self._correctness(found),
                steps=self._steps,
            )
        )

    def _settle(self) -> None:
        """What was sent last is looked for as long as what was sent first."""
        runner = self._crowd.runner
        if not isinstance(runner, MasterRunner):
            self._crowd.lookout.settle()
            return
        workers = self._crowd.plan.workers
        with gevent.Timeout(_SETTLE_WAIT_S_MAX, exception=False):
            # Also free again: Locust's master forgets a worker that has stopped, until it says
            # that it is ready, and would not tell it to go.
            while self._crowd.tally.settled < workers or len(runner.clients.ready) < workers:
                gevent.sleep(0.1)
        runner.quit()

    def _look(self, phase: str = "") -> None:
        crowd = self._crowd
        now = counts.snapshot(crowd.stats)
        at_s = time.perf_counter() - self._began_s
        users = crowd.runner.user_count if crowd.runner else 0
        fresh = counts.between(self._earlier, now)
        asked = counts.of_requests(fresh)
        visible = counts.of_kind(fresh, counts.VISIBLE)
        if not phase:
            self._seconds.append(_second(at_s, users, asked, visible))
            self._end_steps(at_s, now)
        self._earlier = now
        self._tell(asdict(self._glance(at_s, users, asked, now, phase)))

    def _glance(
        self, at_s: float, users: int, asked: counts.Counts, now: Snapshot, phase: str
    ) -> Glance:
        tally = self._crowd.tally
        kinds = {}
        for kind in dict.fromkeys(kind for kind, _ in sorted(now)):
            row = counts.of_kind(now, kind)
            kinds[kind] = [row.count, *(row.percentile_ms(cut) for cut in (0.5, 0.95, 0.99))]
        return Glance(
            at_s=round(at_s, 1),
            seconds=self._crowd.plan.seconds,
            users=users,
            requests_per_s=asked.count,
            failures=counts.total(now.values()).failures,
            kinds=kinds,
            acknowledged=len(tally.acknowledged),
            visible=int(counts.of_kind(now, counts.VISIBLE).count) - tally.late,
            late=tally.late,
            wrong_status=tally.wrong_status,
            torn=tally.torn,
            backward=tally.backward(),
            phase=phase,
        )

    def _end_steps(self, at_s: float, now: Snapshot) -> None:
        """Of a rising load: when the next step has begun, judge the one that ended."""
        if not self._crowd.scenario.seeks_limit or self._was_missed():
            return
        following = shapes.step_at(at_s, self._crowd.plan.seconds)
        if following == self._step.number:
            return
        self._steps.append(self._judged(at_s, now))
        self._step = _StepBegun(following, at_s, now)
        if self._was_missed():
            self._crowd.end()

    def _end_last_step(self) -> None:
        """The tenth, which no other follows; one that a target's miss cut short is none."""
        if self._crowd.scenario.seeks_limit and not self._was_missed():
            self._steps.append(self._judged(self._took_s, counts.snapshot(self._crowd.stats)))

    def _was_missed(self) -> bool:
        """Whether the load rises no more: what is asked while the users stop is no step."""
        return bool(self._steps and self._steps[-1].missed)

    def _judged(self, at_s: float, now: Snapshot) -> Step:
        plan = self._crowd.plan
        counted = counts.between(self._step.counted, now)
        run = _with_figures(
            replace(
                self.as_run(LastLook([], [], [])),
                seconds=at_s - self._step.began_s,
                requests=counts.rows(counted),
                histograms=counts.histograms(counted),
            )
        )
        # A step has no last look and no samples: what it can't know is for the whole run to say.
        missed = [
            judgement.sentence
            for judgement in verdict.judge(run, self._targets).missed
            if judgement.value is not None
        ]
        began_s = self._step.number * plan.seconds / shapes.STEPS
        users = self._crowd.scenario.shape(began_s, plan.users, plan.seconds)
        return Step(users, run.figures.get("requests_per_s", 0.0), missed)

    def _correctness(self, found: LastLook) -> Correctness:
        tally = self._crowd.tally
        return Correctness(
            acknowledged=len(tally.acknowledged),
            missing=len(found.missing),
            torn=tally.torn,
            # A page that shows at the end what was deleted is older than its reader knows it to be.
            backward=tally.backward() + len(found.still_there),
            wrong_status=tally.wrong_status,
            refused_wrongly=tally.refused_wrongly,
            doubled=len(found.doubled),
        )


def _second(at_s: float, users: int, asked: counts.Counts, visible: counts.Counts) -> Second:
    return Second(
        at_s=round(at_s, 2),
        users=users,
        requests=asked.count,
        failures=asked.failures,
        p50_ms=asked.percentile_ms(0.5),
        p95_ms=asked.percentile_ms(0.95),
        p99_ms=asked.percentile_ms(0.99),
        visible_p95_ms=visible.percentile_ms(0.95) if visible.count else None,
    )


def _with_figures(run: Run) -> Run:
    return replace(run, figures=figures.of(replace(run, figures={})))


def _note(crowd: Crowd, found: LastLook) -> None:
    """So that whoever has to find out knows which posts to look for."""
    amiss: dict[str, Sequence[Acknowledged | Place]] = {
        "missing": found.missing,
        "twice": found.doubled,
        "deleted, but still there": found.still_there,
    }
    for what, posts in amiss.items():
        for post in posts[:_NOTED_MAX]:
            crowd.tally.notes[f"{what}: post {post.no} of thread {post.thread}"] += 1
