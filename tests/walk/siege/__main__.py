"""The command: `python -m tests.walk.siege --seconds 600 --seed 7`."""

from __future__ import annotations

import argparse
import sys

from tests.walk.siege.run import run


def main() -> int:
    parser = argparse.ArgumentParser(description="A board under siege, then the proof.")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    outcome = run(seconds=chosen.seconds, seed=chosen.seed)
    print("\n".join(outcome.lines() + [f"slow: {one}" for one in outcome.slow()]))
    return 1 if outcome.problems or outcome.slow() else 0


if __name__ == "__main__":
    sys.exit(main())
