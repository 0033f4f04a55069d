"""The Jobs of a load test from several machines fit together, and the command takes their calls."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.environment import ROOT
from loadtest.plan import MASTER_PORT
from tests.cli.boards import call

FOLDER = ROOT / "deploy" / "k8s" / "loadtest"
SETTINGS = dict(
    line.split("=", 1)
    for line in (FOLDER / "run.env").read_text().splitlines()
    if line and not line.startswith("#")
)


def manifests() -> dict[tuple[str, str], dict[str, Any]]:
    """{(kind, name): manifest} of all that the kustomization lists."""
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    found = [each for name in listed for each in yaml.safe_load_all((FOLDER / name).read_text())]
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def pod_of(role: str) -> dict[str, Any]:
    pod: dict[str, Any] = manifests()["Job", f"loadtest-{role}"]["spec"]["template"]
    return pod


def test_kustomization_lists_every_manifest() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    there = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed) == there


def test_as_many_workers_are_started_as_the_master_waits_for() -> None:
    spec = manifests()["Job", "loadtest-worker"]["spec"]
    assert spec["completions"] == spec["parallelism"] == int(SETTINGS["WORKERS"])


def test_workers_reach_the_master_and_nobody_else_does() -> None:
    service = manifests()["Service", "loadtest-master"]["spec"]
    master = pod_of("master")
    assert service["selector"].items() <= master["metadata"]["labels"].items()
    (port,) = service["ports"]
    assert port["port"] == MASTER_PORT
    (container,) = master["spec"]["containers"]
    assert {"name": port["targetPort"], "containerPort": MASTER_PORT} in container["ports"]
    (rule,) = manifests()["NetworkPolicy", "loadtest"]["spec"]["ingress"]
    (peer,) = rule["from"]
    labels = peer["podSelector"]["matchLabels"].items()
    assert labels <= pod_of("worker")["metadata"]["labels"].items()
    assert not labels <= master["metadata"]["labels"].items()


@pytest.mark.parametrize("role", ["master", "worker"])
def test_pods_may_do_nothing_but_load(role: str) -> None:
    spec = pod_of(role)["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert not spec["automountServiceAccountToken"]
    (container,) = spec["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert {"cpu", "memory"} == set(container["resources"]["limits"])


@pytest.mark.slow
@pytest.mark.parametrize("role", ["master", "worker"])
def test_command_takes_the_call(role: str, tmp_path: Path) -> None:
    """Up to the board, which is not there."""
    (container,) = pod_of(role)["spec"]["containers"]
    settings = SETTINGS | {"HOST": "http://127.0.0.1:9"}
    arguments = [
        re.sub(r"\$\((\w+)\)", lambda name: settings[name[1]], each).replace(
            "/results", str(tmp_path)
        )
        for each in container["args"]
    ]
    done = call("loadtest", *arguments)
    assert done.returncode == 2
    assert "no board answers at http://127.0.0.1:9" in done.stderr
