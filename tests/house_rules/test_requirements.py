"""requirements/: what is installed is known by its bytes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.house_rules.repository import ROOT

LOCKED = sorted((ROOT / "requirements").glob("*.txt"))
#: 'falcon==4.2.0 ; python_version >= "3.11" \', with its hashes on the lines below.
_PACKAGE = re.compile(r"^[a-z0-9._-]+(?:\[[a-z0-9,_-]+\])?==[^\s;]+(?: ; [^\\]+)? \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


@pytest.mark.parametrize("locked", LOCKED, ids=lambda path: path.name)
def test_every_package_is_pinned_by_hash(locked: Path) -> None:
    """Each line is a package of one version, a hash of its files, or a remark."""
    text = locked.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith(" "):
            assert _PACKAGE.match(line), line
            assert _HASH.match(below), line
        else:
            assert _HASH.match(line), line


def test_every_set_of_packages_is_looked_up_for_known_faults() -> None:
    """Each Monday and with each change, by the workflow, which has the network that this lacks."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/security.yml").read_text(encoding="utf-8"))
    packages = workflow["jobs"]["packages"]
    looked_up = packages["strategy"]["matrix"]["set"]
    assert sorted(looked_up) == [path.stem for path in LOCKED]
    (audit,) = [step for step in packages["steps"] if "pip-audit" in step.get("uses", "")]
    assert audit["with"]["inputs"] == "requirements/${{ matrix.set }}.txt"


def test_lookup_that_could_not_be_made_fails_with_a_sentence() -> None:
    """Whether the database is out of reach or has never heard of a package."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/security.yml").read_text(encoding="utf-8"))
    packages = workflow["jobs"]["packages"]
    (audit,) = [step for step in packages["steps"] if "pip-audit" in step.get("uses", "")]
    assert audit["with"]["internal-be-careful-extra-flags"] == "--strict"
    (sentence,) = [step["run"] for step in packages["steps"] if step.get("if") == "failure()"]
    assert "could not be reached" in sentence
    for part in (packages, *packages["steps"]):
        assert "continue-on-error" not in part
