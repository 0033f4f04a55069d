"""Grafana's dashboards, from one table of panels: `python -m monitoring.dashboards` writes them.

One module, so that the same figure is asked for in the same words everywhere and the JSON, which
nobody reads, is never edited by hand. What is to be done when an alert comes is docs/alerts.md, as
a page of Grafana's too. tests/monitoring/ asks a running board whether every metric that is named
here exists, and whether the files are those that this module writes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from monitoring.panels import RUNBOOK, Dashboard, Panel, address, as_grafana_reads_it, runbook

FOLDER = Path(__file__).parent / "grafana" / "dashboards"
#: Jobs of Prometheus' that are no part of the board: exporters, and its neighbours.
WATCHERS = "postgres|redis|nginx|node|prometheus|alertmanager|loki"
ALERTS = Path(__file__).parents[1] / "docs" / "alerts.md"


def _wrong(parts: str, *alerts: str) -> Panel:
    """The first of each dashboard: the alerts of its parts that fire; empty where all is well."""
    return Panel(
        "What is wrong now",
        "short",
        {
            "{{alertname}} {{part}} {{board}}": "sum by (alertname, part, board) "
            f'(ALERTS{{alertstate="firing",alertname!="Watchdog",part=~"{parts}"}})'
        },
        alarm_at=1,
        is_number=True,
        alerts=alerts,
    )


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
    # Any part: alerts of others in a cluster have none.
    _wrong(".+", "Watchdog"),
    (
        Panel(
            "Parts that answer",
            "short",
            {"{{program}}": 'sum by (program) (up{program=~"$part"})'},
            is_number=True,
            alarm_below=1,
            alerts=("PartDown", "PartMissing"),
        ),
        Panel(
            "Watchers that answer",
            "short",
            {"{{job}}": f'min by (job) (up{{job=~"{WATCHERS}"}})'},
            alarm_below=1,
            is_number=True,
            alerts=("WatcherDown",),
        ),
        Panel(
            "Catch-up looked last",
            "s",
            {"ago": "time() - max(stillboard_catch_up_pass_timestamp_seconds)"},
            alarm_at=60,
            is_number=True,
            alerts=("CatchUpStuck",),
        ),
        Panel(
            "Up for",
            "s",
            {
                "{{program}}": "time() - min by (program) "
                '(process_start_time_seconds{program=~"$part"})'
            },
            is_number=True,
            alerts=("PartRestarts",),
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
            alerts=("CaptchaProviderFails",),
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
                "/{{board}}/": "max by (board) "
                '(stillboard_board_unsettled_seconds{board=~"$board"})',
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
            is_number=True,
        ),
        Panel(
            "Failures of parts a minute",
            "short",
            {
                "{{part}}, seen by {{program}}": "60 * "
                + _rate("stillboard_part_failures_total", "part, program")
            },
            alerts=("DatabaseDown", "QueueDown"),
        ),
        Panel(
            "Disk that is free",
            "bytes",
            {"{{folder}}": "min by (folder) (stillboard_disk_free_bytes)"},
            alerts=("DiskAlmostFull", "DiskFillsUp"),
        ),
        Panel(
            "Files that a disk can still hold",
            "short",
            {"{{folder}}": "min by (folder) (stillboard_disk_free_files)"},
            alarm_below=50_000,
            alerts=("FilesRunOut",),
        ),
        Panel(
            "Servers: free of their disks",
            "percentunit",
            {
                "{{instance}} {{mountpoint}}": "min by (instance, mountpoint) "
                '(node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs"} / '
                "node_filesystem_size_bytes)"
            },
            alarm_below=0.1,
            alerts=("ServerDiskAlmostFull",),
        ),
        Panel(
            "Servers: memory left",
            "percentunit",
            {"{{instance}}": "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"},
            alarm_below=0.1,
            alerts=("ServerMemoryShort",),
        ),
        Panel(
            "Servers: processor",
            "percentunit",
            {
                "{{instance}}": "1 - avg by (instance) "
                '(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))'
            },
            alarm_at=0.9,
            alerts=("ServerBusy",),
        ),
        Panel(
            "Age of the last good backup",
            "s",
            {
                "{{kind}}": "time() - max by (kind) "
                "(stillboard_backup_last_success_timestamp_seconds)"
            },
            alarm_at=93600,
            is_number=True,
            alerts=("BackupTooOld", "BackupNeverTaken", "BackupFails"),
        ),
        Panel(
            "The certificate ends in",
            "s",
            {"{{file}}": "stillboard_certificate_end_timestamp_seconds - time()"},
            alarm_below=1209600,
            is_number=True,
            alerts=("CertificateEnds", "CertificateEndsNow"),
        ),
        Panel(
            "Versions",
            "short",
            {
                "{{version}}, {{schema}}, Python {{python}}": "count by (version, schema, python) "
                "(stillboard_build_info)"
            },
            is_number=True,
        ),
    ),
    logs='{level=~"error|warning"}',
)

WRITER = Dashboard(
    "writer",
    "Writer",
    _wrong("writer|nginx"),
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
            alerts=("WriterErrors",),
        ),
        Panel(
            "Time of an answer",
            "s",
            _quantiles("stillboard_request_seconds", "route"),
            alarm_at=1.5,
            alerts=("WriterSlow",),
        ),
        Panel(
            "Requests under way",
            "short",
            {
                "under way": "sum(stillboard_running_requests)",
                "threads": "sum(stillboard_max_running_requests)",
            },
            alerts=("WriterBusy",),
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
            alerts=("DarkroomDies",),
        ),
        Panel(
            "Layers around those who read uploads",
            "short",
            {"{{layer}}": "min by (layer) (stillboard_darkroom_confinement_in_force)"},
            alarm_below=1,
            is_number=True,
            alerts=("DarkroomNotConfined",),
        ),
        Panel(
            "Connections to PostgreSQL",
            "short",
            {
                "{{program}} {{state}}": "sum by (program, state) "
                '(stillboard_database_connections{program=~"$part"})',
                "{{program}} at most": "sum by (program) "
                '(stillboard_database_max_connections{program=~"$part"})',
            },
            alerts=("PoolNearExhaustion",),
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
                '(process_resident_memory_bytes{program=~"$part"})'
            },
            alarm_at=400e6,
            alerts=("MemoryHigh",),
        ),
        Panel(
            "Processor cores",
            "short",
            {"{{program}}": _rate('process_cpu_seconds_total{program=~"$part"}', "program")},
        ),
        Panel(
            "Open files",
            "short",
            {"{{program}}": 'sum by (program) (process_open_fds{program=~"$part"})'},
        ),
        Panel(
            "nginx answers",
            "short",
            {"{{instance}}": "nginx_up"},
            alarm_below=1,
            is_number=True,
            alerts=("NginxDown",),
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
                "5xx": _rate(
                    'stillboard_nginx_failures_total{status=~"50[02-47]",asked_for!="writer"}'
                ),
                "4xx": _rate('stillboard_nginx_failures_total{status=~"4..",asked_for!="writer"}'),
            },
            alerts=("ReadsFail",),
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
    _wrong("renderer|publisher|catch_up|queue|developer"),
    (
        Panel(
            "From a change to its pages standing",
            "s",
            _quantiles("stillboard_change_to_visible_seconds"),
            alarm_at=1,
            alerts=("PagesSlow",),
        ),
        Panel(
            "Oldest change that no page shows",
            "s",
            {
                "all boards": "max(stillboard_unsettled_seconds)",
                "/{{board}}/": "max by (board) "
                '(stillboard_board_unsettled_seconds{board=~"$board"})',
            },
            alarm_at=5,
            alerts=("PagesLate", "BoardLate"),
        ),
        Panel(
            "Files of a sample that are wrong",
            "short",
            {"{{wrong}}": "max by (wrong) (stillboard_sample_wrong_files)"},
            alarm_at=1,
            is_number=True,
            alerts=("PagesWrong",),
        ),
        Panel(
            "The last sample ended",
            "s",
            {"ago": "time() - max(stillboard_sample_end_timestamp_seconds)"},
            alarm_at=1800,
            is_number=True,
            alerts=("PagesUnwatched",),
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
            alerts=("QueueWithoutWorkers", "JobsFail"),
        ),
        Panel(
            "Oldest call",
            "s",
            {"{{queue}}": "max by (queue) (stillboard_queue_oldest_seconds)"},
            alarm_at=30,
            alerts=("QueueStuck",),
        ),
        Panel(
            "Oldest file that waits to be made ready",
            "s",
            {"for": "max(stillboard_pending_seconds)"},
            alarm_at=600,
            alerts=("FilesWait",),
        ),
        Panel(
            "Made good by catch-up, a minute",
            "short",
            {
                "boards woken": f"60 * {_rate('stillboard_boards_left_behind_total')}",
                "uploads missing": f"60 * {_rate('stillboard_uploads_missing_total')}",
            },
            alerts=("CallsGetLost", "UploadsMissing"),
        ),
        Panel(
            "Boards drawn with other templates",
            "short",
            {"boards": "max(stillboard_otherwise_drawn_boards)"},
            is_number=True,
        ),
        Panel(
            "Files that the cloud is behind with",
            "short",
            {"files": "max(stillboard_cloud_behind_files)"},
            alerts=("CloudBehind",),
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
            alerts=("BucketFails", "PurgeFails", "CloudCredentialRefused"),
        ),
        Panel(
            "From a removal to being gone",
            "s",
            _quantiles("stillboard_takedown_seconds", "where")
            | {"found again, a minute": f"60 * {_rate('stillboard_takedowns_not_gone_total')}"},
            alarm_at=60,
            alerts=("TakedownNotGone",),
        ),
    ),
    logs='{part=~"renderer|publisher|catch_up"}',
)

DATABASE = Dashboard(
    "database",
    "Database and queue",
    _wrong("database|queue|backup|machine"),
    (
        Panel(
            "PostgreSQL and Valkey answer",
            "short",
            {"PostgreSQL": "pg_up", "Valkey": "redis_up"},
            alarm_below=1,
            is_number=True,
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
            alerts=("DatabaseConnectionsNearMax",),
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
        Panel(
            "Size of the board's database",
            "bytes",
            {"bytes": "max(stillboard_database_bytes)"},
            is_number=True,
        ),
        Panel(
            "WAL kept for a slot",
            "bytes",
            {"{{slot}}": "max by (slot) (stillboard_replication_slot_bytes)"},
            alerts=("ReplicaLags", "SlotKeepsWal"),
        ),
        Panel(
            "Slots that somebody reads",
            "short",
            {"{{slot}}": "max by (slot) (stillboard_replication_slot_active)"},
            alarm_below=1,
            is_number=True,
            alerts=("ReplicaAway",),
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


def address_of(alert: str) -> str:
    """Where Grafana shows the figure that the alert is about."""
    (found,) = (
        address(dashboard.name, panel.title)
        for dashboard in DASHBOARDS
        for panel in dashboard.all_panels
        if alert in panel.alerts
    )
    return found


def sections() -> dict[str, str]:
    """{alert: what docs/alerts.md says of it}, with links that lead to other pages of Grafana's."""
    text = ALERTS.read_text(encoding="utf-8")
    found = re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    names = {name.lower(): name for name, _section in found}

    def led_elsewhere(link: re.Match[str]) -> str:
        words, page, heading = link.groups()
        if not page:
            return f"[{words}]({address(RUNBOOK, names[heading])})"
        return f"`docs/{page}`"  # Grafana does not know where it is to be read

    link = re.compile(r"\[([^\]]+)\]\(([\w-]+\.md)?(?:#([\w-]+))?\)")
    return {name: link.sub(led_elsewhere, section.strip()) for name, section in found}


def files() -> dict[Path, str]:
    """{path: what stands there}"""
    pages = {dashboard.name: as_grafana_reads_it(dashboard) for dashboard in DASHBOARDS}
    pages[RUNBOOK] = runbook(sections())
    return {
        FOLDER / f"{name}.json": json.dumps(page, indent=1, ensure_ascii=False) + "\n"
        for name, page in pages.items()
    }


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
