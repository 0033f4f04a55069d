"""A whole board, as `./stillboard up` runs it, in a folder of its own."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from cli.__main__ import main
from deploy.embedded.service import free_port
from deploy.environment import ROOT
from imageboard.settings import Settings
from tests.cli import debts

#: Commands that fork, or take over the signals or the logs of the process that they run in.
_APART = {"up", "rerender", "backup", "restore", "drill", "loadtest"}


def command(*arguments: str) -> list[str]:
    """What ./stillboard hands over to."""
    return [sys.executable, "-P", "-m", "cli", *arguments]


def call(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    is_apart = arguments[0] in _APART or "PYTHONPATH" in environ
    return (_call_apart if is_apart else call_here)(*arguments, **environ)


def call_here(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The same in this process.

    PERF: one of its own takes 0.5 s of CPU to load what a command needs, and is here already.
    """
    said, complained = io.StringIO(), io.StringIO()
    status: str | int | None = None
    with redirect_stdout(said), redirect_stderr(complained):
        try:
            main(arguments, surroundings(environ))
        except SystemExit as ex:
            status = ex.code
    if isinstance(status, str):
        # Python itself prints it, at the end of a process.
        complained.write(f"{status}\n")
        status = 1
    return subprocess.CompletedProcess(
        command(*arguments), status or 0, said.getvalue(), complained.getvalue()
    )


def _call_apart(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=surroundings(environ),
        capture_output=True,
        text=True,
        check=False,
    )


def surroundings(more: dict[str, str] | None = None) -> dict[str, str]:
    """Of a command in a process of its own, which finds its programs wherever it was called."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **(more or {})}


class RunningBoard:
    """An `up` that has said that it is ready; `said` is how it did so when it was first started."""

    def __init__(self, data: Path, *arguments: str, **environ: str) -> None:
        self.data = data
        self.port = free_port()
        self.environ = environ
        self._arguments = arguments
        self.said = self.start()

    def start(self) -> str:
        """What it says until it is ready; also once it was stopped, on the same data and port."""
        self._errors = (self.data.parent / "up.stderr").open("w+")
        self.process = subprocess.Popen(
            command("up", "--data", str(self.data), "--port", str(self.port), *self._arguments),
            env=surroundings(self.environ),
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        return self._read_until_ready()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def complaints(self) -> str:
        """What it has said on stderr so far."""
        return Path(self._errors.name).read_text()

    @property
    def environment(self) -> dict[str, str]:
        """The settings that its parts were started with: DATABASE_URL, REDIS_URL and so on."""
        found: dict[str, str] = json.loads((self.data / "run.json").read_text())["environment"]
        return found

    @property
    def settings(self) -> Settings:
        return Settings.read(self.environment)

    def pids(self) -> dict[str, int]:
        parts: dict[str, dict[str, Any]] = json.loads((self.data / "run.json").read_text())["parts"]
        return {name: part["pid"] for name, part in parts.items()}

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path) as answer:
            text: str = answer.read().decode()
            return text

    def settle(self) -> None:
        """Wait until every page shows every change, and the bucket, if there is one, every page."""
        debts.settle(self.settings)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self._errors.close()
        return status

    def _read_until_ready(self) -> str:
        assert self.process.stdout
        said = ""
        for line in self.process.stdout:
            said += line
            if line == f"ready: {self.url}\n":
                return said
        self.stop()
        raise AssertionError(f"not ready: {said}{self.complaints}")


@contextmanager
def a_running_board(data: Path, *arguments: str, **environ: str) -> Iterator[RunningBoard]:
    board = RunningBoard(data, *arguments, **environ)
    try:
        yield board
    finally:
        board.stop()
