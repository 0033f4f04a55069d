"""What a dashboard of ours is, and how Grafana reads it.

A page begins with what is wrong now, then has the numbers, then the graphs, then the log. An
alert leads to the panel that shows its figure, and the panel to what the runbook says of the alert.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]

#: That of monitoring/grafana/provisioning/datasources/.
SOURCE = {"type": "prometheus", "uid": "prometheus"}
LOGS = {"type": "loki", "uid": "loki"}

#: Of Grafana's grid.
COLUMNS = 24
#: What may be chosen above a page: {variable: (its name there, where its values are from)}.
VARIABLES = {
    "part": ("Part", 'label_values(up{program!=""}, program)'),
    "board": ("Board", "label_values(stillboard_board_unsettled_seconds, board)"),
}
RUNBOOK = "runbook"


class Size(NamedTuple):
    """Of a panel, on the grid."""

    wide: int
    high: int


BANNER, NUMBER, GRAPH, LOG = Size(COLUMNS, 5), Size(6, 4), Size(8, 8), Size(COLUMNS, 8)
SECTION = Size(12, 9)


class Panel(NamedTuple):
    """One graph: `lines` are {legend: query}, `unit` is one of Grafana's.

    In a query `$part` and `$board` stand for what was chosen above.
    """

    title: str
    unit: str
    lines: dict[str, str]
    #: Where it is coloured as an alarm; that of the alert that watches it.
    alarm_at: float | None = None
    #: Coloured so below it, where little is bad.
    alarm_below: float | None = None
    #: Shown as what it is now, not as a graph.
    is_number: bool = False
    #: Alerts that lead here, and of which this leads to the runbook.
    alerts: tuple[str, ...] = ()


class Dashboard(NamedTuple):
    """One page."""

    name: str
    title: str
    #: What is wrong now.
    first: Panel
    panels: tuple[Panel, ...]
    #: Which lines of Loki are shown at its end; None: none.
    logs: str | None = None

    @property
    def all_panels(self) -> tuple[Panel, ...]:
        return (self.first, *self.panels)


def address(dashboard: str, panel: str) -> str:
    """Below Grafana's own: where the panel of that title is shown alone."""
    return f"/d/stillboard-{dashboard}?viewPanel={_number_of(panel)}"


def _number_of(title: str) -> int:
    """The same wherever it stands on its page: alerts name it."""
    return zlib.crc32(title.encode()) % 10**6


def as_grafana_reads_it(dashboard: Dashboard) -> Json:
    """https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
    (read 2026-11-24).
    """
    numbers = [panel for panel in dashboard.panels if panel.is_number]
    graphs = [panel for panel in dashboard.panels if not panel.is_number]
    rows: list[tuple[Size, Sequence[Json]]] = [
        (BANNER, [_drawn(dashboard.first)]),
        (NUMBER, [_drawn(panel) for panel in numbers]),
        (GRAPH, [_drawn(panel) for panel in graphs]),
    ]
    if dashboard.logs is not None:
        rows.append((LOG, [_log(dashboard.logs)]))
    asked = {name for panel in dashboard.all_panels for name in _variables_of(panel)}
    return _page(dashboard.name, dashboard.title, rows) | {
        "templating": {"list": [_variable(name) for name in VARIABLES if name in asked]}
    }


def runbook(sections: Mapping[str, str]) -> Json:
    """{alert: what to do} as a page, a panel each, so that a panel's link leads there."""
    texts = [
        _base("text", alert) | {"options": {"mode": "markdown", "content": text}}
        for alert, text in sections.items()
    ]
    return _page(RUNBOOK, "What to do", [(SECTION, texts)])


def _page(name: str, title: str, rows: list[tuple[Size, Sequence[Json]]]) -> Json:
    return {
        "uid": f"stillboard-{name}",
        "title": f"Stillboard: {title}",
        "tags": ["stillboard"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "links": [
            {
                "type": "dashboards",
                "title": "Stillboard",
                "tags": ["stillboard"],
                "asDropdown": False,
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "panels": list(_placed(rows)),
    }


def _placed(rows: list[tuple[Size, Sequence[Json]]]) -> Iterator[Json]:
    """Panels of one size beside each other, each size below the one before."""
    top = 0
    for size, panels in rows:
        across = COLUMNS // size.wide
        for place, panel in enumerate(panels):
            row, column = divmod(place, across)
            at = {"x": column * size.wide, "y": top + row * size.high}
            yield panel | {"gridPos": at | {"w": size.wide, "h": size.high}}
        top += -(-len(panels) // across) * size.high


def _variables_of(panel: Panel) -> set[str]:
    asked = {name for query in panel.lines.values() for name in re.findall(r"\$([a-z]+)\b", query)}
    assert asked <= VARIABLES.keys(), f"{panel.title}: {asked}"
    return asked


def _variable(name: str) -> Json:
    label, query = VARIABLES[name]
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,  # when the time is changed: a board may be new
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _base(kind: str, title: str) -> Json:
    return {"id": _number_of(title), "type": kind, "title": title}


def _log(lines: str) -> Json:
    return _base("logs", "Log") | {
        "datasource": LOGS,
        "targets": [{"refId": "A", "datasource": LOGS, "expr": lines}],
    }


def _drawn(panel: Panel) -> Json:
    return _base("stat" if panel.is_number else "timeseries", panel.title) | {
        "datasource": SOURCE,
        "links": [
            {"title": f"{alert}: what to do", "url": address(RUNBOOK, alert)}
            for alert in panel.alerts
        ],
        **(_as_number(panel) if panel.is_number else _as_graph(panel)),
    }


def _steps(panel: Panel) -> list[Json]:
    """Colours from a value on."""
    if panel.alarm_below is not None:
        return [{"color": "red", "value": None}, {"color": "green", "value": panel.alarm_below}]
    steps: list[Json] = [{"color": "green", "value": None}]
    if panel.alarm_at is not None:
        steps.append({"color": "red", "value": panel.alarm_at})
    return steps


def _as_graph(panel: Panel) -> Json:
    steps = _steps(panel)
    return {
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": "dashed" if len(steps) > 1 else "off"}},
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": _targets(panel),
    }


def _as_number(panel: Panel) -> Json:
    return {
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "noValue": "nothing",
                "thresholds": {"mode": "absolute", "steps": _steps(panel)},
            },
            "overrides": [],
        },
        "options": {
            "colorMode": "background",
            "graphMode": "none",
            "textMode": "value_and_name",
            "reduceOptions": {"calcs": ["lastNotNull"]},
        },
        "targets": [target | {"instant": True} for target in _targets(panel)],
    }


def _targets(panel: Panel) -> list[Json]:
    return [
        {
            "refId": chr(ord("A") + place),
            "datasource": SOURCE,
            "expr": query,
            "legendFormat": legend,
        }
        for place, (legend, query) in enumerate(panel.lines.items())
    ]
