"""Figures that several processes of one part share, though their metrics were made before.

prometheus_client decides when it is loaded whether a metric counts in memory or in a file of the
folder that PROMETHEUS_MULTIPROC_DIR names. gunicorn's workers are to share theirs, and may be
forked from a program that has none to share (deploy/forking.py).
"""

from __future__ import annotations

from prometheus_client import values

from monitoring import metrics


def share() -> None:
    """From here on all metrics count in the folder; what was counted before is forgotten."""
    if values.ValueClass._multiprocess:
        return
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    for row in metrics.ROWS:
        if row.labels:
            row.metric._metrics.clear()
        else:
            row.metric._metric_init()  # type: ignore[no-untyped-call]
