"""Packages of node that tests need, installed on first use as a package-lock.json has them."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path


def installed(folder: Path) -> Path:
    """`folder`, with its node_modules/ as its lock file wants it."""
    done = folder / "node_modules" / ".package-lock.json"
    wanted = folder / "package-lock.json"
    with wanted.open() as lock:
        # Several test processes may get here at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.is_file() or done.stat().st_mtime < wanted.stat().st_mtime:
            subprocess.run(["npm", "ci"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder
