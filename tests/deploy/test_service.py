"""What a failure says to the operator."""

from __future__ import annotations

import pytest

from deploy.embedded.service import describe_exit, telling_line


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
