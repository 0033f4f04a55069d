"""Load tests as their users make them: by the command, against a board that is up."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loadtest.results import Run
from tests.cli.boards import call


@dataclass(frozen=True)
class Told:
    """What the command said, and with which exit status."""

    status: int
    sentences: list[str]
    notes: dict[str, int]
    run: Run

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
