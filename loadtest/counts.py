"""How often each request was made and how long it took, taken out of Locust's statistics.

Locust only ever adds up. What happened in one second, or at one step, is what the later of two
snapshots has more than the earlier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from loadtest.results import Kind, Requests

if TYPE_CHECKING:
    from locust.stats import RequestStats

#: Kind and name. The kind is what Locust calls a request's type.
Snapshot = dict[tuple[str, str], "Counts"]

VISIBLE = "visible"


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests of one name. `times` is {milliseconds, rounded by `round_ms`: how many}."""

    count: int = 0
    failures: int = 0
    bytes: int = 0
    times: Mapping[float, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.count + other.count,
            self.failures + other.failures,
            self.bytes + other.bytes,
            Counter(self.times) + Counter(other.times),
        )

    def __sub__(self, earlier: Counts) -> Counts:
        return Counts(
            self.count - earlier.count,
            self.failures - earlier.failures,
            self.bytes - earlier.bytes,
            {
                ms: more
                for ms, count in self.times.items()
                if (more := count - earlier.times.get(ms, 0))
            },
        )

    def percentile_ms(self, share: float) -> float:
        """The least time within which `share` (0 to 1) of the requests came; 0.0 of none."""
        left = share * sum(self.times.values())
        for ms in sorted(self.times):
            left -= self.times[ms]
            if left <= 0:
                return ms
        return 0.0

    @property
    def max_ms(self) -> float:
        return max(self.times, default=0.0)


def round_ms(ms: float) -> float:
    """To three significant digits: 12.345 -> 12.3. Takes the place of Locust's two."""
    return float(f"{ms:.3g}")


def snapshot(stats: RequestStats) -> Snapshot:
    """All that has been counted so far, copied."""
    return {
        (entry.method, entry.name): Counts(
            entry.num_requests,
            entry.num_failures,
            entry.total_content_length,
            dict(cast(Mapping[float, int], entry.response_times)),
        )
        for entry in stats.entries.values()
    }


def between(earlier: Snapshot, later: Snapshot) -> Snapshot:
    """What the later one has more."""
    return {key: counts - earlier.get(key, Counts()) for key, counts in later.items()}


def total(counts: Iterable[Counts]) -> Counts:
    """All in one."""
    return sum(counts, Counts())


def of_kind(counts: Snapshot, kind: str) -> Counts:
    """All names of one kind in one."""
    return total(each for (its_kind, _), each in counts.items() if its_kind == kind)


def of_requests(counts: Snapshot) -> Counts:
    """Everything that was asked of the board, so without waiting for posts to become visible."""
    return total(each for (kind, _), each in counts.items() if kind != VISIBLE)


def rows(counts: Snapshot) -> list[Requests]:
    """As a Run holds them, by kind and name."""
    return [
        Requests(
            name=name,
            kind=cast(Kind, kind),
            count=each.count,
            failures=each.failures,
            p50_ms=each.percentile_ms(0.5),
            p95_ms=each.percentile_ms(0.95),
            p99_ms=each.percentile_ms(0.99),
            max_ms=each.max_ms,
            bytes=each.bytes,
        )
        for (kind, name), each in sorted(counts.items())
        if each.count
    ]


def histograms(counts: Snapshot) -> dict[str, list[tuple[float, int]]]:
    """{name: [(milliseconds, how many)]}, rising."""
    return {name: sorted(each.times.items()) for (_, name), each in counts.items() if each.times}
