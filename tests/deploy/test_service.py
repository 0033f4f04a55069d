"""What a failure says to the operator, what a service has started, and ports for that."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded import service
from deploy.embedded.service import (
    ServiceFailed,
    children_of,
    describe_exit,
    free_port,
    telling_line,
)
from deploy.environment import ROOT
from tests.deploy.stand_ins import PARENT, StandIn, eventually


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("", ""),
        ("one\ntwo\n\n", "two"),
        (
            "Traceback (most recent call last):\nImportError: no bans\n[ERROR] Worker exited\n",
            "ImportError: no bans",
        ),
        (
            "LOG:  starting\nFATAL:  lock file exists\nHINT:  Is another one running?\n",
            "FATAL:  lock file exists",
        ),
        (
            "nginx: [emerg] bind() failed\nnginx: still could not bind()\n",
            "nginx: [emerg] bind() failed",
        ),
    ],
)
def test_the_line_of_a_log_that_tells_most(log: str, line: str) -> None:
    assert telling_line(log) == line


@pytest.mark.parametrize(
    ("status", "text"),
    [(0, "ended by itself"), (3, "ended with status 3"), (-9, "was killed by SIGKILL")],
)
def test_how_a_process_ended(status: int, text: str) -> None:
    assert describe_exit(status) == text


def test_a_free_port_is_given_once_and_to_no_connection_by_the_kernel() -> None:
    given = [free_port() for _ in range(300)]
    assert len(set(given)) == 300
    range_of_kernel = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(range_of_kernel.read_text().split()[0]) if range_of_kernel.exists() else 32_768
    assert max(given) < first


def test_a_port_that_somebody_listens_on_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", free_port()))
        somebody.listen()
        taken = somebody.getsockname()[1]
        monkeypatch.setattr(service, "_PORTS", range(taken, taken + 1))
        monkeypatch.setattr(service, "_ports_given", set())
        with pytest.raises(ServiceFailed, match="no free port"):
            free_port()


@pytest.mark.slow
def test_children_of_a_process_are_those_that_it_started_and_that_still_run(tmp_path: Path) -> None:
    part = StandIn("part", tmp_path, PARENT)
    part.start()
    part.wait_until_ready()
    child = int(part.child_pid_file.read_text())
    assert part.pid
    assert children_of(part.pid) == {child}
    assert part.pid in children_of(os.getpid())
    assert child not in children_of(os.getpid()), "a child's child is none"
    os.kill(child, signal.SIGKILL)
    assert eventually(lambda: children_of(part.pid) == frozenset()), "a zombie is none"
    part.stop()


#: Says which port it was given, and lives until it is told to end.
_FINDS_ONE = """
import sys
from deploy.embedded.service import free_port
print(free_port(), flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_a_port_that_another_process_was_given_is_not_free_as_long_as_that_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody listens on it yet: a board is up only seconds after its ports were found."""
    with subprocess.Popen(
        [sys.executable, "-c", _FINDS_ONE],
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        given = int(other.stdout.readline())
        monkeypatch.setattr(service, "_PORTS", range(given, given + 1))
        with pytest.raises(ServiceFailed, match="no free port"):
            free_port()
        other.communicate("")
    assert free_port() == given


@pytest.mark.parametrize("pid", [None, 2**22 + 1])
def test_no_process_has_no_children(pid: int | None) -> None:
    assert children_of(pid) == frozenset()
