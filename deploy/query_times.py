"""How long PostgreSQL's answers took, as the running parts tell it at their metrics' addresses."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families

_NAME = "stillboard_query_seconds"
_ANSWER_WAIT_S = 2.0


@dataclass
class QueryTimes:
    """Since the parts began; what came between two of them is what happened meanwhile."""

    seconds: float = 0.0
    queries: float = 0.0
    #: {upper bound in s: queries that took no longer}
    buckets: dict[float, float] = field(default_factory=dict)

    def add(self, told: str) -> None:
        """What one part tells, in Prometheus' text format."""
        for family in text_string_to_metric_families(told):
            for sample in family.samples if family.name == _NAME else ():
                if sample.name.endswith("_sum"):
                    self.seconds += sample.value
                elif sample.name.endswith("_count"):
                    self.queries += sample.value
                elif sample.name.endswith("_bucket"):
                    bound = float(sample.labels["le"])
                    self.buckets[bound] = self.buckets.get(bound, 0.0) + sample.value

    def since(self, before: QueryTimes) -> QueryTimes:
        buckets = {le: n - before.buckets.get(le, 0.0) for le, n in self.buckets.items()}
        return QueryTimes(self.seconds - before.seconds, self.queries - before.queries, buckets)

    def mean_ms(self) -> float:
        """Of one query or more."""
        return 1000 * self.seconds / self.queries

    def quantile_ms(self, share: float) -> float:
        """As Prometheus' histogram_quantile: straight lines between the bounds.

        Above the last bound it is that bound.
        """
        wanted = share * self.queries
        bounds = sorted(self.buckets)
        for low, high in pairwise([0.0, *bounds]):
            below, upto = self.buckets[low] if low else 0.0, self.buckets[high]
            if upto >= wanted and upto > below:
                if high == float("inf"):
                    return 1000 * low
                return 1000 * (low + (high - low) * (wanted - below) / (upto - below))
        return 0.0


def told_by(addresses: Iterable[str]) -> QueryTimes:
    """The sum of what the parts at these addresses ('127.0.0.1:9400') tell.

    Raises:
        OSError: one does not answer.
    """
    times = QueryTimes()
    for address in addresses:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=_ANSWER_WAIT_S) as answer:
            times.add(answer.read().decode())
    return times
