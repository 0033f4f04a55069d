"""`python -m tests.deploy.debian`: pages followed on machines of their own; or those that it names.

Each block is printed as it was typed, with its place and the seconds that it took.
"""

from __future__ import annotations

import sys
import time

from tests.deploy.debian import monitored, systemd, up

WAYS = {"up": up.follow, "systemd": systemd.follow, "monitored": monitored.follow}


def main() -> None:
    """Ends with a traceback at the first command that does not work as it stands."""
    for name in sys.argv[1:] or WAYS:
        began_s = time.monotonic()
        WAYS[name]()
        print(f"{name}: all of it works as it stands ({time.monotonic() - began_s:.0f} s)\n")


if __name__ == "__main__":
    main()
