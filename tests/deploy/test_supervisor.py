"""Parts come up in order, are brought back when they die, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from deploy.embedded.service import Renewal, Service, ServiceFailed, children_of
from deploy.supervisor import RENEW_SIGNAL, Backoff, Supervisor
from tests.deploy.stand_ins import (
    FAILING,
    MASTER,
    NEVER_READY,
    PARENT,
    SLEEPER,
    STUBBORN,
    WAIT_S,
    StandIn,
    eventually,
    is_alive,
)


def until(condition: Callable[[], object]) -> Callable[[], None]:
    """What `watch` calls each tick: asks for the end, as Ctrl-C does, once `condition` holds.

    Also when it does not come true in time, so that a fault fails the test and does not hang it.
    """
    deadline = time.monotonic() + WAIT_S

    def each_tick() -> None:
        if condition() or time.monotonic() > deadline:
            os.kill(os.getpid(), signal.SIGINT)

    return each_tick


@pytest.mark.slow
def test_a_stage_begins_when_the_one_before_it_is_ready(tmp_path: Path) -> None:
    first, second = StandIn("first", tmp_path), StandIn("second", tmp_path)
    seen: list[bool] = []

    class Second(StandIn):
        def prepare(self) -> None:
            seen.append(first.ready())
            super().prepare()

    second = Second("second", tmp_path)
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start([first])
        supervisor.start([second])
        assert second.ready()
    assert seen == [True]


def test_a_stage_may_be_empty() -> None:
    """All its servers are the operator's own."""
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start([])


@pytest.mark.slow
def test_leaving_stops_all_in_reverse_order(tmp_path: Path) -> None:
    order: list[str] = []

    class Noted(StandIn):
        def stop(self) -> None:
            order.append(self.name)
            super().stop()

    parts = [Noted(name, tmp_path) for name in ("one", "two", "three")]
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start(parts[:2])
        supervisor.start(parts[2:])
        pids = [part.pid for part in parts]
    assert order == ["three", "two", "one"]
    assert not any(is_alive(pid) for pid in pids if pid)


@pytest.mark.slow
def test_a_dead_part_is_started_again_and_said_so(tmp_path: Path) -> None:
    lines: list[str] = []
    part = StandIn("renderer-1", tmp_path)
    with Supervisor(lines.append) as supervisor:
        supervisor.start([part])
        first_pid = part.pid
        assert first_pid
        os.kill(first_pid, signal.SIGKILL)
        supervisor.watch(until(lambda: any("is back" in line for line in lines)))
        assert part.pid != first_pid
    assert lines[0] == "renderer-1 was killed by SIGKILL; starting it again now"
    assert lines[1].startswith("renderer-1 is back after ")


@pytest.mark.slow
def test_a_part_that_cannot_be_started_again_is_tried_until_it_can(tmp_path: Path) -> None:
    """The first new start fails in `prepare`, the second succeeds."""
    lines: list[str] = []

    class FailsOnce(StandIn):
        starts = 0

        def prepare(self) -> None:
            self.starts += 1
            if self.starts == 2:
                raise ServiceFailed("the disk is full")
            super().prepare()

    part = FailsOnce("valkey", tmp_path)
    with Supervisor(lines.append) as supervisor:
        supervisor.start([part])
        assert part.pid
        os.kill(part.pid, signal.SIGKILL)
        supervisor.watch(until(lambda: any("is back" in line for line in lines)))
    assert lines[1] == "valkey can't be started (the disk is full); starting it again in 0.2 s"
    assert part.starts == 3


@pytest.mark.slow
def test_what_a_dead_part_leaves_behind_is_ended_before_its_new_start(tmp_path: Path) -> None:
    """Orphaned workers of nginx would hold its port."""
    part = StandIn("nginx", tmp_path, PARENT)
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start([part])
        orphan = int(part.child_pid_file.read_text())
        assert part.pid
        os.kill(part.pid, signal.SIGKILL)
        supervisor.watch(until(lambda: not is_alive(orphan)))
    assert not is_alive(orphan)


@pytest.mark.slow
def test_a_part_that_ignores_the_request_to_stop_is_killed_with_its_children(
    tmp_path: Path,
) -> None:
    part = StandIn("stubborn", tmp_path, STUBBORN)
    parent = StandIn("parent", tmp_path, PARENT)
    part.stop_wait_s = parent.stop_wait_s = 0.1
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start([part, parent])
        child = int(parent.child_pid_file.read_text())
        pid = part.pid
    assert pid
    assert not is_alive(pid)
    assert eventually(lambda: not is_alive(child))


@pytest.mark.slow
def test_a_part_that_fails_at_the_first_start_stops_the_others_and_shows_its_log(
    tmp_path: Path,
) -> None:
    good, bad = StandIn("good", tmp_path), StandIn("bad", tmp_path, FAILING)
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start([good])
        with pytest.raises(
            ServiceFailed, match=r"^bad ended with status 3: no such port \(details: .*/bad\.log\)$"
        ):
            supervisor.start([bad])
    assert good.poll() is not None


