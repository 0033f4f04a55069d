"""What commands tell the operator beside their answer."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """One line for the operator; a closed terminal is no reason to stop."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        return
