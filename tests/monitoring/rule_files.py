"""The rule files as they are committed, read as YAML."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.house_rules.repository import ROOT

RULES = ROOT / "monitoring" / "rules"
RUNBOOK = ROOT / "docs" / "alerts.md"


@cache
def rules() -> tuple[dict[str, Any], ...]:
    """Every rule, recording or alerting; nobody changes one."""
    groups = [group for path in sorted(RULES.glob("*.yml")) for group in read(path)["groups"]]
    return tuple(rule for group in groups for rule in group["rules"])


def alerts() -> dict[str, dict[str, Any]]:
    """{name: rule}"""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def read(path: Path) -> Any:
    """One YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))
