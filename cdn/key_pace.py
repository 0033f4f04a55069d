"""When a key may be written again.

R2 takes one write a second for one key and answers 429 to more
(https://developers.cloudflare.com/r2/platform/limits, read 2026-11-24).
"""

from __future__ import annotations

#: A little more than R2's second: two requests don't travel equally long.
INTERVAL_S = 1.1


class KeyPace:
    """The clock of each key that was written lately; times are of one monotonic clock, in seconds.

    A key that has not been written for `interval_s` may be written at once: after a quiet time
    nothing waits. Holds only keys that still have to wait. For one thread.
    """

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        self.interval_s = interval_s
        self._free_at_s: dict[str, float] = {}

    def wait_s(self, key: str, now_s: float) -> float:
        """How long from now until `key` may be written; 0: now."""
        return max(0.0, self._free_at_s.get(key, now_s) - now_s)

    def wrote(self, key: str, now_s: float) -> None:
        """A write of `key` has ended now, whatever came of it.

        From its end, since a store counts a write from the moment it arrives, which is not
        before it was sent and not after it was answered.
        """
        self.hold(key, now_s, self.interval_s)

    def hold(self, key: str, now_s: float, wait_s: float) -> None:
        """`key` waits this long at least: what a 429 asks for."""
        self._forget_the_free(now_s)
        self._free_at_s[key] = max(self._free_at_s.get(key, 0.0), now_s + wait_s)

    def next_free_s(self, now_s: float) -> float | None:
        """How long until some waiting key is free; None: none waits."""
        self._forget_the_free(now_s)
        waits = [free_at_s - now_s for free_at_s in self._free_at_s.values()]
        return min(waits, default=None)

    def _forget_the_free(self, now_s: float) -> None:
        free = [key for key, free_at_s in self._free_at_s.items() if free_at_s <= now_s]
        for key in free:
            del self._free_at_s[key]
