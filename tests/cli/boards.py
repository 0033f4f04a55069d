"""A whole board, as `./stillboard up` runs it, in a folder of its own."""

from __future__ import annotations

import atexit
import io
import json
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from cli.__main__ import main
from deploy.embedded.postgres import Postgres
from deploy.embedded.service import free_port, write_private
from deploy.environment import ROOT
from imageboard.settings import Settings
from tests.cli import debts
from tests.deploy.stand_ins import eventually

#: Commands that fork, or take over the signals or the logs of the process that they run in.
_APART = {"up", "rerender", "backup", "restore", "drill"}
#: Of a board at which many tests look, one after the other. PERF: the press takes a second of the
#: processor for the assets alone, ten seconds after each start, and again for each page that rests.
#: It goes on where it may be killed, where all adds up, and where figures are taken.
UNPRESSED = {"STILLBOARD_PAGE_REST_S": "86400"}
#: Of keys.json: the rest is made at the start.
_OF_CLUSTER = ("POSTGRES_PASSWORD", "POSTGRES_SUPERUSER_PASSWORD")


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

    def __init__(
        self, data: Path, *arguments: str, has_cluster: bool = True, **environ: str
    ) -> None:
        """`has_cluster=False`: nothing is there yet, `up` makes the database from nothing."""
        if has_cluster and not data.exists() and "DATABASE_URL" not in environ:
            _lay_cluster(data)
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

    @contextmanager
    def brought_back(self, *parts: str) -> Iterator[None]:
        """These end in the block; at its end each is back, and not merely from an earlier end."""
        before = {part: self._returns(part) for part in parts}
        yield
        for part, times in before.items():
            is_back = eventually(lambda part=part, times=times: self._returns(part) > times)
            assert is_back, f"{part} is not back: {self.complaints}"

    def _returns(self, part: str) -> int:
        return self.complaints.count(f"{part} is back after")

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


def _lay_cluster(data: Path) -> None:
    """A data folder whose database is made, and empty, as after a first start that was interrupted.

    PERF: to make one takes 0.8 s of the processor, to copy it a tenth.
    """
    made = _made_cluster()
    data.mkdir(mode=0o700)
    # Copies owners as well: where root can't be somebody else, PostgreSQL is nobody.
    subprocess.run(["cp", "-a", made / "postgres", made / "keys.json", data], check=True)


@cache
def _made_cluster() -> Path:
    """Once a process; it goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="stillboard-cluster-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    keys = {name: secrets.token_urlsafe(32) for name in _OF_CLUSTER}
    write_private(folder / "keys.json", json.dumps(keys))
    password, superuser_password = keys.values()
    Postgres(
        folder,
        socket_dir=folder,
        password=password,
        superuser_password=superuser_password,
        durable=False,
    ).prepare()
    return folder


@contextmanager
def a_running_board(
    data: Path, *arguments: str, has_cluster: bool = True, **environ: str
) -> Iterator[RunningBoard]:
    board = RunningBoard(data, *arguments, has_cluster=has_cluster, **environ)
    try:
        yield board
    finally:
        board.stop()
