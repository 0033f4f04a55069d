"""Load tests as their users make them: by the command, against a board that is up."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loadtest.figures import FIGURES
from loadtest.results import Run
from tests.cli.boards import call


@dataclass(frozen=True)
class Told:
    """What the command said, and with which exit status."""

    status: int
    sentences: list[str]
    notes: dict[str, int]
    run: Run

    @property
    def faults(self) -> list[str]:
        """Targets that were missed, but for times: those are the machine's, and it may be busy."""
        missed = [said for said in self.sentences if said.startswith("missed: ")]
        times = tuple(f"missed: {one.words}: " for one in FIGURES.values() if one.unit == "ms")
        return [said for said in missed if not said.startswith(times)]

    def misses(self, figure: str) -> bool:
        """Whether one of the sentences says that the target of this figure is missed."""
        return any(said.startswith(f"missed: {FIGURES[figure].words}: ") for said in self.sentences)

    def __str__(self) -> str:
        """For a test that fails: what a person would have read."""
        return "\n".join([f"status {self.status}", *self.sentences, json.dumps(self.notes)])


def a_run(data: Path, scenario: str, *arguments: str) -> Told:
    """Run a scenario against the board that is up on `data`."""
    return told(call("loadtest", scenario, "--data", str(data), "--json", *arguments))


def told(done: subprocess.CompletedProcess[str]) -> Told:
    """Of a command with --json."""
    assert done.stdout, done.stderr
    answer = json.loads(done.stdout)
    assert Path(answer["report"]).read_text().rstrip().endswith("</html>"), "no report"
    figures = Path(answer["report"]).with_suffix(".json")
    return Told(done.returncode, answer["sentences"], answer["notes"], Run.read(figures))


def counts_of(run: Run, kind: str) -> dict[str, int]:
    """{'reply': 41, 'new thread': 2}: how many of each name, of that kind of requests."""
    return {row.name: row.count for row in run.requests if row.kind == kind}
