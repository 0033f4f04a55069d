"""A version of the board in a checkout of its own, and a board of it that is up."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtest.ports import free_port

HERE = Path(__file__).resolve().parents[1]
_READY = re.compile(r"^ready: (\S+)$")
_STOP_WAIT_S = 120


@dataclass(frozen=True)
class Version:
    """One side: a checkout, and the Python whose packages it is run with."""

    name: str
    checkout: Path
    python: str

    @classmethod
    def at(cls, name: str, checkout: Path) -> Version:
        """With packages of its own if it has them, else with ours."""
        own = checkout / ".venv/bin/python"
        return cls(name, checkout.absolute(), str(own) if own.exists() else sys.executable)


@dataclass(frozen=True)
class RunningBoard:
    """A version that is up."""

    version: Version
    data: Path
    url: str
    pid: int

    def call(self, *arguments: str) -> None:
        """One of its commands, as it is typed, to its end."""
        subprocess.run(
            _command(self.version, *arguments, "--data", str(self.data)),
            env=_environment(self.version),
            cwd=self.data.parent,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def asked(self, module: str, *arguments: str) -> Any:
        """What a probe of this checkout says of it."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"loadtest.{module}", "--url", self.url, *arguments],
            cwd=HERE,
            env={"PYTHONPATH": str(HERE)},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return json.loads(done.stdout)


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """That revision of this repository, in a folder which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        checkout = Path(folder) / "checkout"
        added = _git("worktree", "add", "--quiet", "--detach", str(checkout), revision)
        if added:
            raise SystemExit(f"{revision} can't be checked out: {added}")
        try:
            yield checkout
        finally:
            _git("worktree", "remove", "--force", str(checkout))


def _git(*arguments: str) -> str:
    """What it complained of; '' when it went well."""
    done = subprocess.run(
        ["git", "-C", str(HERE), *arguments], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stderr.strip()


@contextmanager
def a_board(version: Version) -> Iterator[RunningBoard]:
    """A board of that version, which is gone afterwards."""
    port = free_port()
    # A short name: the board's sockets have to fit below it.
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        data = Path(folder) / "data"
        log = (Path(folder) / "up.log").open("w+")
        process = subprocess.Popen(
            _command(version, "up", "--no-limits", "--data", str(data), "--port", str(port)),
            env=_environment(version),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        try:
            found = next((m for line in process.stdout if (m := _READY.match(line.strip()))), None)
            if found is None:
                log.seek(0)
                raise SystemExit(f"the board of {version.checkout} did not start: {log.read()}")
            yield RunningBoard(version, data, found[1].rstrip("/"), process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_STOP_WAIT_S)
            process.stdout.close()
            log.close()


def _command(version: Version, *arguments: str) -> list[str]:
    """What ./stillboard hands over to, without looking for packages to install."""
    return [version.python, "-P", "-m", "cli", *arguments]


def _environment(version: Version) -> dict[str, str]:
    """Nothing of ours: a DATABASE_URL would lead both boards to one database."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(version.checkout)}
