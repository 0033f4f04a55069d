"""The manifests hold together, and ask for no more than the namespace's policy allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.environment import ROOT
from imageboard.queue.queues import QUEUE
from imageboard.settings import Settings
from monitoring import dashboards
from tests.deploy.containers import programs
from tests.deploy.containers.kustomization import (
    Manifest,
    build,
    containers,
    pod_specs,
    unlisted,
)
from tests.monitoring.rule_files import read

pytestmark = pytest.mark.slow

K8S = ROOT / "deploy/k8s"
KUSTOMIZATIONS = {"base": K8S / "base", "example": K8S / "overlays/example"}
LABEL = "app.kubernetes.io/name"
#: What our pods may read that no manifest here makes.
MADE_BY_THE_OPERATOR = {
    ("Secret", name) for name in ("stillboard", "stillboard-backups", "stillboard-exporters")
}


@pytest.fixture(params=KUSTOMIZATIONS, scope="module")
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return build(KUSTOMIZATIONS[request.param])


def of_kind(manifests: list[Manifest], *kinds: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] in kinds}


def test_every_manifest_is_listed() -> None:
    for place in [*K8S.glob("base"), *K8S.glob("components/*"), *K8S.glob("overlays/*")]:
        assert unlisted(place) == set(), place


def test_every_manifest_is_in_the_namespace_and_no_two_have_one_name(
    manifests: list[Manifest],
) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in manifests]
    assert len(names) == len(set(names))
    for manifest in manifests:
        if manifest["kind"] != "Namespace":
            assert manifest["metadata"]["namespace"] == "stillboard"


def test_selectors_find_the_pods_that_they_are_for(manifests: list[Manifest]) -> None:
    pods = {
        name: one["spec"]["template"]["metadata"]["labels"]
        for name, one in of_kind(manifests, "Deployment", "Job").items()
    }
    for name, deployment in of_kind(manifests, "Deployment").items():
        assert deployment["spec"]["selector"]["matchLabels"].items() <= pods[name].items()
    for name, service in of_kind(manifests, "Service").items():
        assert service["spec"]["selector"].items() <= pods[name].items()
    for budget in of_kind(manifests, "PodDisruptionBudget").values():
        labels = budget["spec"]["selector"]["matchLabels"].items()
        assert any(labels <= pod.items() for pod in pods.values())


def test_ports_are_there_by_the_name_that_is_asked_for(manifests: list[Manifest]) -> None:
    named: dict[str, set[str]] = {}
    for name, spec in pod_specs(manifests):
        for container in containers(spec):
            own = {port["name"] for port in container.get("ports", ())}
            named[name] = named.get(name, set()) | own
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                if "httpGet" in container.get(probe, {}):
                    assert container[probe]["httpGet"]["port"] in own, (name, probe)
    for name, service in of_kind(manifests, "Service").items():
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= named[name]
    for policy in of_kind(manifests, "NetworkPolicy").values():
        for rule in [*policy["spec"].get("ingress", ()), *policy["spec"].get("egress", ())]:
            words = {port["port"] for port in rule["ports"] if isinstance(port["port"], str)}
            assert all(any(word in ports for ports in named.values()) for word in words)


def test_every_program_is_watched(manifests: list[Manifest]) -> None:
    for name, deployment in of_kind(manifests, "Deployment").items():
        for container in deployment["spec"]["template"]["spec"]["containers"]:
            assert "livenessProbe" in container, name
    (writer,) = of_kind(manifests, "Deployment")["writer"]["spec"]["template"]["spec"]["containers"]
    assert writer["readinessProbe"]["httpGet"]["path"] == "/readyz"
    # A database that is down is no reason to kill writers: they would all be gone at once.
    assert writer["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_pods_are_what_the_restricted_policy_asks_for(manifests: list[Manifest]) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/, "Restricted"."""
    for name, spec in pod_specs(manifests):
        pod = spec["securityContext"]
        assert pod["runAsNonRoot"] is True, name
        assert pod["runAsUser"] == pod["fsGroup"] == 1000, name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        for container in containers(spec):
            own = container["securityContext"]
            assert own["allowPrivilegeEscalation"] is False, name
            assert own["readOnlyRootFilesystem"] is True, name
            assert own["capabilities"] == {"drop": ["ALL"]}, name
        for volume in spec.get("volumes", ()):
            assert "hostPath" not in volume, name


def test_every_container_asks_for_and_is_held_to_what_it_uses(manifests: list[Manifest]) -> None:
    for name, spec in pod_specs(manifests):
        for container in containers(spec):
            for bound in ("requests", "limits"):
                assert {"cpu", "memory"} == container["resources"][bound].keys(), name


