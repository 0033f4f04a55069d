"""What `kubectl apply -k` would send: the resources of a kustomization, its components and patches.

Enough of kustomize for our own files, so that tests need no program from outside: resources,
components, strategic merges of mappings, `$patch: delete`, the namespace, the images, and labels of
pods.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]


def build(folder: Path) -> list[Manifest]:
    """Every manifest of `folder`'s kustomization.

    Raises FileNotFoundError when it names a file that is not there.
    """
    wish = _read(folder / "kustomization.yaml")[0]
    manifests: list[Manifest] = []
    for name in wish.get("resources", ()):
        place = folder / name
        manifests += build(place) if place.is_dir() else _read(place)
    for name in wish.get("components", ()):
        manifests = _with_component(manifests, folder / name)
    for patch in wish.get("patches", ()):
        manifests = _patched(manifests, _patch_text(folder, patch))
    for manifest in manifests:
        _name_images(manifest, wish.get("images", ()))
        for labels in wish.get("labels", ()):
            _label_pods(manifest, labels["pairs"])
        if "namespace" in wish and manifest["kind"] != "Namespace":
            manifest["metadata"]["namespace"] = wish["namespace"]
    return manifests


def unlisted(folder: Path) -> set[str]:
    """Files beside a kustomization that it does not name: nothing would come of them."""
    wish = _read(folder / "kustomization.yaml")[0]
    listed = {*wish.get("resources", ()), *(one.get("path") for one in wish.get("patches", ()))}
    return {path.name for path in folder.glob("*.yaml")} - listed - {"kustomization.yaml"}


def pod_specs(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """(name, spec) of each pod that they lead to."""
    for manifest in manifests:
        spec = manifest.get("spec", {})
        if manifest["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if manifest["kind"] in {"Deployment", "Job", "CronJob"}:
            yield manifest["metadata"]["name"], spec["template"]["spec"]


def containers(spec: Manifest) -> list[Manifest]:
    """All of a pod, those that run first among them."""
    return [*spec.get("initContainers", ()), *spec["containers"]]


def _with_component(manifests: list[Manifest], folder: Path) -> list[Manifest]:
    wish = _read(folder / "kustomization.yaml")[0]
    for name in wish.get("resources", ()):
        manifests = manifests + _read(folder / name)
    for patch in wish.get("patches", ()):
        manifests = _patched(manifests, _patch_text(folder, patch))
    return manifests


def _patch_text(folder: Path, patch: Manifest) -> str:
    return str(patch["patch"]) if "patch" in patch else (folder / patch["path"]).read_text()


def _patched(manifests: list[Manifest], text: str) -> list[Manifest]:
    patch = yaml.safe_load(text)
    aim = (patch["kind"], patch["metadata"]["name"])
    found = [one for one in manifests if (one["kind"], one["metadata"]["name"]) == aim]
    assert found, f"a patch for {aim}, which is not there"
    if patch.get("$patch") == "delete":
        return [one for one in manifests if one not in found]
    return [_merged(one, patch) if one in found else one for one in manifests]


def _merged(under: Any, over: Any) -> Any:
    if isinstance(under, dict) and isinstance(over, dict):
        return under | {key: _merged(under.get(key), value) for key, value in over.items()}
    return over


def _name_images(manifest: Manifest, images: list[Manifest]) -> None:
    for _name, spec in pod_specs([manifest]):
        for container in containers(spec):
            for image in images:
                name, _, _tag = container["image"].partition(":")
                if name == image["name"]:
                    tag = f"@{image['digest']}" if "digest" in image else f":{image['newTag']}"
                    container["image"] = image.get("newName", name) + tag


def _label_pods(manifest: Manifest, pairs: dict[str, str]) -> None:
    if "template" in manifest.get("spec", {}):
        metadata = manifest["spec"]["template"]["metadata"]
        metadata["labels"] = metadata["labels"] | pairs


def _read(path: Path) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]
