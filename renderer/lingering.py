"""What wakes a render worker that stays at a board which it has drawn, and sends it away.

PERF: a job costs milliseconds at both ends, as much as the post that it is made for. So a worker
stays where changes keep coming, and goes when somebody else wants the board or the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import redis

from imageboard.queue.holders import Line
from renderer.visits import Passing, Woken

#: After the last change.
LINGERS_S = 2.0
#: A job ends after so long, and another goes on: RQ ends those that take ten minutes.
STAYS_S_MAX = 60.0
#: How often it is looked for somebody who waits for the board's lock: `rerender`, a proof.
LOOKED_FOR_OTHERS_EVERY_S = 0.25


@dataclass
class Lingering(Passing):
    """Stays for a while, with an open line."""

    line: Line = field(kw_only=True)
    #: Does a small part of what is called for beside boards, if it is; whether more is left.
    help_out: Callable[[], bool] = lambda: False
    is_told_to_stop: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = time.monotonic
    lingers = True
    _since_s: float = field(init=False)
    _told_s: float = field(init=False)
    _looked_s: float = float("-inf")
    _has_helped: bool = False

    def __post_init__(self) -> None:
        self._since_s = self._told_s = self.clock()

    def listen(self) -> bool:
        with suppress(redis.RedisError):  # the next wait finds out
            if self.line.wait(0.0):
                self._told_s = self.clock()
        lists_too, self.line.lists_too = self.line.lists_too, False
        return lists_too

    def gives_way(self, is_wanted: Callable[[], bool]) -> bool:
        if self.line.has_calls:
            self.line.has_calls = self._has_helped = self.help_out()
            if self.others_wait():
                return True
        now_s = self.clock()
        if now_s - self._since_s > STAYS_S_MAX:
            return True
        if now_s - self._looked_s < LOOKED_FOR_OTHERS_EVERY_S:
            return False
        self._looked_s = now_s
        return is_wanted()

    def wait(self, due_s: float, is_wanted: Callable[[], bool]) -> Woken:
        try:
            while True:
                now_s = self.clock()
                if self.is_told_to_stop():
                    return "go"
                # What came for the board itself goes before the next part of something else.
                was_helping, self._has_helped = self._has_helped, False
                if was_helping and self.line.wait(0.0):
                    self._told_s = now_s
                    return "look"
                if self.gives_way(is_wanted):
                    return "give way"
                if now_s >= due_s:
                    return "look"
                if due_s == float("inf") and now_s - self._told_s > LINGERS_S:
                    return "go"
                if self.line.has_calls:
                    continue
                if self.line.wait(min(due_s - now_s, LOOKED_FOR_OTHERS_EVERY_S)):
                    self._told_s = now_s
                    return "look"
        except redis.RedisError:
            return "go"

    def leave(self) -> None:
        with suppress(redis.RedisError):  # then nobody can be told, either
            self.line.leave()