def test_volumes_settings_and_secrets_are_there(manifests: list[Manifest]) -> None:
    there = {(one["kind"], one["metadata"]["name"]) for one in manifests} | MADE_BY_THE_OPERATOR
    for name, spec in pod_specs(manifests):
        volumes = {volume["name"] for volume in spec.get("volumes", ())}
        mounted = set()
        for container in containers(spec):
            mounted |= {mount["name"] for mount in container.get("volumeMounts", ())}
            assert set(_read_by(container)) <= there, name
        assert mounted == volumes, name
        for volume in spec.get("volumes", ()):
            if claim := volume.get("persistentVolumeClaim"):
                assert ("PersistentVolumeClaim", claim["claimName"]) in there, name


def _read_by(container: Manifest) -> Iterator[tuple[str, str]]:
    """('Secret', name) and the like of what its environment is from."""
    sources = [*container.get("envFrom", ())]
    sources += [value["valueFrom"] for value in container.get("env", ()) if "valueFrom" in value]
    kinds = {"configMapRef": "ConfigMap", "secretRef": "Secret"}
    kinds |= {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
    for source in sources:
        yield from ((kinds[key], one["name"]) for key, one in source.items() if key in kinds)


def test_settings_exist_and_none_is_a_secret(manifests: list[Manifest]) -> None:
    known = {row.name: row.is_secret for row in Settings.rows()}
    given = dict(of_kind(manifests, "ConfigMap")["settings"]["data"])
    for name in given:
        assert name in known or name in programs.OTHER_NAMES, name
        assert not known.get(name, False), f"{name} belongs into the secret"
    given |= {"R2_ACCESS_KEY": "a", "R2_SECRET_KEY": "b"} if "R2_BUCKET_NAME" in given else {}
    assert Settings.read(given).environment == "production"
    assert "Secret" not in {one["kind"] for one in manifests}


def test_commands_are_those_of_the_image(manifests: list[Manifest]) -> None:
    for _name, spec in pod_specs(manifests):
        for container in containers(spec):
            if "stillboard" in container["image"]:
                programs.check(container.get("command", []))


def test_all_programs_run_one_image_that_an_overlay_names() -> None:
    """Backups the same with PostgreSQL's tools beside it."""
    images = {
        container["image"]
        for _name, spec in pod_specs(build(KUSTOMIZATIONS["example"]))
        for container in containers(spec)
        if not container["image"].startswith(("docker.io/", "quay.io/"))
    }
    assert images == {
        "ghcr.io/example/stillboard:0.1.0",
        "ghcr.io/example/stillboard-operations:0.1.0",
    }


def test_readers_come_in_by_a_gateway_that_leads_to_nginx() -> None:
    """Over TLS; who comes without is led there."""
    manifests = build(KUSTOMIZATIONS["example"])
    assert not of_kind(manifests, "Ingress")
    (gateway,) = of_kind(manifests, "Gateway").values()
    listeners = {one["name"]: one for one in gateway["spec"]["listeners"]}
    (backend,) = _rule_of_route(manifests, gateway, listeners["https"])["backendRefs"]
    ports = of_kind(manifests, "Service")[backend["name"]]["spec"]["ports"]
    assert backend["name"] == "nginx"
    assert backend["port"] in {port["port"] for port in ports}
    (sent_on,) = _rule_of_route(manifests, gateway, listeners["http"])["filters"]
    assert sent_on["requestRedirect"]["scheme"] == "https"
    assert (listeners["https"]["protocol"], listeners["https"]["tls"]["mode"]) == (
        "HTTPS",
        "Terminate",
    )
    site = of_kind(manifests, "ConfigMap")["settings"]["data"]["STILLBOARD_SITE_URL"]
    assert {one["hostname"] for one in listeners.values()} == {site.removeprefix("https://")}


def _rule_of_route(manifests: list[Manifest], gateway: Manifest, listener: Manifest) -> Manifest:
    """The one rule of the one route that a listener has; of the API's own kinds and names."""
    parent = {"name": gateway["metadata"]["name"], "sectionName": listener["name"]}
    (route,) = (
        one
        for one in of_kind(manifests, "HTTPRoute").values()
        if parent in one["spec"]["parentRefs"]
    )
    assert route["apiVersion"] == gateway["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert route["spec"]["hostnames"] == [listener["hostname"]]
    (rule,) = route["spec"]["rules"]
    return dict(rule)


def test_prometheus_of_a_cluster_has_the_rules_of_all_others() -> None:
    (found,) = of_kind(build(KUSTOMIZATIONS["example"]), "PrometheusRule").values()
    files = sorted((ROOT / "monitoring/rules").glob("*.yml"))
    assert found["spec"] == {"groups": [group for file in files for group in read(file)["groups"]]}


def test_grafana_of_a_cluster_has_the_pages_of_all_others() -> None:
    maps = of_kind(build(KUSTOMIZATIONS["example"]), "ConfigMap").values()
    found = [one for one in maps if "grafana_dashboard" in one["metadata"].get("labels", {})]
    texts = [text for one in found for text in one["data"].values()]
    assert sorted(texts) == sorted(dashboards.files().values())


def test_everything_that_shows_figures_is_asked_and_lets_prometheus_in() -> None:
    manifests = build(KUSTOMIZATIONS["example"])
    (monitor,) = of_kind(manifests, "PodMonitor").values()
    asked = monitor["spec"]["selector"]["matchLabels"].items()
    policies = of_kind(manifests, "NetworkPolicy").values()
    for name, deployment in of_kind(manifests, "Deployment").items():
        pod = deployment["spec"]["template"]
        ports = {port["name"] for one in pod["spec"]["containers"] for port in one.get("ports", ())}
        if "metrics" in ports:
            assert asked <= pod["metadata"]["labels"].items(), name
            assert any(
                {"protocol": "TCP", "port": "metrics"} in rule["ports"]
                for policy in policies
                if _selects(policy["spec"]["podSelector"], name)
                for rule in policy["spec"].get("ingress", ())
            ), name


def test_exporters_reach_what_they_look_at() -> None:
    policies = of_kind(build(KUSTOMIZATIONS["example"]), "NetworkPolicy")
    assert _may_go_out(policies, "postgres-exporter", 5432)
    assert _may_go_out(policies, "redis-exporter", 6379)


def test_what_must_never_be_away_scales_from_two_and_goes_one_by_one(
    manifests: list[Manifest],
) -> None:
    budgets = of_kind(manifests, "PodDisruptionBudget")
    scalers = _scalers(manifests)
    for name in ("writer", "renderer", "nginx"):
        assert scalers[name] >= 2
        assert budgets[name]["spec"]["maxUnavailable"] == 1
        assert "replicas" not in of_kind(manifests, "Deployment")[name]["spec"]


def _scalers(manifests: list[Manifest]) -> dict[str, int]:
    """{deployment: fewest pods}; each has one scaler, or two would pull at it."""
    found: dict[str, int] = {}
    least = {"HorizontalPodAutoscaler": "minReplicas", "ScaledObject": "minReplicaCount"}
    for one in manifests:
        if one["kind"] in least:
            aim = one["spec"]["scaleTargetRef"]["name"]
            assert aim not in found
            found[aim] = one["spec"][least[one["kind"]]]
    return found


def test_the_queue_that_the_renderer_scales_by_is_the_one_that_it_works_on() -> None:
    scaled = of_kind(build(KUSTOMIZATIONS["example"]), "ScaledObject")["renderer"]
    (queue,) = [one for one in scaled["spec"]["triggers"] if one["type"] == "redis"]
    assert queue["metadata"]["listName"] == f"rq:queue:{QUEUE}"


def test_nobody_reaches_anybody_unless_it_is_said(manifests: list[Manifest]) -> None:
    policies = of_kind(manifests, "NetworkPolicy")
    assert policies["default-deny"]["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    assert _may_go_out(policies, "nginx", 5432) is False
    assert _may_go_out(policies, "writer", 5432) is True
    assert _may_go_out(policies, "renderer", 443) is False
    assert _may_go_out(policies, "publisher", 443) is True


def test_backups_reach_the_database_and_their_bucket() -> None:
    policies = of_kind(build(KUSTOMIZATIONS["example"]), "NetworkPolicy")
    for pod in ("backup", "backup-wal"):
        assert _may_go_out(policies, pod, 5432)
        assert _may_go_out(policies, pod, 443)


def _may_go_out(policies: dict[str, Manifest], pod: str, port: int) -> bool:
    return any(
        port in {one["port"] for one in rule["ports"]}
        for policy in policies.values()
        if _selects(policy["spec"]["podSelector"], pod)
        for rule in policy["spec"].get("egress", ())
    )


def _selects(selector: dict[str, Any], pod: str) -> bool:
    if "matchLabels" in selector:
        return bool(selector["matchLabels"].get(LABEL) == pod)
    return all(pod in one["values"] for one in selector.get("matchExpressions", ()))


def test_kustomizations_name_no_file_of_another_folder() -> None:
    """But for those that kustomize allows: a base, a component."""
    for place in K8S.rglob("kustomization.yaml"):
        for line in place.read_text().splitlines():
            if line.strip().startswith("- ../"):
                assert Path(place.parent / line.strip()[2:]).is_dir(), line
