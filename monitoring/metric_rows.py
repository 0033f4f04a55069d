"""What a row of metrics.py is: all that is to be known of one metric, and the metric itself.

docs/metrics.md, and what each part shows, are made from the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

# When each counter began would be one more series for each, of no use to any query of ours.
disable_created_metrics()  # type: ignore[no-untyped-call]

#: A program that shows metrics.
Part = Literal["writer", "developer", "courier", "renderer", "publisher", "catch_up"]
#: What becomes of the figures of several processes, gunicorn's workers, together.
Together = Literal["livesum", "livemax", "livemin"]

_NO_LABELS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Row:
    """One metric, as docs/metrics.md tells it."""

    metric: MetricWrapperBase
    #: As Prometheus shows it: a counter ends in _total, a histogram has _bucket … below its name.
    name: str
    kind: Literal["counter", "gauge", "histogram"]
    sentence: str
    #: {label: what values it has and what they mean}; those in backticks are all that there are.
    labels: Mapping[str, str]
    shown_by: Sequence[Part]
    buckets: Sequence[float] = ()

    def __post_init__(self) -> None:
        assert self.shown_by, f"{self.name} is shown by nobody"


class Rows(list[Row]):
    """The metrics of a program, in the order of the docs. Each is made by the row that tells it.

    A name that another row has raises ValueError.
    """

    def counter(
        self,
        name: str,
        sentence: str,
        *,
        shown_by: Sequence[Part],
        labels: Mapping[str, str] = _NO_LABELS,
    ) -> Counter:
        metric = Counter(name, sentence, list(labels))
        self.append(Row(metric, name, "counter", sentence, labels, shown_by))
        return metric

    def gauge(
        self,
        name: str,
        sentence: str,
        *,
        shown_by: Sequence[Part],
        labels: Mapping[str, str] = _NO_LABELS,
        together: Together | Literal["all"] = "all",
    ) -> Gauge:
        metric = Gauge(name, sentence, list(labels), multiprocess_mode=together)
        self.append(Row(metric, name, "gauge", sentence, labels, shown_by))
        return metric

    def histogram(
        self,
        name: str,
        sentence: str,
        *,
        shown_by: Sequence[Part],
        buckets: Sequence[float],
        labels: Mapping[str, str] = _NO_LABELS,
    ) -> Histogram:
        metric = Histogram(name, sentence, list(labels), buckets=buckets)
        self.append(Row(metric, name, "histogram", sentence, labels, shown_by, buckets))
        return metric

    def shown_by(self, part: Part) -> list[MetricWrapperBase]:
        """What `part` shows."""
        return [row.metric for row in self if part in row.shown_by]
