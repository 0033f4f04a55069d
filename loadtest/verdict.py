"""Yes or no: a run's figures against its targets, a sentence for each that is missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loadtest.figures import FIGURES
from loadtest.results import Run
from loadtest.targets import Target, of_scenario

_SOURCES = {"guide": "the operations guide's target", "board": "this board's target"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One target and the figure that was held against it; None: the run does not have it."""

    target: Target
    scenario: str
    value: float | None

    @property
    def is_met(self) -> bool:
        return self.value is not None and self.target.is_met_by(self.value)

    @property
    def is_missed(self) -> bool:
        """A figure that clients see in every such run, and did not see, is missed as well:
        a run that asked for nothing must not pass. What only the board's own machine could
        tell is not held against a run from elsewhere.
        """
        if self.value is None:
            return FIGURES[self.target.figure].seen_by == "clients"
        return not self.is_met

    @property
    def sentence(self) -> str:
        """'posts until the answer, p99: 1,240 ms, at most 500 ms (this board's target)'"""
        target = self.target
        words = FIGURES[target.figure].words
        limit = "at most" if target.side == "max" else "at least"
        value = "not measured" if self.value is None else with_unit(self.value, target.unit)
        source = _SOURCES.get(target.source, f"{self.scenario}'s own target")
        return f"{words}: {value}, {limit} {with_unit(target.bound, target.unit)} ({source})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """All judgements of one run, in the order of targets.toml."""

    scenario: str
    judgements: tuple[Judgement, ...]

    @property
    def missed(self) -> list[Judgement]:
        return [judgement for judgement in self.judgements if judgement.is_missed]

    @property
    def not_measured(self) -> list[Judgement]:
        return [judgement for judgement in self.judgements if judgement.value is None]

    @property
    def is_yes(self) -> bool:
        return not self.missed

    def sentences(self) -> list[str]:
        """What a person reads: the answer, what was missed, then what nobody looked at."""
        unseen = [judgement for judgement in self.not_measured if not judgement.is_missed]
        return [
            self._answer(len(unseen)),
            *(f"missed: {judgement.sentence}" for judgement in self.missed),
            *(f"not judged: {judgement.sentence}" for judgement in unseen),
        ]

    def _answer(self, unseen: int) -> str:
        judged = len(self.judgements) - unseen
        if self.is_yes:
            return f"{self.scenario}: yes, all {judged} targets that could be measured are met"
        return f"{self.scenario}: no, {len(self.missed)} of {judged} targets are missed"


def judge(run: Run, targets: Iterable[Target]) -> Verdict:
    """Hold the run's figures against the targets of its scenario.

    Raises:
        ValueError: there are none for it, so that nothing could be missed.
    """
    mine = of_scenario(list(targets), run.scenario)
    if not mine:
        raise ValueError(f"there are no targets for {run.scenario}")
    judgements = (
        Judgement(target, run.scenario, run.figures.get(target.figure)) for target in mine
    )
    return Verdict(run.scenario, tuple(judgements))


def with_unit(value: float, unit: str) -> str:
    """'1,240 ms', '4.6 ms', '0', '512 MB', '0.1 %': no more digits than mean something."""
    digits = 0 if value == int(value) or abs(value) >= 1000 else 1 if abs(value) >= 1 else 3
    number = f"{value:,.{digits}f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number}{unit}" if unit.startswith("/") else f"{number} {unit}".strip()
