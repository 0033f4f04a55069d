"""Starts services in order, starts those again that die, stops all in reverse order.

    with Supervisor(say) as supervisor:
        supervisor.start([postgres, valkey])    # together, and waits until both are ready
        supervisor.start([writer, nginx])
        supervisor.watch()                      # until SIGINT, SIGTERM or SIGHUP

`watch` calls back when RENEW_SIGNAL comes, and `renew` brings one part to the version that lies on
the disk: a rolling restart is a loop over the parts.

Leaving the block, however it is left, stops everything. One thread, the main one: signals
arrive there, and a child's leash is held by the thread that started it.
"""

from __future__ import annotations

import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self

from deploy.embedded.service import (
    READY_POLL_S,
    Service,
    ServiceFailed,
    children_of,
    describe_exit,
)

TICK_S = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: None that a terminal or nohup sends.
RENEW_SIGNAL = signal.SIGUSR2
RENEWAL_POLL_S = 0.05


class StopAsked(Exception):
    """A signal asked for the end while something was being started."""


@dataclass
class Backoff:
    """How long to wait before the next start of a part that keeps dying.

    Only time in which it was of use counts for a part: what dies again and again while it starts,
    or soon after, is started ever less often, however long its starts take. Whoever has served for
    longer was killed by something else, and is missed: a start each five seconds, at a second of
    CPU, is what a machine can bear.
    """

    first_s: float = 0.2
    most_s: float = 10.0
    forgiven_after_s: float = 5.0
    _next_s: float = 0.0

    def delay_s(self, served_s: float) -> float:
        """Nothing for the first death, then doubling; a part that has served is forgiven.

        `served_s`: from when it was ready to its death; 0 if it never was.
        """
        if served_s >= self.forgiven_after_s:
            self._next_s = 0.0
        delay = self._next_s
        self._next_s = min(max(self.first_s, 2 * delay), self.most_s)
        return delay


