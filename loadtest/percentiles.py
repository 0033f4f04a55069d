"""Percentiles of a list of times."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def percentiles_ms(seconds: Sequence[float]) -> dict[str, float]:
    """{'p50': …, 'p95': …, 'p99': …} in milliseconds, of two times or more."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        name: round(cuts[cut - 1] * 1000, 2)
        for name, cut in (("p50", 50), ("p95", 95), ("p99", 99))
    }
