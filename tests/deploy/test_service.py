"""What a failure says to the operator, and ports for what is started."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deploy.embedded import service
from deploy.embedded.service import ServiceFailed, describe_exit, free_port, telling_line


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
