"""Each alert comes when it should and stays away when it should not: by the real promtool."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.house_rules.repository import ROOT
from tests.monitoring.rule_files import RULES, RUNBOOK, alerts, read
from tests.monitoring.servers import ALERTMANAGER, write_alertmanager
from tests.tables import for_each

#: {series: values in promtool's notation}, one value each 15 seconds:
#: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
Series = dict[str, str]


class Case(NamedTuple):
    """What Prometheus sees, and what it says of it.

    What passes by within a moment stays away: so an alert whose `for` matters is looked at while
    it is pending.
    """

    comes: Series
    #: None: it never does.
    stays_away: Series | None
    #: The labels that the alert has beside those written in its rule.
    labels: dict[str, str]
    #: Its summary, blanks filled in.
    says: str
    #: When both are looked at; none is earlier than the alert's `for`.
    at: str = "15m"


EVER = "x400"
#: Severities of which a person is told.
TOLD = ("critical", "warning")

DATABASE_DISK = '{instance="n:9100",mountpoint="/db",fstype="ext4"}'

CASES = {
    "Watchdog": Case(
        comes={"up": f"1{EVER}"},
        stays_away=None,
        labels={},
        says="Prometheus and Alertmanager are awake",
    ),
    "PartDown": Case(
        comes={'up{program="renderer",instance="a:1"}': "1x8 0x20"},
        stays_away={'up{program="renderer",instance="a:1"}': "1x14 0x9"},
        labels={"program": "renderer", "part": "renderer", "instance": "a:1"},
        says="The renderer at a:1 does not answer",
        at="4m",
    ),
    "PartMissing": Case(
        comes={'up{program="writer"}': f"1{EVER}", 'up{program="renderer"}': f"1{EVER}"},
        stays_away={
            'up{program="writer"}': f"1{EVER}",
            'up{program="renderer"}': f"1{EVER}",
            'up{program="catch_up",instance="a:1"}': f"0{EVER}",
            'up{program="catch_up",instance="b:1"}': f"1{EVER}",
        },
        labels={"program": "catch_up", "part": "catch_up"},
        says="No catch_up answers",
    ),
    "WatcherDown": Case(
        comes={'pg_up{job="postgres",instance="a:9187"}': "1x4 0x400"},
        stays_away={
            'pg_up{job="postgres",instance="a:9187"}': f"1{EVER}",
            'up{program="writer",job="board"}': f"1{EVER}",
            # Of a cluster's Prometheus: not ours.
            'up{job="kubelet",instance="a:10250"}': f"0{EVER}",
            # A pod that comes in the place of another.
            'up{job="redis",instance="a:9121"}': "1x10 stale",
            'up{job="redis",instance="b:9121"}': f"_x10 1{EVER}",
        },
        labels={"job": "postgres", "instance": "a:9187"},
        says="The watcher postgres at a:9187 sees nothing",
    ),
    "PartRestarts": Case(
        comes={
            'process_start_time_seconds{program="writer",instance="a:1"}': "1x4 2x4 3x4 4x4 5x9"
        },
        stays_away={'process_start_time_seconds{program="writer",instance="a:1"}': "1x4 2x40"},
        labels={"program": "writer", "part": "writer", "instance": "a:1"},
        says="The writer at a:1 has died 4 times",
        at="6m",
    ),
    "MemoryHigh": Case(
        comes={'process_resident_memory_bytes{program="writer"}': f"524288000{EVER}"},
        stays_away={'process_resident_memory_bytes{program="writer"}': f"390000000{EVER}"},
        labels={"program": "writer", "part": "writer"},
        says="The writer takes 500MiB of memory",
    ),
    "CatchUpStuck": Case(
        comes={"stillboard_catch_up_pass_timestamp_seconds": f"0{EVER}"},
        stays_away={"stillboard_catch_up_pass_timestamp_seconds": f"0+15{EVER}"},
        labels={},
        says="Catch-up has not looked for 15m 0s",
    ),
    "WriterErrors": Case(
        comes={'stillboard_responses_total{status="500"}': f"0+3{EVER}"},
        stays_away={
            'stillboard_responses_total{status="429"}': f"0+3{EVER}",
            'stillboard_responses_total{status="503"}': "0x20 1x200",
        },
        labels={},
        says="The writer fails 0.20 times a second",
    ),
    "WriterSlow": Case(
        comes={
            'stillboard_request_seconds_bucket{route="/post",le="1"}': f"0{EVER}",
            'stillboard_request_seconds_bucket{route="/post",le="2"}': f"0+9{EVER}",
            'stillboard_request_seconds_bucket{route="/post",le="+Inf"}': f"0+9{EVER}",
        },
        stays_away={
            'stillboard_request_seconds_bucket{route="/post",le="1"}': f"0+9{EVER}",
            'stillboard_request_seconds_bucket{route="/post",le="2"}': f"0+9{EVER}",
            'stillboard_request_seconds_bucket{route="/post",le="+Inf"}': f"0+9{EVER}",
        },
        labels={"route": "/post"},
        says="One answer in 20 of /post takes longer than 1.95s",
    ),
    "WriterBusy": Case(
        comes={
            'stillboard_running_requests{instance="a:1"}': f"15{EVER}",
            'stillboard_running_requests{instance="b:1"}': f"16{EVER}",
            'stillboard_max_running_requests{instance="a:1"}': f"16{EVER}",
            'stillboard_max_running_requests{instance="b:1"}': f"16{EVER}",
        },
        stays_away={
            "stillboard_running_requests": "2x40 16x10 2x400",
            "stillboard_max_running_requests": f"16{EVER}",
        },
        labels={},
        says="The writer uses 96.88% of its threads",
    ),
    "PoolNearExhaustion": Case(
        comes={
            'stillboard_database_connections{program="writer",state="in_use"}': f"18{EVER}",
            'stillboard_database_max_connections{program="writer"}': f"20{EVER}",
        },
        stays_away={
            'stillboard_database_connections{program="writer",state="in_use"}': f"15{EVER}",
            'stillboard_database_connections{program="writer",state="idle"}': f"5{EVER}",
            'stillboard_database_max_connections{program="writer"}': f"20{EVER}",
        },
        labels={"program": "writer", "part": "writer"},
        says="The writer uses 90% of its connections",
    ),
    "CaptchaProviderFails": Case(
        comes={'stillboard_captchas_total{how="unchecked"}': f"0+1{EVER}"},
        stays_away={'stillboard_captchas_total{how="failed"}': f"0+9{EVER}"},
        labels={},
        says="The captcha's provider does not answer",
    ),
    "DarkroomDies": Case(
        comes={'stillboard_darkroom_pictures_total{how="died"}': f"0+1{EVER}"},
        stays_away={'stillboard_darkroom_pictures_total{how="refused"}': f"0+9{EVER}"},
        labels={},
        says="Processes that read pictures die",
    ),
    "DarkroomNotConfined": Case(
        comes={'stillboard_darkroom_confinement_in_force{layer="landlock"}': f"0{EVER}"},
        stays_away={'stillboard_darkroom_confinement_in_force{layer="landlock"}': f"1{EVER}"},
        labels={"layer": "landlock"},
        says="Processes that read pictures are not kept from all else: no landlock",
    ),
    "PagesLate": Case(
        comes={"stillboard_unsettled_seconds": f"12{EVER}"},
        stays_away={"stillboard_unsettled_seconds": "0x10 12x9"},
        labels={},
        says="Pages are 12s behind",
        at="3m",
    ),
    "BoardLate": Case(
        comes={'stillboard_board_unsettled_seconds{board="b"}': f"40{EVER}"},
        stays_away={'stillboard_board_unsettled_seconds{board="b"}': f"4{EVER}"},
        labels={"board": "b"},
        says="/b/ is 40s behind",
    ),
    "PagesSlow": Case(
        comes={
            'stillboard_change_to_visible_seconds_bucket{le="1"}': f"0{EVER}",
            'stillboard_change_to_visible_seconds_bucket{le="2"}': f"0+9{EVER}",
            'stillboard_change_to_visible_seconds_bucket{le="+Inf"}': f"0+9{EVER}",
        },
        stays_away={
            'stillboard_change_to_visible_seconds_bucket{le="0.05"}': f"0+9{EVER}",
            'stillboard_change_to_visible_seconds_bucket{le="+Inf"}': f"0+9{EVER}",
        },
        labels={},
        says="One post in 100 is visible only after 1.99s",
    ),
    "CallsGetLost": Case(
        comes={"stillboard_boards_left_behind_total": f"0+1{EVER}"},
        stays_away={"stillboard_boards_left_behind_total": "0x20 1x400"},
        labels={},
        says="Catch-up has to wake boards",
    ),
    "UploadsMissing": Case(
        comes={"stillboard_uploads_missing_total": "0x20 1x200"},
        stays_away={"stillboard_uploads_missing_total": f"1{EVER}"},
        labels={},
        says="The upload store has lost files",
    ),
    "PagesWrong": Case(
        comes={
            'stillboard_sample_wrong_files{wrong="missing"}': f"3{EVER}",
            'stillboard_sample_wrong_files{wrong="differing"}': f"2{EVER}",
            # Pages differ as long as they stand as another version drew them.
            "stillboard_otherwise_drawn_boards": f"1{EVER}",
        },
        stays_away={
            'stillboard_sample_wrong_files{wrong="missing"}': f"0{EVER}",
            'stillboard_sample_wrong_files{wrong="differing"}': "0x40 2x400",
            "stillboard_otherwise_drawn_boards": f"0{EVER}",
        },
        labels={"wrong": "missing"},
        says="3 files of a sample of the pages are missing",
    ),
    "PagesUnwatched": Case(
        comes={"stillboard_sample_end_timestamp_seconds": f"60{EVER}"},
        stays_away={"stillboard_sample_end_timestamp_seconds": f"0+15{EVER}"},
        labels={},
        says="No sample of the pages was looked at for half an hour",
        at="50m",
    ),
    "QueueStuck": Case(
        comes={'stillboard_queue_oldest_seconds{queue="render"}': f"45{EVER}"},
        stays_away={
            'stillboard_queue_oldest_seconds{queue="render"}': f"1{EVER}",
            'stillboard_queue_oldest_seconds{queue="publish"}': f"45{EVER}",
        },
        labels={"queue": "render"},
        says="Nobody takes calls from the queue render",
    ),
    "QueueWithoutWorkers": Case(
        comes={'stillboard_queue_workers{queue="render"}': f"0{EVER}"},
        stays_away={
            'stillboard_queue_workers{queue="render"}': f"1{EVER}",
            # A board without a bucket has no publisher.
            'stillboard_queue_workers{queue="publish"}': f"0{EVER}",
        },
        labels={"queue": "render"},
        says="No render worker listens",
    ),
    "JobsFail": Case(
        comes={'stillboard_queue_jobs{queue="render",state="failed"}': f"6{EVER}"},
        stays_away={'stillboard_queue_jobs{queue="render",state="waiting"}': f"60{EVER}"},
        labels={"queue": "render", "state": "failed"},
        says="6 jobs of render failed within the hour",
    ),
    "FilesWait": Case(
        comes={"stillboard_pending_seconds": f"900{EVER}"},
        stays_away={"stillboard_pending_seconds": f"300{EVER}"},
        labels={},
        says="A file waits for 15m 0s to be made ready",
    ),
    "QueueDown": Case(
        comes={'stillboard_part_failures_total{part="queue"}': f"0+3{EVER}"},
        stays_away={'stillboard_part_failures_total{part="queue"}': "0x20 2x400"},
        labels={},
        says="Valkey can't be reached",
    ),
    "DatabaseDown": Case(
        comes={'stillboard_part_failures_total{part="database"}': f"0+15{EVER}"},
        stays_away={'stillboard_part_failures_total{part="queue"}': f"0+15{EVER}"},
        labels={},
        says="PostgreSQL can't be reached",
    ),
    "DatabaseConnectionsNearMax": Case(
        comes={
            'pg_stat_activity_count{instance="p:9187",state="idle"}': f"60{EVER}",
            'pg_stat_activity_count{instance="p:9187",state="active"}': f"30{EVER}",
            'pg_settings_max_connections{instance="p:9187"}': f"100{EVER}",
        },
        stays_away={
            'pg_stat_activity_count{instance="p:9187",state="idle"}': f"60{EVER}",
            'pg_settings_max_connections{instance="p:9187"}': f"100{EVER}",
        },
        labels={"instance": "p:9187"},
        says="PostgreSQL has 90% of its connections in use",
    ),
    "ReplicaLags": Case(
        comes={
            'stillboard_replication_slot_bytes{slot="replica"}': f"536870912{EVER}",
            'stillboard_replication_slot_active{slot="replica"}': f"1{EVER}",
        },
        stays_away={
            'stillboard_replication_slot_bytes{slot="replica"}': f"1e6{EVER}",
            'stillboard_replication_slot_active{slot="replica"}': f"1{EVER}",
        },
        labels={"slot": "replica"},
        says="A replica is 512MiB behind (replica)",
    ),
    "ReplicaAway": Case(
        comes={'stillboard_replication_slot_active{slot="replica"}': f"0{EVER}"},
        stays_away={'stillboard_replication_slot_active{slot="replica"}': f"1{EVER}"},
        labels={"slot": "replica"},
        says="Nobody reads from the slot replica",
    ),
    "SlotKeepsWal": Case(
        comes={'stillboard_replication_slot_bytes{slot="replica"}': f"4294967296{EVER}"},
        stays_away={'stillboard_replication_slot_bytes{slot="replica"}': f"1e9{EVER}"},
        labels={"slot": "replica"},
        says="PostgreSQL keeps 4GiB of WAL for replica",
    ),
    "CloudBehind": Case(
        comes={"stillboard_cloud_behind_seconds": f"90{EVER}"},
        stays_away={"stillboard_cloud_behind_seconds": f"3{EVER}"},
        labels={},
        says="Bucket and CDN are 1m 30s behind",
    ),
    "BucketFails": Case(
        comes={'stillboard_cloud_failures_total{error="StoreUnreachable"}': f"0+1{EVER}"},
        stays_away={'stillboard_cloud_failures_total{error="PurgeUnreachable"}': f"0+1{EVER}"},
        labels={"error": "StoreUnreachable"},
        says="The bucket fails (StoreUnreachable)",
    ),
    "PurgeFails": Case(
        comes={'stillboard_cloud_failures_total{error="PurgeUnreachable"}': f"0+1{EVER}"},
        stays_away={'stillboard_cloud_failures_total{error="StoreUnreachable"}': f"0+1{EVER}"},
        labels={"error": "PurgeUnreachable"},
        says="The CDN can't be told what changed (PurgeUnreachable)",
    ),
    "CloudCredentialRefused": Case(
        # Once a minute: the publisher does not try more often.
        comes={'stillboard_cloud_failures_total{error="StoreRefused"}': "0x3 1x3 2x3 3x3 4x50"},
        stays_away={'stillboard_cloud_failures_total{error="StoreUnreachable"}': f"0+1{EVER}"},
        labels={"error": "StoreRefused"},
        says="A key is refused (StoreRefused)",
        at="5m",
    ),
    "TakedownNotGone": Case(
        comes={"stillboard_takedown_open_seconds": f"120{EVER}"},
        stays_away={"stillboard_takedown_open_seconds": f"8{EVER}"},
        labels={},
        says="What was removed 2m 0s ago can still be found",
    ),
    "DiskAlmostFull": Case(
        comes={
            'stillboard_disk_free_bytes{folder="data"}': f"5e9{EVER}",
            'stillboard_disk_bytes{folder="data"}': f"100e9{EVER}",
        },
        stays_away={
            'stillboard_disk_free_bytes{folder="data"}': f"50e9{EVER}",
            'stillboard_disk_bytes{folder="data"}': f"100e9{EVER}",
        },
        labels={"folder": "data"},
        says="The disk of data is almost full",
    ),
    "DiskFillsUp": Case(
        comes={'stillboard_disk_free_bytes{folder="data"}': "50e9-20e6x1500"},
        stays_away={'stillboard_disk_free_bytes{folder="data"}': "50e9-1e6x1500"},
        labels={"folder": "data"},
        says="The disk of data will be full within a day",
        at="2h",
    ),
    "FilesRunOut": Case(
        comes={'stillboard_disk_free_files{folder="web_root"}': f"40000{EVER}"},
        stays_away={'stillboard_disk_free_files{folder="web_root"}': f"4000000{EVER}"},
        labels={"folder": "web_root"},
        says="The disk of web_root can hold only 40000 more files",
    ),
    "ServerDiskAlmostFull": Case(
        comes={
            f"node_filesystem_avail_bytes{DATABASE_DISK}": f"5{EVER}",
            f"node_filesystem_size_bytes{DATABASE_DISK}": f"100{EVER}",
        },
        stays_away={
            f"node_filesystem_avail_bytes{DATABASE_DISK}": f"50{EVER}",
            f"node_filesystem_size_bytes{DATABASE_DISK}": f"100{EVER}",
        },
        labels={"instance": "n:9100", "mountpoint": "/db", "fstype": "ext4"},
        says="/db of n:9100 is almost full: 5% free",
    ),
    "ServerMemoryShort": Case(
        comes={
            'node_memory_MemAvailable_bytes{instance="n:9100"}': f"5{EVER}",
            'node_memory_MemTotal_bytes{instance="n:9100"}': f"100{EVER}",
        },
        stays_away={
            'node_memory_MemAvailable_bytes{instance="n:9100"}': f"50{EVER}",
            'node_memory_MemTotal_bytes{instance="n:9100"}': f"100{EVER}",
        },
        labels={"instance": "n:9100"},
        says="n:9100 has 5% of its memory left",
    ),
    "ServerBusy": Case(
        comes={'node_cpu_seconds_total{instance="n:9100",mode="idle",cpu="0"}': f"0+0.75{EVER}"},
        stays_away={'node_cpu_seconds_total{instance="n:9100",mode="idle",cpu="0"}': f"0+9{EVER}"},
        labels={"instance": "n:9100"},
        says="The processor of n:9100 is 95% busy",
        at="25m",
    ),
    "BackupTooOld": Case(
        comes={'stillboard_backup_last_success_timestamp_seconds{kind="wal"}': f"1{EVER}"},
        stays_away={
            'stillboard_backup_last_success_timestamp_seconds{kind="wal"}': f"0+15{EVER}",
            'stillboard_backup_last_success_timestamp_seconds{kind="full"}': f"1{EVER}",
        },
        labels={"kind": "wal"},
        says="The last good backup (wal) is 14m 59s old",
    ),
    "BackupNeverTaken": Case(
        comes={'stillboard_backup_last_success_timestamp_seconds{kind="full"}': f"0{EVER}"},
        stays_away={
            'stillboard_backup_last_success_timestamp_seconds{kind="full"}': f"1{EVER}",
            'stillboard_backup_last_success_timestamp_seconds{kind="drill"}': f"0{EVER}",
        },
        labels={"kind": "full"},
        says="There is no good backup (full)",
        at="65m",
    ),
    "BackupFails": Case(
        comes={'stillboard_backup_last_failure_timestamp_seconds{kind="full"}': f"60{EVER}"},
        stays_away={
            'stillboard_backup_last_failure_timestamp_seconds{kind="full"}': f"60{EVER}",
            'stillboard_backup_last_success_timestamp_seconds{kind="full"}': f"90{EVER}",
        },
        labels={"kind": "full"},
        says="The last backup (full) failed",
    ),
    "CertificateEnds": Case(
        comes={'stillboard_certificate_end_timestamp_seconds{file="x"}': f"867600{EVER}"},
        stays_away={'stillboard_certificate_end_timestamp_seconds{file="x"}': f"2592000{EVER}"},
        labels={"file": "x"},
        says="The certificate ends in 10d 0h 0m 0s",
        at="1h",
    ),
    "CertificateEndsNow": Case(
        comes={'stillboard_certificate_end_timestamp_seconds{file="x"}': f"87300{EVER}"},
        stays_away={'stillboard_certificate_end_timestamp_seconds{file="x"}': f"867600{EVER}"},
        labels={"file": "x"},
        says="The certificate ends in 1d 0h 0m 0s",
    ),
    "NginxDown": Case(
        comes={'nginx_up{job="nginx",instance="n:9113"}': f"0{EVER}"},
        stays_away={
            'nginx_up{job="nginx",instance="n:9113"}': f"1{EVER}",
            # Another's in the same cluster.
            'nginx_up{job="shop/nginx",instance="m:9113"}': f"0{EVER}",
        },
        labels={"job": "nginx", "instance": "n:9113"},
        says="nginx does not answer",
    ),
    "ReadsFail": Case(
        comes={
            'stillboard_nginx_failures_total{status="500",asked_for="page"}': f"0+2{EVER}",
            'stillboard_nginx_failures_total{status="503",asked_for="media"}': f"0+1{EVER}",
        },
        stays_away={
            'stillboard_nginx_failures_total{status="404",asked_for="page"}': f"0+9{EVER}",
            'stillboard_nginx_failures_total{status="502",asked_for="writer"}': f"0+9{EVER}",
            # Of a client that speaks otherwise, which anybody may.
            'stillboard_nginx_failures_total{status="501",asked_for="page"}': f"0+9{EVER}",
            'stillboard_nginx_failures_total{status="505",asked_for="other"}': f"0+9{EVER}",
        },
        labels={},
        says="nginx fails readers 0.20 times a second",
    ),
}


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)


def as_promtool_reads_it(name: str, case: Case) -> list[dict[str, Any]]:
    """Two tests: it comes, it stays away."""
    rule = alerts()[name]
    written = {label: text for label, text in rule["labels"].items() if "{{" not in text}
    expected = {
        "exp_labels": written | case.labels,
        "exp_annotations": rule["annotations"] | {"summary": case.says},
    }
    return [
        {
            "interval": "15s",
            "input_series": [
                {"series": series, "values": values} for series, values in seen.items()
            ],
            "alert_rule_test": [
                {"eval_time": case.at, "alertname": name, "exp_alerts": expected_alerts}
            ],
        }
        for seen, expected_alerts in ((case.comes, [expected]), (case.stays_away, []))
        if seen is not None
    ]


def written_for_promtool(name: str, case: Case, folder: Path) -> Path:
    """A file of tests for one alert.

    PERF: promtool evaluates every rule that it is given at every step of every test: each alert
    stands there alone, with what is recorded for it. A third of the CPU of all in one file.
    """
    rule = alerts()[name]
    recorded = [
        group | {"rules": [each for each in group["rules"] if each["record"] in rule["expr"]]}
        for group in read(RULES / "recording.yml")["groups"]
    ]
    groups = [*recorded, {"name": "alone", "rules": [rule]}]
    rules, tests = folder / f"{name}.yml", folder / f"{name}.test.yml"
    unit = {
        "rule_files": [str(rules)],
        "evaluation_interval": "30s",
        "tests": as_promtool_reads_it(name, case),
    }
    for path, told in ((rules, {"groups": groups}), (tests, unit)):
        path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return tests


def test_every_alert_has_a_case_in_which_it_comes_and_one_in_which_it_stays_away() -> None:
    assert list(CASES) == list(alerts())


@pytest.mark.slow
@pytest.mark.needs("promtool")
def test_alerts_come_when_they_should_and_stay_away_when_they_should_not(tmp_path: Path) -> None:
    """With the labels by which they are routed, and the summary that a person reads."""
    paths = [written_for_promtool(name, case, tmp_path) for name, case in CASES.items()]
    done = promtool("test", "rules", *map(str, paths))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.needs("promtool")
def test_promtool_takes_rules_and_configuration() -> None:
    configurations = sorted((ROOT / "monitoring").glob("prometheus*.yml"))
    for arguments in (
        ("check", "rules", *map(str, sorted(RULES.glob("*.yml")))),
        ("check", "config", *map(str, configurations)),
    ):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@for_each("name", alerts())
def test_alert_says_what_is_wrong_how_bad_it_is_and_where_its_mend_stands(name: str) -> None:
    rule = alerts()[name]
    assert rule["labels"]["severity"] in (("none",) if name == "Watchdog" else TOLD)
    assert rule["labels"]["part"]
    assert set(rule["annotations"]) == {"summary", "description", "runbook", "dashboard"}
    assert rule["annotations"]["description"].endswith(".")
    assert rule["annotations"]["runbook"] == f"docs/alerts.md#{name.lower()}"


def test_runbook_has_a_section_for_each_alert_and_no_other() -> None:
    sections = re.findall(r"^### (\w+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == list(alerts())


def test_section_of_the_runbook_says_what_it_means_how_to_look_and_how_to_mend_it() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        name = section.partition("\n")[0]
        for heading in ("**Means**", "**Look**", "**Mend**"):
            assert heading in section, f"{name}: {heading}"


# --- who is told ---


def amtool(*arguments: str) -> str:
    done = subprocess.run(["amtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.needs("amtool")
def test_alertmanager_takes_its_configuration(tmp_path: Path) -> None:
    amtool("check-config", str(write_alertmanager(tmp_path, alive="http://127.0.0.1:9/")))


@pytest.mark.needs("amtool")
@pytest.mark.parametrize(
    ("alert", "severity", "receiver"),
    [
        ("PartDown", "critical", "pages"),
        ("PartDown", "warning", "warnings"),
        ("Watchdog", "none", "alive"),
    ],
)
def test_severity_decides_who_is_told(
    alert: str, severity: str, receiver: str, tmp_path: Path
) -> None:
    labels = (f"alertname={alert}", f"severity={severity}", "part=writer")
    path = write_alertmanager(tmp_path, alive="http://127.0.0.1:9/")
    told = amtool("config", "routes", "test", f"--config.file={path}", *labels)
    assert told.split() == [receiver]


@pytest.mark.slow
def test_what_is_inhibited_and_by_what_are_alerts_that_exist() -> None:
    named = set()
    for rule in read(ALERTMANAGER)["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            if found := re.fullmatch(r'alertname=~?"([\w|]+)"', matcher):
                named |= set(found[1].split("|"))
    assert named
    assert named <= set(alerts())


def test_no_address_or_key_of_a_receiver_is_written_down() -> None:
    """They are read from files, which are secrets of the machine."""
    text = json.dumps(read(ALERTMANAGER))
    assert not re.search(r"https?://", text)
    assert re.findall(r'"\w+_file": "(/run/secrets/\w+)"', text)
