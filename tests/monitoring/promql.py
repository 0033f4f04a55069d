"""Which metrics and labels a query of Prometheus speaks of."""

from __future__ import annotations

import re
from typing import NamedTuple

_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_WORD = re.compile(r"(?<![\w.:$])([a-zA-Z_:][\w:]*)\b(?!\s*\()")
_OPERATORS = {"and", "or", "unless", "bool", "offset", "by", "on", "without", "ignoring"}


class Spoken(NamedTuple):
    """What a query names."""

    #: {metric: labels that are asked of it}
    metrics: dict[str, set[str]]
    #: Labels by which results are grouped or matched.
    grouped_by: set[str]


def spoken_of(query: str) -> Spoken:
    """'sum by (a) (rate(x_total{b="1"}[5m]))' -> ({'x_total': {'b'}}, {'a'})."""
    metrics: dict[str, set[str]] = {}
    for name, body in _SELECTOR.findall(query):
        labels = _LABEL.findall(re.sub(r'"[^"]*"', '""', body))
        metrics.setdefault(name, set()).update(labels)
    rest = _SELECTOR.sub(" ", query)
    rest = re.sub(r'"[^"]*"|\[[^\]]*\]', " ", rest)
    grouped_by = {
        label.strip() for labels in _GROUPING.findall(rest) for label in labels.split(",")
    } - {""}
    for name in _WORD.findall(_GROUPING.sub(" ", rest)):
        if name not in _OPERATORS:
            metrics.setdefault(name, set())
    return Spoken(metrics, grouped_by)
