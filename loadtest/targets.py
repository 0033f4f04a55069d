"""targets.toml, read and checked: what a run must show, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from loadtest import programme
from loadtest.figures import FIGURES

TARGETS_FILE = Path(__file__).with_name("targets.toml")

SCENARIOS = tuple(programme.SCENARIOS)
#: Sections that hold for every scenario: the operations guide's targets, and this project's own.
EVERYWHERE = ("guide", "board")
_KEYS = {"max", "min", "unit", "why", "scenarios"}


class BadTargets(Exception):
    """A targets file that can't be meant as it is; its message names the table and the fault."""


@dataclass(frozen=True, slots=True)
class Target:
    """One bound on one figure; it holds for the scenarios that it names."""

    #: The section it is from: "guide", "board" or a scenario.
    source: str
    figure: str
    side: Literal["max", "min"]
    bound: float
    unit: str
    why: str
    scenarios: tuple[str, ...] = SCENARIOS

    def is_met_by(self, value: float) -> bool:
        """The bound itself still meets it."""
        return value <= self.bound if self.side == "max" else value >= self.bound


def read(path: Path = TARGETS_FILE) -> list[Target]:
    """All targets of the file, in its order.

    Raises:
        BadTargets: an unknown section, scenario, figure or unit, a target without bound or reason.
    """
    try:
        document = tomllib.loads(path.read_text())
    except OSError as ex:
        raise BadTargets(f"{path}: {ex.strerror}") from None
    except tomllib.TOMLDecodeError as ex:
        raise BadTargets(f"{path}: {ex}") from None
    return [
        _target(section, figure, table)
        for section, tables in document.items()
        for figure, table in _tables_of(section, tables)
    ]


def of_scenario(targets: list[Target], scenario: str) -> list[Target]:
    """Those that a run of the scenario must meet.

    The scenario's own bound on a figure takes the place of [board]'s; [guide]'s always stays.
    """
    mine = [target for target in targets if scenario in target.scenarios]
    own = {target.figure for target in mine if target.source == scenario}
    return [target for target in mine if target.source != "board" or target.figure not in own]


def _tables_of(section: str, tables: Any) -> list[tuple[str, Any]]:
    if section not in (*EVERYWHERE, *SCENARIOS):
        known = ", ".join((*EVERYWHERE, *SCENARIOS))
        raise BadTargets(f"[{section}] is no section: there are {known}")
    if not isinstance(tables, dict):
        raise BadTargets(f"[{section}] holds no targets")
    return list(tables.items())


def _target(section: str, figure: str, table: Any) -> Target:
    where = f"[{section}.{figure}]"
    if figure not in FIGURES:
        raise BadTargets(f"{where}: there is no figure of that name in loadtest/figures.py")
    if not isinstance(table, dict) or set(table) - _KEYS:
        raise BadTargets(f"{where}: a target has {', '.join(sorted(_KEYS))} and nothing else")
    unit = FIGURES[figure].unit
    if table.get("unit") != unit:
        raise BadTargets(f'{where}: {figure} is measured in "{unit}"')
    if not str(table.get("why", "")).strip():
        raise BadTargets(f"{where}: it says no why")
    side, bound = _bound(where, table)
    return Target(
        source=section,
        figure=figure,
        side=side,
        bound=bound,
        unit=unit,
        why=table["why"],
        scenarios=_scenarios(where, section, table),
    )


def _bound(where: str, table: Mapping[str, Any]) -> tuple[Literal["max", "min"], float]:
    sides: list[Literal["max", "min"]] = [side for side in ("max", "min") if side in table]
    if len(sides) != 1:
        raise BadTargets(f"{where}: it needs either max or min")
    bound = table[sides[0]]
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        raise BadTargets(f"{where}: {sides[0]} is no number")
    return sides[0], float(bound)


def _scenarios(where: str, section: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    if section in SCENARIOS:
        if "scenarios" in table:
            raise BadTargets(f"{where}: it holds for {section} alone")
        return (section,)
    scenarios = tuple(table.get("scenarios", SCENARIOS))
    for scenario in scenarios:
        if scenario not in SCENARIOS:
            raise BadTargets(f"{where}: {scenario!r} is no scenario")
    return scenarios
