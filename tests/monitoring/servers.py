"""Prometheus, Alertmanager and the exporters, as Debian has them, each at a free port."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import yaml

from deploy.embedded.service import free_port
from tests.deploy.stand_ins import WAIT_S
from tests.house_rules.repository import ROOT
from tests.monitoring.rule_files import RULES, read

ALERTMANAGER = ROOT / "monitoring" / "alertmanager.yml"
_LOOK_EVERY_S = 0.1


@contextmanager
def running(
    command: Sequence[str], port: int, *, path: str = "/metrics", environ: Mapping[str, str] = {}
) -> Iterator[str]:
    """'127.0.0.1:port', once `path` is answered there; stopped afterwards."""
    process = subprocess.Popen(
        command,
        env={"PATH": "/usr/bin:/bin", **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        awaited(lambda: process.poll() is not None or tried(f"127.0.0.1:{port}", path))
        assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def get(address: str, path: str) -> str:
    """The body, as soon as somebody answers with 200: nobody takes silence for an empty page."""
    return str(awaited(lambda: tried(address, path)))


def get_json(address: str, path: str) -> Any:
    return json.loads(get(address, path))


def tried(address: str, path: str) -> str:
    """One try; '' when nobody answers with 200, or not to the end."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=WAIT_S) as answer:
            text: str = answer.read().decode()
            return text
    except (OSError, HTTPException):
        return ""


def awaited(condition: Callable[[], Any]) -> Any:
    """What `condition` gives as soon as that is something; an AssertionError when it never is."""
    deadline = time.monotonic() + WAIT_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "not within the time"
        time.sleep(_LOOK_EVERY_S)
    return found


def write_alertmanager(folder: Path, *, alive: str) -> Path:
    """The configuration that is committed, with the address `alive` in place of its file.

    Debian 12's Alertmanager (0.25) knows webhooks by their address alone.
    """
    settings = read(ALERTMANAGER)
    (receiver,) = (one for one in settings["receivers"] if one["name"] == "alive")
    (webhook,) = receiver["webhook_configs"]
    assert webhook.pop("url_file") == "/run/secrets/alert_alive_url"
    webhook["url"] = alive
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(settings))
    return path


@contextmanager
def alertmanager(folder: Path, *, alive: str) -> Iterator[str]:
    """With the configuration that is committed; of its receivers one is told, that at `alive`."""
    port = free_port()
    configuration = write_alertmanager(folder, alive=alive)
    command = [
        "prometheus-alertmanager",
        f"--config.file={configuration}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, port, path="/-/ready") as address:
        yield address


@contextmanager
def prometheus(folder: Path, *, targets: Path, alertmanager: str, patience: float) -> Iterator[str]:
    """With the configuration and the rules that are committed, in a hurry.

    It looks each second, and an alert waits for `patience` of its `for`. Of the jobs there is the
    one that reads `targets`; names of containers mean nothing here.
    """
    port = free_port()
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(_configuration(targets, alertmanager)))
    rules = folder / "rules"
    rules.mkdir()
    for source in RULES.glob("*.yml"):
        (rules / source.name).write_text(yaml.safe_dump(hurried(read(source), patience)))
    command = [
        "prometheus",
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running(command, port, path="/-/ready") as address:
        yield address


def _configuration(targets: Path, alertmanager: str) -> dict[str, Any]:
    settings: dict[str, Any] = read(ROOT / "monitoring" / "prometheus.server.yml")
    settings["global"] |= {
        "scrape_interval": "1s",
        "scrape_timeout": "1s",
        "evaluation_interval": "1s",
    }
    settings["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
    (job,) = (job for job in settings["scrape_configs"] if "file_sd_configs" in job)
    job["file_sd_configs"] = [{"files": [str(targets)]}]
    settings["scrape_configs"] = [job]
    return settings


def hurried(rules: dict[str, Any], patience: float) -> dict[str, Any]:
    """Rules that are looked at each second, and whose `for` is so much shorter."""
    for group in rules["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = f"{_seconds(rule['for']) * patience * 1000:.0f}ms"
    return rules


def _seconds(duration: str) -> float:
    return float(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]
