"""Two checkouts of the board in turns on one machine, each figure as a ratio.

    git worktree add ../before HEAD~20
    python -m loadtest.in_turns --other ../before --rounds 5

A machine is half as fast again from one hour to the next: single figures say little, ratios of
turns that lie a minute apart say more. Each turn starts its own board (`up --no-limits`, a folder
of its own below /tmp, a free port), asks it the same as the other, and stops it. The ratio is this
checkout to the other, for each round; the median counts, and the spread says what it is worth.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
_READY = re.compile(r"^ready: (\S+)$")
_START_WAIT_S = 120

#: A module and its arguments.
Question = tuple[str, tuple[str, ...]]
ONE_POSTER: Question = ("loadtest.freshness", ("--replies", "50", "--posts", "100", "--json"))
PICTURES: Question = (
    "loadtest.freshness",
    ("--replies", "20", "--posts", "40", "--picture", "--json"),
)
CROWD: Question = ("loadtest.sustained", ("--seconds", "12"))
#: (figure, who is asked, where it stands in the answer, whether more is better)
FIGURES: tuple[tuple[str, Question, tuple[str, ...], bool], ...] = (
    ("answer p50, ms", ONE_POSTER, ("ms", "answer", "p50"), False),
    ("visible p50, ms", ONE_POSTER, ("ms", "visible", "p50"), False),
    ("visible p99, ms", ONE_POSTER, ("ms", "visible", "p99"), False),
    ("picture's answer p50, ms", PICTURES, ("ms", "answer", "p50"), False),
    ("picture visible p50, ms", PICTURES, ("ms", "visible", "p50"), False),
    ("16 clients: posts/s", CROWD, ("posts_per_s",), True),
    ("16 clients: answer p50, ms", CROWD, ("answer_ms", "p50"), False),
    ("16 clients: visible p99, ms", CROWD, ("visible_ms", "p99"), False),
)


@contextmanager
def a_board(checkout: Path) -> Iterator[str]:
    """The address of a board of that checkout, which is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        process = subprocess.Popen(
            ["./stillboard", "up", "--no-limits", "--data", f"{folder}/data", "--port", str(port)],
            cwd=checkout,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        try:
            found = next((m for line in process.stdout if (m := _READY.match(line.strip()))), None)
            if found is None:
                raise SystemExit(f"the board of {checkout} did not start")
            yield found[1].rstrip("/")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_START_WAIT_S)


def turn(checkout: Path) -> dict[str, float]:
    """{figure: value} of one board, asked by the generators of this checkout."""
    answers: dict[Question, Any] = {}
    with a_board(checkout) as url:
        for question in dict.fromkeys(row[1] for row in FIGURES):
            module, arguments = question
            done = subprocess.run(
                [sys.executable, "-P", "-m", module, "--url", url, *arguments],
                cwd=HERE,
                env={"PYTHONPATH": str(HERE)},
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
            answers[question] = json.loads(done.stdout)
    return {name: _at(answers[question], place) for name, question, place, _ in FIGURES}


def _at(told: Any, place: Sequence[str]) -> float:
    for name in place:
        told = told[name]
    return float(told)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--other", type=Path, required=True, help="a checkout of another version")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--worst", type=float, default=1.25, help="a ratio worse than this fails")
    options = parser.parse_args()
    rounds = []
    for number in range(options.rounds):
        # Whoever comes second finds the machine otherwise: they take turns in that too.
        order = (HERE, options.other) if number % 2 == 0 else (options.other, HERE)
        told = {checkout: turn(checkout) for checkout in order}
        rounds.append((told[HERE], told[options.other]))
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
    print(f"{'':28} {'this':>8} {'other':>8} {'ratio':>6}  from   to")
    worst = 0.0
    for name, _question, _place, more_is_better in FIGURES:
        ours = [ours[name] for ours, _ in rounds]
        theirs = [theirs[name] for _, theirs in rounds]
        ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
        ratio = statistics.median(ratios)
        worst = max(worst, 1 / ratio if more_is_better else ratio)
        print(
            f"{name:28} {statistics.median(ours):8.2f} {statistics.median(theirs):8.2f}"
            f" {ratio:6.2f}  {min(ratios):.2f}  {max(ratios):.2f}"
        )
    return 1 if worst > options.worst else 0


if __name__ == "__main__":
    sys.exit(main())
