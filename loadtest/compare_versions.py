"""Two versions of the board on one machine, each figure as the ratio of the two.

    python -m loadtest.compare_versions HEAD~20              (checked out beside, for this once)
    python -m loadtest.compare_versions --other ../before    (a checkout that is there already)
    python -m loadtest.compare_versions HEAD~20 --short      (what holds on a busy machine)
    python -m loadtest.compare_versions HEAD~20 --only at_rest --only redrawn

A machine is half as fast again from one hour to the next: single figures say little, ratios of
what was measured within a minute say more. Both boards are up the whole time (`up --no-limits`,
each in a folder of its own, filled alike); one question after the other is put to both, in turns,
round after round, each to a board at rest beside one that rests. All load is made by this
checkout. The ratio is this checkout's figure to the other's, for each round; the median counts, and
the spread says what it is worth. Beside it stands the same ratio of the machine itself
(calibration.py): where that is not near 1, it was the machine that changed.

Exit status 1 when a median is more than 1.25 times worse.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from loadtest import machine, upkeep
from loadtest.calibration import Calibration, calibrate
from loadtest.version_questions import (
    BOARD,
    LONG,
    QUESTIONS,
    SHORT,
    Figure,
    Question,
    Scale,
    Values,
)
from loadtest.versions import HERE, RunningBoard, Version, a_board, checked_out

WORST = 1.25


@dataclass(frozen=True)
class Round:
    """What two boards answered within a minute, and how quick the machine was for each."""

    ours: Values
    theirs: Values
    machine_ours: Calibration
    machine_theirs: Calibration


def ask_both(
    question: Question, ours: RunningBoard, theirs: RunningBoard, scale: Scale, number: int
) -> Round:
    """Whoever comes second finds the machine otherwise: they take turns in that too."""
    told: dict[str, tuple[Values, Calibration]] = {}
    for board in (ours, theirs) if number % 2 == 0 else (theirs, ours):
        for each in (ours, theirs):
            upkeep.wait_for_rest(each.pid)
        speed = calibrate(board.data)
        told[board.version.name] = (question.ask(board, scale), speed)
    (ours_told, ours_speed), (theirs_told, theirs_speed) = told["this"], told["other"]
    return Round(ours_told, theirs_told, ours_speed, theirs_speed)


@dataclass(frozen=True)
class Row:
    """A figure of both, over all rounds."""

    figure: Figure
    ours: float
    theirs: float
    ratio: float
    ratio_min: float
    ratio_max: float
    #: This checkout's moments to the other's: of a processor's loop, and of a flush.
    loop_ratio: float
    flush_ratio: float

    @property
    def times_worse(self) -> float:
        """1.25: by a quarter; below 1: better."""
        if self.figure.more_is_better:
            return 1 / self.ratio if self.ratio else math.inf
        return self.ratio


def row_of(figure: Figure, rounds: Sequence[Round]) -> Row:
    ours = [each.ours[figure.name] for each in rounds]
    theirs = [each.theirs[figure.name] for each in rounds]
    ratios = [_ratio(our, their) for our, their in zip(ours, theirs, strict=True)]
    return Row(
        figure,
        statistics.median(ours),
        statistics.median(theirs),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        statistics.median(
            each.machine_ours.loop_ms / each.machine_theirs.loop_ms for each in rounds
        ),
        statistics.median(
            each.machine_ours.fdatasync_ms / each.machine_theirs.fdatasync_ms for each in rounds
        ),
    )


def _ratio(our: float, their: float) -> float:
    """NaN where one can't be seen; of nothing to nothing 1."""
    if their:
        return our / their
    return math.inf if our else 1.0


HEAD = (
    f"{'':42} {'this':>10} {'other':>10} {'ratio':>6} {'from':>6} {'to':>6}"
    f"   {'loop':>5} {'flush':>5}"
)


def as_line(row: Row) -> str:
    """For a person; aligned with HEAD."""
    return (
        f"{row.figure.name:42} {row.ours:10,.2f} {row.theirs:10,.2f} {row.ratio:6.2f}"
        f" {row.ratio_min:6.2f} {row.ratio_max:6.2f}   {row.loop_ratio:5.2f} {row.flush_ratio:5.2f}"
    )


def is_worse(rows: Sequence[Row], worst: float) -> bool:
    """Whether a median is more than `worst` times worse. What can't be seen is not judged."""
    return any(row.times_worse > worst for row in rows)


def compare(
    ours: Version,
    theirs: Version,
    questions: Sequence[Question],
    *,
    scale: Scale,
    rounds: int,
    only_steady: bool,
) -> Iterator[Row]:
    """Row by row, as they are known."""
    with a_board(ours) as our_board, a_board(theirs) as their_board:
        for board in (our_board, their_board):
            board.call("board", "set", BOARD, "pages_max=100")
            board.call("seed", "--threads", str(scale.threads), "--replies", "50")
        for question in questions:
            told = [
                ask_both(question, our_board, their_board, scale, number)
                for number in range(rounds)
            ]
            for figure in question.figures:
                if figure.is_steady or not only_steady:
                    yield row_of(figure, told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each figure; 1 when one is worse."""
    options = _read(arguments)
    questions = [
        question
        for question in QUESTIONS
        if question.name in (options.only or [each.name for each in QUESTIONS])
        and (question.is_steady or not options.short)
    ]
    with ExitStack() as stack:
        other = options.other or stack.enter_context(checked_out(options.revision))
        print(json.dumps(machine.describe()), file=sys.stderr, flush=True)
        print(HEAD, flush=True)
        rows = []
        for row in compare(
            Version.at("this", HERE),
            Version.at("other", other),
            questions,
            scale=SHORT if options.short else LONG,
            rounds=options.rounds or (3 if options.short else 5),
            only_steady=options.short,
        ):
            rows.append(row)
            print(as_line(row), flush=True)
    return 1 if is_worse(rows, options.worst) else 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    other = parser.add_mutually_exclusive_group(required=True)
    other.add_argument("revision", nargs="?", help="of this repository")
    other.add_argument("--other", type=Path, help="a checkout that is there already")
    parser.add_argument("--rounds", type=int, help="5, or 3 where it is short")
    parser.add_argument("--short", action="store_true", help="what holds on a busy machine")
    parser.add_argument(
        "--only", action="append", choices=[each.name for each in QUESTIONS], metavar="QUESTION"
    )
    parser.add_argument("--worst", type=float, default=WORST, help="a ratio worse than this fails")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