def test_a_signal_during_the_start_ends_it(tmp_path: Path) -> None:
    class Interrupted(StandIn):
        def ready(self) -> bool:
            os.kill(os.getpid(), signal.SIGTERM)
            return False

    part = Interrupted("slow", tmp_path)
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start([part])
        pytest.fail("it should have been left")
    assert part.poll() is not None


def test_signals_are_given_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with Supervisor(lambda _line: None):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.slow
def test_every_change_of_the_parts_is_told(tmp_path: Path) -> None:
    """run.json is written from it."""
    told: list[list[str]] = []

    def note(services: list[Service]) -> None:
        told.append([service.name for service in services])

    with Supervisor(lambda _line: None, on_change=note) as supervisor:
        supervisor.start([StandIn("one", tmp_path), StandIn("two", tmp_path)])
    assert told == [["one"], ["one", "two"]]


# --- a new version ---


def renewing(supervisor: Supervisor, part: StandIn, faults: list[str]) -> Callable[[], None]:
    """What `watch` calls when a renewal is asked for: renews `part`, then asks for the end."""

    def on_renewal() -> None:
        try:
            supervisor.renew(part)
        except ServiceFailed as ex:
            faults.append(str(ex))
        os.kill(os.getpid(), signal.SIGINT)

    return on_renewal


def renew(part: StandIn, *others: StandIn, lines: list[str] | None = None) -> list[str]:
    """Start the parts, ask for a renewal by its signal; what was wrong with `part`."""
    faults: list[str] = []
    said = [] if lines is None else lines
    with Supervisor(said.append) as supervisor:
        supervisor.start([part, *others])
        first_pid = part.pid
        os.kill(os.getpid(), RENEW_SIGNAL)
        supervisor.watch(until(lambda: False), renewing(supervisor, part, faults))
        part.seen = [first_pid, *(one.pid for one in supervisor.services)]
    return faults


class Renewable(StandIn):
    """Notes what is done to it and to its successors, in one list."""

    def __init__(self, name: str, folder: Path, program: str = SLEEPER) -> None:
        super().__init__(name, folder, program)
        self.deeds: list[str] = []
        self.seen: list[int | None] = []
        self.new_program = program

    def successor(self) -> Renewable:
        fresh = super().successor()
        fresh.program = self.new_program
        fresh.mark = self.mark.with_suffix(".new")
        return fresh

    def start(self) -> None:
        super().start()
        self.deeds.append("started")

    def send(self, number: int) -> None:
        self.deeds.append(f"sent {signal.Signals(number).name}")
        super().send(number)

    def come_forward(self) -> None:
        self.deeds.append("came forward")

    def kill(self) -> None:
        self.deeds.append("ended")
        super().kill()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "deeds"),
    [
        pytest.param(
            "beside",
            ["started", "started", "came forward", "sent SIGTERM", "ended"],
            id="the new one comes first",
        ),
        pytest.param(
            "after", ["started", "sent SIGTERM", "ended", "started"], id="the old one goes first"
        ),
        pytest.param("never", ["started"], id="left alone"),
    ],
)
def test_a_part_is_renewed_in_its_own_way(tmp_path: Path, way: Renewal, deeds: list[str]) -> None:
    part = Renewable("renderer-1", tmp_path)
    part.renewal = way
    assert renew(part) == []
    assert part.deeds[: len(deeds)] == deeds
    old_pid, new_pid = part.seen
    assert (old_pid == new_pid) is (way == "never")
    assert not any(is_alive(pid) for pid in part.seen if pid)


@pytest.mark.slow
def test_a_part_that_renews_itself_gets_a_signal_and_is_waited_for(tmp_path: Path) -> None:
    """Its process stays; each of its children is another one."""
    children: list[frozenset[int]] = []

    class Master(Renewable):
        renewal: Renewal = "in place"

        def is_renewed(self, before: frozenset[int]) -> bool:
            is_renewed = super().is_renewed(before)
            children[:] = [before, children_of(self.pid)]
            return is_renewed

    part = Master("writer", tmp_path, MASTER)
    assert renew(part) == []
    assert part.seen[0] == part.seen[1]
    before, after = children
    assert (len(before), len(after)) == (1, 1)
    assert before != after


@pytest.mark.slow
def test_a_version_that_does_not_come_up_leaves_the_one_before_running(tmp_path: Path) -> None:
    part = Renewable("catch-up", tmp_path)
    part.renewal, part.new_program = "beside", FAILING
    (fault,) = renew(part)
    assert "no such port" in fault
    assert part.seen[0] == part.seen[1]
    assert "came forward" not in part.deeds


@pytest.mark.slow
def test_a_version_that_dies_at_once_is_no_successor_of_one_that_cannot_be_asked(
    tmp_path: Path,
) -> None:
    """Such a part counts as ready as soon as it runs, and has to live for a while besides."""

    class Unasked(Renewable):
        def ready(self) -> bool:
            return self.poll() is None

    part = Unasked("publisher", tmp_path)
    part.renewal, part.probation_s, part.new_program = "beside", WAIT_S, FAILING
    (fault,) = renew(part)
    assert fault.startswith("publisher ended with status 3: no such port")
    assert part.seen[0] == part.seen[1]