class _Watched:
    """A service, since when it is ready, and when it will be started."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.backoff = Backoff()
        #: Set once it has been seen to be ready since its last start.
        self.ready_at: float | None = None
        #: Set while it is dead and waits for its next start.
        self.start_at: float | None = None
        #: Set from its death until it is ready again.
        self.died_at: float | None = None
        #: Not to be brought back: it is being stopped on purpose.
        self.is_left_alone = False

    def hand_over_to(self, successor: Service) -> None:
        """`successor` has been started already, and is ready."""
        self.service = successor
        self.backoff = Backoff()
        self.ready_at = time.monotonic()
        self.start_at = self.died_at = None

    def start(self) -> None:
        self.start_at = self.ready_at = None
        self.service.start()


class Supervisor:
    """See the module. `say` gets one line at a time, for the operator."""

    def __init__(
        self, say: Callable[[str], None], on_change: Callable[[list[Service]], None] | None = None
    ) -> None:
        self._say = say
        self._on_change = on_change or (lambda _services: None)
        self._watched: list[_Watched] = []
        self._stop_asked = False
        self._renewal_asked = False
        self._each_tick: Callable[[], None] = lambda: None
        self._next_tick = 0.0
        self._wake_up, self._wakened = socket.socketpair()
        self._old_handlers: dict[int, object] = {}

    def __enter__(self) -> Self:
        """Take over the signals."""
        for end in (self._wake_up, self._wakened):
            end.setblocking(False)
        self._old_wakeup_fd = signal.set_wakeup_fd(
            self._wake_up.fileno(), warn_on_full_buffer=False
        )
        for number in STOP_SIGNALS:
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started with nohup: to outlive its terminal is the wish
            self._old_handlers[number] = signal.signal(number, self._ask_to_stop)
        self._old_handlers[RENEW_SIGNAL] = signal.signal(RENEW_SIGNAL, self._ask_to_renew)
        # Without a handler of Python's the end of a child would not wake us.
        self._old_handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Stop everything, give the signals back; StopAsked has served its purpose."""
        try:
            self.stop()
        finally:
            for number, handler in self._old_handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]
            signal.set_wakeup_fd(self._old_wakeup_fd)
            self._wake_up.close()
            self._wakened.close()
        return kind is StopAsked

    def start(self, stage: Sequence[Service]) -> None:
        """Start these together and wait until each is ready.

        Raises:
            ServiceFailed: one of them can't be started; the others may be running.
            StopAsked: a signal came meanwhile.
        """
        for service in stage:
            watched = _Watched(service)
            watched.start()
            self._watched.append(watched)
            self._on_change(self.services)
        deadline = time.monotonic() + max((service.ready_wait_s for service in stage), default=0.0)
        for service in stage:
            self.wait_for(service.ready, service.name, deadline, [service])

    def wait_for(
        self,
        condition: Callable[[], bool],
        what: str,
        deadline: float,
        needed: Sequence[Service] | None = None,
    ) -> None:
        """Poll until `condition` holds; every service in `needed` (all of them) has to live.

        Raises:
            ServiceFailed: not so by `deadline` (of time.monotonic), or a needed one has died.
            StopAsked: a signal came meanwhile.
        """
        while not condition():
            for service in self.services if needed is None else needed:
                service.check_alive()
            if time.monotonic() > deadline:
                raise ServiceFailed(f"{what} is not ready in time; the logs say why")
            self._sleep(READY_POLL_S)
            self.heed_signals()

    def heed_signals(self) -> None:
        """Raises StopAsked if a signal asked for the end."""
        if self._stop_asked:
            raise StopAsked

    def watch(
        self,
        each_tick: Callable[[], None] = lambda: None,
        on_renewal: Callable[[], None] = lambda: None,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Keep all running until a signal asks for the end, or something else has come true.

        `each_tick` is called about once a second, `on_renewal` after RENEW_SIGNAL.
        """
        self._each_tick, self._next_tick = each_tick, time.monotonic()
        while not self._stop_asked and not until():
            if self._renewal_asked:
                self._renewal_asked = False
                on_renewal()
            self._look_after_all()
            self._sleep(self._pause_s())

    def renew(self, service: Service) -> None:
        """Bring a part to the version that lies on the disk; the others are looked after meanwhile.

        Raises:
            ServiceFailed: it did not work. The version of before goes on running where that is
                possible; where it is not, the new one is started until it works.
            StopAsked: a signal came meanwhile.
        """
        watched = next(one for one in self._watched if one.service is service)
        try:
            if service.renewal == "in place":
                self._renew_in_place(watched)
            elif service.renewal == "beside":
                self._renew_beside(watched)
            elif service.renewal == "after":
                self._renew_after(watched)
        except OSError as ex:
            raise ServiceFailed(f"{service.name} can't be started ({ex})") from ex

    def dismiss(self, service: Service) -> None:
        """Stop one for good."""
        service.stop()
        self._watched = [one for one in self._watched if one.service is not service]

    def stop(self) -> None:
        """Stop all, the last one first, each within its time."""
        while self._watched:
            self._watched[-1].service.stop()
            self._watched.pop()

    @property
    def services(self) -> list[Service]:
        """In the order in which they were started."""
        return [watched.service for watched in self._watched]

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked = True

    def _ask_to_renew(self, _number: int, _frame: FrameType | None) -> None:
        self._renewal_asked = True

    def _renew_in_place(self, watched: _Watched) -> None:
        service = watched.service
        before = children_of(service.pid)
        service.send(service.renew_signal)
        self._await_new(service, lambda: service.is_renewed(before), service.renew_wait_s)

    def _renew_beside(self, watched: _Watched) -> None:
        predecessor = watched.service
        successor = predecessor.successor()
        successor.start()
        try:
            self._await_new(
                successor, successor.takes_over, successor.ready_wait_s, successor.probation_s
            )
        except BaseException:
            successor.kill()
            raise
        successor.come_forward()
        watched.hand_over_to(successor)
        self._on_change(self.services)
        self._retire(predecessor)

    def _renew_after(self, watched: _Watched) -> None:
        service = watched.service
        watched.is_left_alone = True
        try:
            self._retire(service)
            watched.start()
            self._await_new(service, service.ready, service.ready_wait_s, service.probation_s)
        finally:
            watched.is_left_alone = False
            self._on_change(self.services)

    def _await_new(
        self,
        service: Service,
        condition: Callable[[], bool],
        wait_s: float,
        probation_s: float = 0.0,
    ) -> None:
        """Wait until `condition` holds, not before `probation_s` are over.

        Raises:
            ServiceFailed: not so after `wait_s`, or it has died and nobody will bring it back.
            StopAsked: a signal came meanwhile.
        """
        began = time.monotonic()
        while time.monotonic() < began + probation_s or not condition():
            if not any(one.service is service and not one.is_left_alone for one in self._watched):
                service.check_alive()
            if time.monotonic() > began + wait_s:
                raise ServiceFailed(f"the new {service.name} is not ready in time; see its log")
            self._attend()

    def _retire(self, service: Service) -> None:
        """Stop it, letting it end what it is at, within its time."""
        deadline = time.monotonic() + service.retire_wait_s
        service.send(service.stop_signal)
        try:
            while service.poll() is None and time.monotonic() < deadline:
                self._attend()
        finally:
            service.kill()

    def _attend(self) -> None:
        """What `watch` does, once, while a renewal waits for something."""
        self._look_after_all()
        self._sleep(RENEWAL_POLL_S)
        self.heed_signals()

    def _look_after_all(self) -> None:
        for watched in self._watched:
            if not watched.is_left_alone:
                self._look_after(watched)
        if time.monotonic() >= self._next_tick:
            self._each_tick()
            self._next_tick = time.monotonic() + TICK_S

    def _look_after(self, watched: _Watched) -> None:
        now = time.monotonic()
        if watched.start_at is None:
            status = watched.service.poll()
            if status is None:
                self._note_if_ready(watched, now)
                return
            self._mourn(watched, now, describe_exit(status))
        if watched.start_at is not None and now >= watched.start_at:
            self._start_again(watched)

    def _mourn(self, watched: _Watched, now: float, how: str) -> None:
        watched.service.kill()  # what a dead parent has left behind would hold its port or files
        served_s = 0.0 if watched.ready_at is None else now - watched.ready_at
        delay_s = watched.backoff.delay_s(served_s)
        watched.ready_at = None
        watched.start_at = now + delay_s
        watched.died_at = watched.died_at or now
        when = f"in {delay_s:.1f} s" if delay_s else "now"
        self._say(f"{watched.service.name} {how}; starting it again {when}")

    def _start_again(self, watched: _Watched) -> None:
        try:
            watched.start()
        except (ServiceFailed, OSError) as ex:
            self._mourn(watched, time.monotonic(), f"can't be started ({ex})")
        self._on_change(self.services)

    def _note_if_ready(self, watched: _Watched, now: float) -> None:
        if watched.ready_at is not None or not watched.service.ready():
            return
        watched.ready_at = now
        if watched.died_at is not None:
            self._say(f"{watched.service.name} is back after {now - watched.died_at:.1f} s")
            watched.died_at = None

    def _pause_s(self) -> float:
        """Until the next tick, the next start, or the next look at one that is coming back."""
        moments = [self._next_tick]
        moments += [one.start_at for one in self._watched if one.start_at is not None]
        pause_s = max(0.0, min(moments) - time.monotonic())
        is_coming_back = any(one.died_at and one.start_at is None for one in self._watched)
        return min(pause_s, 0.05) if is_coming_back else pause_s

    def _sleep(self, wait_s: float) -> None:
        """Sleep; a signal, the end of a child being one, ends it early."""
        if select.select([self._wakened], [], [], wait_s)[0]:
            self._wakened.recv(4096)
