"""The table of docs/metrics.md, made from the rows of the metrics."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.metric_rows import Row
from tests.house_rules.tables import as_table, code


def of_metrics(rows: Sequence[Row]) -> str:
    return as_table(
        ("name", "kind", "labels", "shown by", "what it counts"),
        [
            (
                code(row.name),
                row.kind + (f", {_span(row.buckets)}" if row.buckets else ""),
                "; ".join(f"{code(label)}: {meaning}" for label, meaning in row.labels.items()),
                ", ".join(row.shown_by).replace("_", "-"),
                row.sentence,
            )
            for row in rows
        ],
    )


def _span(buckets: Sequence[float]) -> str:
    """'0.001 to 15'"""
    return f"{buckets[0]:g} to {buckets[-1]:g}"