def test_a_version_that_runs_and_does_not_work_does_not_replace_the_one_before(
    tmp_path: Path,
) -> None:
    """It is ready as soon as it runs, since nobody posts through it; that is not enough here."""

    class Idle(Renewable):
        renewal: Renewal = "beside"

        def takes_over(self) -> bool:
            return False

        def successor(self) -> Renewable:
            fresh = super().successor()
            fresh.ready_wait_s = 0.2
            return fresh

    part = Idle("publisher", tmp_path)
    assert renew(part) == ["the new publisher is not ready in time; see its log"]
    assert part.seen[0] == part.seen[1]


def test_a_version_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    class Impatient(Renewable):
        renewal: Renewal = "beside"

        def successor(self) -> Renewable:
            fresh = super().successor()
            fresh.ready_wait_s = 0.2
            return fresh

    part = Impatient("renderer-1", tmp_path)
    part.new_program = NEVER_READY
    assert renew(part) == ["the new renderer-1 is not ready in time; see its log"]
    assert part.seen[0] == part.seen[1]


@pytest.mark.slow
def test_others_that_die_during_a_renewal_are_brought_back(tmp_path: Path) -> None:
    lines: list[str] = []
    other = StandIn("valkey", tmp_path)

    class Long(Renewable):
        def ready(self) -> bool:
            """Its successor waits until the other part, which it kills, is back."""
            if self.mark.suffix == ".new" and not lines and other.pid:
                os.kill(other.pid, signal.SIGKILL)
                return not eventually(lambda: other.poll() is not None)
            return super().ready() and (self.mark.suffix != ".new" or "is back" in str(lines))

    part = Long("renderer-1", tmp_path)
    part.renewal = "beside"
    assert renew(part, other, lines=lines) == []
    assert [line.split(" after ")[0] for line in lines] == [
        "valkey was killed by SIGKILL; starting it again now",
        "valkey is back",
    ]


def test_a_signal_during_a_renewal_stops_the_old_one_and_the_new_one(tmp_path: Path) -> None:
    pids: list[int] = []

    class Interrupted(Renewable):
        def ready(self) -> bool:
            if self.mark.suffix != ".new":
                return super().ready()
            assert self.pid
            pids.append(self.pid)
            os.kill(os.getpid(), signal.SIGTERM)
            return False

    part = Interrupted("renderer-1", tmp_path)
    part.renewal = "beside"
    with Supervisor(lambda _line: None) as supervisor:
        supervisor.start([part])
        assert part.pid
        pids.append(part.pid)
        os.kill(os.getpid(), RENEW_SIGNAL)
        supervisor.watch(on_renewal=lambda: supervisor.renew(part))
        pytest.fail("it should have been left")
    assert len(set(pids)) == 2
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize(
    ("served_s", "delays_s"),
    [
        pytest.param([0, 0, 0, 0], [0, 0.2, 0.4, 0.8], id="doubles after the first"),
        pytest.param([0] * 9, [0, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10], id="has an end"),
        pytest.param([4, 4, 4], [0, 0.2, 0.4], id="a few seconds are not enough"),
        pytest.param([0, 0, 5, 0], [0, 0.2, 0, 0.2], id="a part that has served is forgiven"),
        pytest.param([14] * 9, [0] * 9, id="what is killed now and then is no part that dies"),
    ],
)
def test_backoff(served_s: list[float], delays_s: list[float]) -> None:
    backoff = Backoff()
    assert [backoff.delay_s(one_s) for one_s in served_s] == pytest.approx(delays_s)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "second"),
    [
        pytest.param(SLEEPER, "now", id="served before its second death"),
        pytest.param(NEVER_READY, "in 0.2 s", id="was never ready again"),
    ],
)
def test_time_before_a_part_is_ready_does_not_count_as_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, second: str
) -> None:
    """A server that dies while it recovers may have lived for long, and is no use."""
    monkeypatch.setattr("deploy.supervisor.Backoff", partial(Backoff, forgiven_after_s=1e-9))
    lines: list[str] = []
    part = StandIn("postgres", tmp_path)

    def deaths() -> list[str]:
        return [line.rpartition("again ")[2] for line in lines if "starting" in line]

    def has_died_twice() -> bool:
        is_in_its_second_life = len(deaths()) == 1 and part.poll() is None
        if is_in_its_second_life and (part.program == NEVER_READY or "is back" in lines[-1]):
            part.send(signal.SIGKILL)
        return len(deaths()) == 2

    with Supervisor(lines.append) as supervisor:
        supervisor.start([part])
        assert part.pid
        os.kill(part.pid, signal.SIGKILL)
        part.program = program
        supervisor.watch(until(has_died_twice))
    assert deaths() == ["now", second]
