"""`python -m loadtest.capacity`: what a number of daily users takes."""

from __future__ import annotations

import argparse
import json
import sys

from loadtest.capacity import month, parameters, tables
from loadtest.capacity.parameters import BadParameters

USERS = (1_000, 10_000, 100_000, 1_000_000)


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; exit status 2 for a number of users that the model is not for."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.capacity",
        description="How many people a board can bear, what it costs, and what gives way first.",
    )
    parser.add_argument(
        "--daily-users", type=int, action="append", help="may be repeated  [default: 1K to 1M]"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="changes",
        help="what if? see parameters.toml; may be repeated",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args(arguments)
    try:
        known = parameters.changed(parameters.read(), options.changes)
        months = month.of_each(known, options.daily_users or USERS, options.seed)
    except (ValueError, BadParameters) as ex:
        parser.error(str(ex))
    if options.json:
        print(json.dumps(tables.as_json(known, months), indent=1))
    else:
        print(tables.markdown(known, months))
    return 0


if __name__ == "__main__":
    sys.exit(main())
