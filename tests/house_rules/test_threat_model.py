"""docs/threat-model.md names a test for each thing that stops an attack."""

from __future__ import annotations

from tests.house_rules.named_tests import is_there
from tests.house_rules.repository import ROOT

COLUMNS = 5


def attacks() -> list[list[str]]:
    lines = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in rows if len(row) == COLUMNS and "test" not in row]


def test_each_attack_is_stopped_by_what_a_test_shows() -> None:
    assert len(attacks()) > 30
    assert [row[:2] for row in attacks() if not is_there(row[3])] == []
