"""Small programs that stand in for the board's parts, and ways to look at processes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.embedded.service import Service

#: Only what never comes takes as long, however busy the machine is.
WAIT_S = 180.0

#: Says that it is ready by making a file; ends on SIGTERM as the system does by default.
SLEEPER = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
#: Does not end on SIGTERM.
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
#: Has a child of its own, which does not end with it.
PARENT = (
    "import subprocess, sys, pathlib; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "pathlib.Path(sys.argv[2]).write_text(str(child.pid)); " + SLEEPER
)
#: Replaces its child, which does nothing, when it is sent SIGHUP.
MASTER = (
    "import pathlib, signal, subprocess, sys, time; "
    "new = lambda: subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "child = [new()]; "
    "replace = lambda *_: (child.insert(0, new()), child[1].kill(), child.pop().wait()); "
    "signal.signal(signal.SIGHUP, replace); " + SLEEPER.partition("; ")[2]
)
#: Runs, and makes no file.
NEVER_READY = "import time; time.sleep(600)"
#: Ends at once.
FAILING = "import sys; print('no such port', file=sys.stderr); sys.exit(3)"


class StandIn(Service):
    """A Python program of one line; ready once it has made its file."""

    stop_wait_s = 5.0

    def __init__(self, name: str, folder: Path, program: str = SLEEPER) -> None:
        super().__init__(name, folder / f"{name}.log")
        self.program = program
        self.mark = folder / f"{name}.ready"
        self.child_pid_file = folder / f"{name}.child"

    def prepare(self) -> None:
        self.mark.unlink(missing_ok=True)

    def command(self) -> list[str]:
        return [sys.executable, "-c", self.program, str(self.mark), str(self.child_pid_file)]

    def ready(self) -> bool:
        return self.mark.exists()


def is_alive(pid: int) -> bool:
    """A zombie is not: somebody only has to take notice of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def eventually(condition: Callable[[], object], *, look_every_s: float = 0.01) -> bool:
    """Whether it comes true; gives up after WAIT_S only, so that a slow machine fails no test.

    PERF: what takes the processor for long, as `doctor` does, is not looked at without a rest.
    """
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
        time.sleep(look_every_s)
    return True
