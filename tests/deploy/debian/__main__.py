"""`python -m tests.deploy.debian [up] [systemd]`: pages followed on machines of their own.

Each block is printed as it was typed, with its place and the seconds that it took.
"""

from __future__ import annotations

import sys
import time

from tests.deploy.debian import test_systemd, test_up

WAYS = (
    ("up", test_up.test_pages_lead_from_an_empty_server_to_a_board_that_was_lost_and_is_back),
    (
        "systemd",
        test_systemd.test_pages_lead_from_an_empty_server_to_a_board_that_was_lost_and_is_back,
    ),
)


def main() -> None:
    """Ends with a traceback at the first command that does not work as it stands."""
    for name, follow in WAYS:
        if name not in (sys.argv[1:] or dict(WAYS)):
            continue
        began_s = time.monotonic()
        follow()
        print(f"{name}: all of it works as it stands ({time.monotonic() - began_s:.0f} s)\n")


if __name__ == "__main__":
    main()
