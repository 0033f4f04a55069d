"""Grafana's dashboards, from one table of panels: `python -m monitoring.dashboards` writes them.

One module, so that the same figure is asked for in the same words everywhere and the JSON, which
nobody reads, is never edited by hand. tests/monitoring/ asks a running board whether every metric
that is named here exists, and whether the files are those that this module writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent / "grafana" / "dashboards"
#: That of monitoring/grafana/provisioning/datasources/.
SOURCE = {"type": "prometheus", "uid": "prometheus"}
LOGS = {"type": "loki", "uid": "loki"}

#: Grafana's grid.
WIDTH, HEIGHT, ACROSS = 8, 8, 3


class Panel(NamedTuple):
    """One graph: `lines` are {legend: query}, `unit` is one of Grafana's."""

    title: str
    unit: str
    lines: dict[str, str]
    #: Where the graph is coloured as an alarm; that of the alert that watches it.
    alarm_at: float | None = None
    #: Shown as what it is now, not as a graph.
    is_number: bool = False


class Dashboard(NamedTuple):
    """One page."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    #: Which lines of Loki are shown at its end; None: none.
    logs: str | None = None


def _quantiles(metric: str, by: str = "") -> dict[str, str]:
    """p50, p95 and p99 of a histogram, one line each for every value of the label `by`."""
    name = f" {{{{{by}}}}}" if by else ""
    labels = f"le, {by}" if by else "le"
    return {
        f"p{percent}{name}": f"histogram_quantile({percent / 100}, "
        f"sum by ({labels}) (rate({metric}_bucket[$__rate_interval])))"
        for percent in (50, 95, 99)
    }


def _rate(metric: str, by: str = "") -> str:
    return (
        f"sum by ({by}) (rate({metric}[$__rate_interval]))"
        if by
        else f"sum(rate({metric}[$__rate_interval]))"
    )


BOARD = Dashboard(
    "board",
    "Board",
    (
        Panel(
            "What is wrong now",
            "short",
            {
                "{{alertname}} {{part}} {{board}}": "sum by (alertname, part, board) "
                '(ALERTS{alertstate="firing",alertname!="Watchdog"})'
            },
            alarm_at=1,
            is_number=True,
        ),
        Panel(
            "Parts that answer",
            "short",
            {"{{program}}": 'sum by (program) (up{program!=""})'},
            is_number=True,
        ),
        Panel(
            "Up for",
            "s",
            {"{{program}}": 'time() - min by (program) (process_start_time_seconds{program!=""})'},
        ),
        Panel(
            "Posts a minute",
            "short",
            {"{{kind}}": f"60 * {_rate('stillboard_posts_stored_total', 'kind')}"},
        ),
        Panel(
            "Posts refused a minute",
            "short",
            {"{{error}}": f"60 * {_rate('stillboard_posts_refused_total', 'error')}"},
        ),
        Panel(
            "Captchas a minute",
            "short",
            {"{{how}}": f"60 * {_rate('stillboard_captchas_total', 'how')}"},
        ),
        Panel(
            "From a change to its pages standing",
            "s",
            _quantiles("stillboard_change_to_visible_seconds"),
            alarm_at=1,
        ),
        Panel(
            "Oldest change that no page shows",
            "s",
            {
                "all boards": "max(stillboard_unsettled_seconds)",
                "/{{board}}/": "max by (board) (stillboard_board_unsettled_seconds)",
            },
            alarm_at=5,
        ),
        Panel(
            "Bucket and CDN are behind",
            "s",
            {
                "files": "max(stillboard_cloud_behind_seconds)",
                "takedowns": "max(stillboard_takedown_open_seconds)",
            },
            alarm_at=60,
        ),
        Panel(
            "What waits for staff",
            "short",
            {
                "reports": "max(stillboard_open_reports)",
                "takedowns": "max(stillboard_open_takedowns)",
                "bans in force": "max(stillboard_bans_in_force)",
            },
        ),
        Panel(
            "Failures of parts a minute",
            "short",
            {
                "{{part}}, seen by {{program}}": "60 * "
                + _rate("stillboard_part_failures_total", "part, program")
            },
        ),
        Panel(
            "Disk that is free",
            "bytes",
            {"{{folder}}": "min by (folder) (stillboard_disk_free_bytes)"},
        ),
        Panel(
            "Age of the last good backup",
            "s",
            {
                "{{kind}}": "time() - max by (kind) "
                "(stillboard_backup_last_success_timestamp_seconds)"
            },
        ),
        Panel(
            "The certificate ends in",
            "s",
            {"{{file}}": "stillboard_certificate_end_timestamp_seconds - time()"},
        ),
        Panel(
            "Versions",
            "short",
            {
                "{{version}}, {{schema}}, Python {{python}}": "count by (version, schema, python) "
                "(stillboard_build_info)"
            },
        ),
    ),
    logs='{level=~"error|warning"}',
)

WRITER = Dashboard(
    "writer",
    "Writer",
    (
        Panel(
            "Requests a second",
            "reqps",
            {"{{route}}": _rate("stillboard_request_seconds_count", "route")},
        ),
        Panel(
            "Answers a second",
            "reqps",
            {"{{status}}": _rate("stillboard_responses_total", "status")},
        ),
        Panel(
            "Errors a second (5xx)",
            "reqps",
            {"5xx": _rate('stillboard_responses_total{status=~"5.."}')},
            alarm_at=0.05,
        ),
        Panel(
            "Time of an answer",
            "s",
            _quantiles("stillboard_request_seconds", "route"),
            alarm_at=1.5,
        ),
        Panel(
            "Requests under way",
            "short",
            {
                "under way": "sum(stillboard_running_requests)",
                "threads": "sum(stillboard_max_running_requests)",
            },
        ),
        Panel(
            "Posters who did not see their post at once, a minute",
            "short",
            {"not seen": f"60 * {_rate('stillboard_own_posts_not_seen_total')}"},
        ),
        Panel(
            "Uploads a minute",
            "short",
            {"{{how}}": f"60 * {_rate('stillboard_darkroom_pictures_total', 'how')}"},
        ),
        Panel(
            "Connections to PostgreSQL",
            "short",
            {
                "{{program}} {{state}}": "sum by (program, state) "
                "(stillboard_database_connections)",
                "{{program}} at most": "sum by (program) (stillboard_database_max_connections)",
            },
        ),
        Panel(
            "Requests that wait for a connection",
            "short",
            {"{{program}}": "sum by (program) (stillboard_database_waiting_requests)"},
        ),
        Panel(
            "Memory",
            "bytes",
            {
                "{{program}} {{instance}}": "sum by (program, instance) "
                '(process_resident_memory_bytes{program!=""})'
            },
            alarm_at=400e6,
        ),
        Panel(
            "Processor cores",
            "short",
            {"{{program}}": _rate('process_cpu_seconds_total{program!=""}', "program")},
        ),
        Panel(
            "Open files",
            "short",
            {"{{program}}": 'sum by (program) (process_open_fds{program!=""})'},
        ),
        Panel(
            "nginx: connections",
            "short",
            {"active": "nginx_connections_active", "waiting": "nginx_connections_waiting"},
        ),
        Panel("nginx: requests a second", "reqps", {"all": _rate("nginx_http_requests_total")}),
        Panel(
            "nginx: reads that failed, a second",
            "reqps",
            {
                "5xx": _rate('stillboard_nginx_failures_total{status=~"5..",asked_for!="writer"}'),
                "4xx": _rate('stillboard_nginx_failures_total{status=~"4..",asked_for!="writer"}'),
            },
        ),
        Panel(
            "nginx: not found, a minute",
            "short",
            {
                "{{asked_for}}": "60 * "
                + _rate('stillboard_nginx_failures_total{status="404"}', "asked_for")
            },
        ),
        Panel(
            "nginx: errors a minute",
            "short",
            {"{{level}}": f"60 * {_rate('stillboard_nginx_errors_total', 'level')}"},
        ),
    ),
    logs='{part="writer"}',
)

RENDERER = Dashboard(
    "renderer",
    "Renderer and publisher",
    (
        Panel(
            "From a change to its pages standing",
            "s",
            _quantiles("stillboard_change_to_visible_seconds"),
            alarm_at=1,
        ),
        Panel("Time of a step", "s", _quantiles("stillboard_render_step_seconds")),
        Panel("Files of a step", "short", _quantiles("stillboard_render_step_files")),
        Panel(
            "A second",
            "short",
            {
                "changes settled": _rate("stillboard_changes_settled_total"),
                "steps": _rate("stillboard_render_steps_total"),
                "files written": _rate("stillboard_files_written_total"),
                "files found to stand": _rate("stillboard_files_unchanged_total"),
                "files removed": _rate("stillboard_files_removed_total"),
            },
        ),
        Panel("Pages written", "Bps", {"bytes": _rate("stillboard_written_bytes_total")}),
        Panel(
            "Calls that wait",
            "short",
            {
                "{{queue}} {{state}}": "max by (queue, state) (stillboard_queue_jobs)",
                "{{queue}} workers": "max by (queue) (stillboard_queue_workers)",
            },
        ),
        Panel(
            "Oldest call",
            "s",
            {"{{queue}}": "max by (queue) (stillboard_queue_oldest_seconds)"},
            alarm_at=30,
        ),
        Panel(
            "Made good by catch-up, a minute",
            "short",
            {
                "boards woken": f"60 * {_rate('stillboard_boards_left_behind_total')}",
                "uploads missing": f"60 * {_rate('stillboard_uploads_missing_total')}",
            },
        ),
        Panel(
            "Boards drawn with other templates",
            "short",
            {"boards": "max(stillboard_otherwise_drawn_boards)"},
        ),
        Panel(
            "Files that the cloud is behind with",
            "short",
            {"files": "max(stillboard_cloud_behind_files)"},
        ),
        Panel(
            "From standing to being in the bucket",
            "s",
            _quantiles("stillboard_publish_to_cloud_seconds"),
        ),
        Panel(
            "Bucket and CDN, a second",
            "short",
            {
                "puts": _rate("stillboard_cloud_puts_total"),
                "puts again: {{cause}}": _rate("stillboard_cloud_puts_again_total", "cause"),
                "deletes": _rate("stillboard_cloud_deletes_total"),
                "addresses purged": _rate("stillboard_cdn_purged_urls_total"),
            },
        ),
        Panel("Put into the bucket", "Bps", {"bytes": _rate("stillboard_cloud_put_bytes_total")}),
        Panel(
            "The cloud is left alone",
            "s",
            {
                "for": "max(stillboard_cloud_paused_seconds)",
                "{{error}} a minute": f"60 * {_rate('stillboard_cloud_failures_total', 'error')}",
            },
        ),
        Panel(
            "From a removal to being gone",
            "s",
            _quantiles("stillboard_takedown_seconds", "where")
            | {"found again, a minute": f"60 * {_rate('stillboard_takedowns_not_gone_total')}"},
            alarm_at=60,
        ),
    ),
    logs='{part=~"renderer|publisher|catch_up"}',
)

DATABASE = Dashboard(
    "database",
    "Database and queue",
    (
        Panel(
            "PostgreSQL and Valkey answer", "short", {"PostgreSQL": "pg_up", "Valkey": "redis_up"}
        ),
        Panel(
            "Transactions a second",
            "short",
            {
                "committed": _rate('pg_stat_database_xact_commit{datname!=""}'),
                "rolled back": _rate('pg_stat_database_xact_rollback{datname!=""}'),
            },
        ),
        Panel(
            "Connections",
            "short",
            {
                "{{state}}": "sum by (state) (pg_stat_activity_count)",
                "at most": "max(pg_settings_max_connections)",
            },
        ),
        Panel(
            "Rows a second",
            "short",
            {
                "read": _rate("pg_stat_database_tup_fetched"),
                "added": _rate("pg_stat_database_tup_inserted"),
                "changed": _rate("pg_stat_database_tup_updated"),
                "deleted": _rate("pg_stat_database_tup_deleted"),
            },
        ),
        Panel(
            "Read from memory rather than the disk",
            "percentunit",
            {
                "share": f"{_rate('pg_stat_database_blks_hit')} / "
                f"({_rate('pg_stat_database_blks_hit')} + {_rate('pg_stat_database_blks_read')})"
            },
        ),
        Panel(
            "Deadlocks and statements ended, a minute",
            "short",
            {
                "deadlocks": f"60 * {_rate('pg_stat_database_deadlocks')}",
                "conflicts": f"60 * {_rate('pg_stat_database_conflicts')}",
            },
        ),
        Panel("Size of the board's database", "bytes", {"bytes": "max(stillboard_database_bytes)"}),
        Panel(
            "WAL kept for a slot",
            "bytes",
            {"{{slot}}": "max by (slot) (stillboard_replication_slot_bytes)"},
        ),
        Panel(
            "Slots that somebody reads",
            "short",
            {"{{slot}}": "max by (slot) (stillboard_replication_slot_active)"},
        ),
        Panel("Valkey: memory", "bytes", {"bytes": "redis_memory_used_bytes"}),
        Panel(
            "Valkey: commands a second",
            "short",
            {"commands": _rate("redis_commands_processed_total")},
        ),
        Panel("Valkey: clients", "short", {"clients": "redis_connected_clients"}),
    ),
    logs='{service=~"postgres|valkey"}',
)

DASHBOARDS = (BOARD, WRITER, RENDERER, DATABASE)


def as_grafana_reads_it(dashboard: Dashboard) -> dict[str, Any]:
    """https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
    (read 2026-11-24).
    """
    return {
        "uid": f"stillboard-{dashboard.name}",
        "title": f"Stillboard: {dashboard.title}",
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
                "includeVars": False,
                "keepTime": True,
            }
        ],
        "panels": list(_panels(dashboard)),
    }


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    for place, panel in enumerate(dashboard.panels):
        row, column = divmod(place, ACROSS)
        at = {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT}
        yield {"id": place + 1, "gridPos": at, **_graph(panel)}
    if dashboard.logs is not None:
        yield {
            "id": len(dashboard.panels) + 1,
            "gridPos": {"x": 0, "y": 1000, "w": ACROSS * WIDTH, "h": HEIGHT},
            "type": "logs",
            "title": "Log",
            "datasource": LOGS,
            "targets": [{"refId": "A", "datasource": LOGS, "expr": dashboard.logs}],
        }


def _graph(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.alarm_at is not None:
        steps.append({"color": "red", "value": panel.alarm_at})
    style = "dashed" if panel.alarm_at is not None else "off"
    if panel.is_number:
        return _number(panel, steps)
    return {
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": style}},
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": _targets(panel),
    }


def _number(panel: Panel, steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "stat",
        "title": panel.title,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "noValue": "nothing",
                "thresholds": {"mode": "absolute", "steps": steps},
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


def _targets(panel: Panel) -> list[dict[str, Any]]:
    return [
        {
            "refId": chr(ord("A") + place),
            "datasource": SOURCE,
            "expr": query,
            "legendFormat": legend,
        }
        for place, (legend, query) in enumerate(panel.lines.items())
    ]


def files() -> dict[Path, str]:
    """{path: what stands there}"""
    return {
        FOLDER / f"{dashboard.name}.json": json.dumps(as_grafana_reads_it(dashboard), indent=1)
        + "\n"
        for dashboard in DASHBOARDS
    }


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
