"""What Prometheus sees of each shipped set: its targets, named as that set names them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from deploy.environment import ROOT
from deploy.metrics_addresses import FIRST_PROGRAMS, addresses, write_targets
from monitoring.metric_rows import Row
from monitoring.metrics import ROWS
from tests.deploy.containers.compose import Compose, environment, mounts
from tests.deploy.containers.kustomization import build
from tests.monitoring.rule_files import read

Labels = dict[str, str]
#: {series in promtool's notation: its values, one each 15 seconds}
Series = dict[str, str]

MONITORING = ROOT / "monitoring"
EVER = 400
_SERVICE_NAME = "app.kubernetes.io/name"
_PODS_JOB = "stillboard/stillboard"

#: What is not 0 where all is well, in the first value of promtool's notation.
_HEALTHY = {
    "stillboard_build_info": "1",
    "stillboard_database_max_connections": "20",
    "stillboard_max_running_requests": "16",
    "stillboard_darkroom_confinement_in_force": "1",
    "stillboard_queue_workers": "1",
    "stillboard_replication_slot_active": "1",
    "stillboard_disk_bytes": "100e9",
    "stillboard_disk_free_bytes": "50e9",
    "stillboard_disk_free_files": "4e6",
    "stillboard_catch_up_pass_timestamp_seconds": "0+15",
    "stillboard_sample_end_timestamp_seconds": "0+15",
    "stillboard_backup_last_success_timestamp_seconds": "1+15",
}
#: What exporters show of the server that they look at, when they reach it.
_OF_EXPORTERS = {
    "postgres": {"pg_up": "1", "pg_settings_max_connections": "100"},
    "redis": {"redis_up": "1"},
    "nginx": {"nginx_up": "1"},
    "node": {
        "node_memory_MemAvailable_bytes": "4e9",
        "node_memory_MemTotal_bytes": "8e9",
        "node_filesystem_avail_bytes": "50e9",
        "node_filesystem_size_bytes": "100e9",
    },
    "prometheus": {},
    "alertmanager": {},
    "loki": {},
}


class Target(NamedTuple):
    """Something that Prometheus asks."""

    labels: Labels
    #: Known by a file: it stays known when nobody answers. A name in the DNS, or a pod, goes.
    stays: bool
    #: Of an exporter: whether it can reach what it looks at.
    sees: bool = True

    @property
    def program(self) -> str:
        return self.labels.get("program", "")

    @property
    def kind(self) -> str:
        """The program; of an exporter, what it looks at: 'postgres'."""
        return self.program or self.labels["job"]


class ShippedSet(NamedTuple):
    """One of the ways to run a board that this repository ships."""

    name: str
    targets: tuple[Target, ...]


def shipped_sets(folder: Path) -> list[ShippedSet]:
    """Files that a set writes while it runs are written into `folder`."""
    return [
        ShippedSet("up", tuple(_of_up(folder))),
        ShippedSet("systemd", tuple(_of_systemd())),
        ShippedSet("compose", tuple(_of_compose("compose.yml"))),
        ShippedSet("compose.ha", tuple(_of_compose("compose.yml", "compose.ha.yml"))),
        ShippedSet("kubernetes", tuple(_of_kubernetes())),
    ]


def _of_up(folder: Path) -> Iterator[Target]:
    path = folder / "targets.json"
    write_targets(path, addresses("127.0.0.1:9400", [*FIRST_PROGRAMS, "renderer-1"]))
    return _of_configuration("prometheus.server.yml", [path])


def _of_systemd() -> Iterator[Target]:
    files = sorted((ROOT / "deploy" / "systemd").glob("prometheus-*.json"))
    return _of_configuration("prometheus.server.yml", files)


def _of_compose(*names: str) -> Iterator[Target]:
    compose = Compose.read(*names)
    files = [
        ROOT / "deploy" / source
        for source, path in mounts(compose.services["prometheus"])
        if path.startswith("/etc/prometheus/targets/")
    ]
    return _of_configuration("prometheus.yml", files, compose)


def _of_configuration(
    name: str, files: list[Path], compose: Compose | None = None
) -> Iterator[Target]:
    for job in read(MONITORING / name)["scrape_configs"]:
        added = {
            one["target_label"]: one["replacement"]
            for one in job.get("relabel_configs", ())
            if "source_labels" not in one
        }
        for at, labels, stays in _found(job, files, compose):
            sees = True
            host = at.partition(":")[0]
            if compose and host.startswith("postgres-exporter"):
                source = environment(compose.services[host])["DATA_SOURCE_URI"]
                sees = "," not in source  # the exporter's driver knows one server alone
            all_labels = {"job": job["job_name"], "instance": at} | labels | added
            yield Target(all_labels, stays, sees)


def _found(
    job: dict[str, Any], files: list[Path], compose: Compose | None
) -> Iterator[tuple[str, Labels, bool]]:
    """('writer-b:9400', labels, whether it stays when it is gone)"""
    groups = list(job.get("static_configs", ()))
    if "file_sd_configs" in job:
        groups += [group for path in files for group in json.loads(path.read_text())]
    for group in groups:
        yield from ((at, group.get("labels", {}), True) for at in group["targets"])
    for asked in job.get("dns_sd_configs", ()):
        for name in asked["names"] if compose else ():
            for service in _called(compose, name):
                yield f"{service}:{asked['port']}", {}, False


def _called(compose: Compose, name: str) -> Iterator[str]:
    for service, one in compose.services.items():
        networks = one.get("networks", {})
        of_metrics = networks.get("metrics") if isinstance(networks, dict) else None
        if service == name or name in (of_metrics or {}).get("aliases", ()):
            yield service


def _of_kubernetes() -> Iterator[Target]:
    manifests = build(ROOT / "deploy/k8s/overlays/example")
    (monitor,) = (one for one in manifests if one["kind"] == "PodMonitor")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    asked = monitor["spec"]["selector"]["matchLabels"].items()
    for manifest in manifests:
        if manifest["kind"] != "Deployment":
            continue
        pod = manifest["spec"]["template"]
        ports = [port for one in pod["spec"]["containers"] for port in one.get("ports", ())]
        if endpoint["port"] not in {port.get("name") for port in ports}:
            continue
        assert asked <= pod["metadata"]["labels"].items()
        name = pod["metadata"]["labels"][_SERVICE_NAME]
        labels = {"job": _PODS_JOB, "pod": f"{name}-1", "instance": f"{name}-1:9400"}
        for rule in endpoint["relabelings"]:
            if found := re.fullmatch(rule["regex"], name):
                value = rule.get("replacement", "$1")
                labels[rule["targetLabel"]] = re.sub(
                    r"\$(\d)", lambda ref, found=found: found[int(ref[1])] or "", value
                )
        yield Target(labels, stays=False)


# --- what a target shows ---


def healthy(target: Target) -> Series:
    """Everything that it shows while it is well."""
    if not target.program:
        shown = {"up": "1"} | _OF_EXPORTERS[target.kind]
        if not target.sees:
            shown |= {name: "0" for name in shown if name.endswith("_up")}
        return {series(target, name, {}): f"{value}x{EVER}" for name, value in shown.items()}
    found = {series(target, "up", {}): f"1x{EVER}"}
    found[series(target, "process_start_time_seconds", {})] = f"1x{EVER}"
    found[series(target, "process_resident_memory_bytes", {})] = f"1e8x{EVER}"
    for row in ROWS:
        if target.program in row.shown_by and row.kind != "histogram":
            for labels in _values(row):
                found[series(target, row.name, labels)] = f"{_HEALTHY.get(row.name, '0')}x{EVER}"
    return found


def _values(row: Row) -> list[Labels]:
    """Each value of its labels; of those that no row can list, one."""
    found: list[Labels] = [{}]
    for label, told in row.labels.items():
        values = re.findall(r"`(\w+)`", told) or ["x"]
        if row.name.startswith("stillboard_backup_last_success"):
            values = ["full", "wal"]
        elif row.name.startswith(("stillboard_certificate", "stillboard_backup")):
            return []  # only where something failed, or is set
        found = [one | {label: value} for one in found for value in values]
    return found


def series(target: Target, name: str, labels: Labels) -> str:
    """As Prometheus stores it: what the target is called goes before what it says of itself."""
    kept = {f"exported_{key}" if key in target.labels else key: labels[key] for key in labels}
    text = ",".join(f'{key}="{value}"' for key, value in (target.labels | kept).items())
    return f"{name}{{{text}}}"


def shown_as(series: str, asked: str) -> bool:
    """Whether it is of the metric, and has the labels, that `asked` names: 'x', or 'x{a="b"}'."""
    name, _, labels = asked.rstrip("}").partition("{")
    return series.startswith(name + "{") and labels in series
