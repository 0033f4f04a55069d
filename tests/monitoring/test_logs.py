"""What a line of the log looks like, to whom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitoring import logs
from tests.tables import for_each

#: Logs an event, and a failure while somebody's text is in a variable.
PROGRAM = """
import sys
from types import SimpleNamespace
from monitoring import logs
logs.configure(SimpleNamespace(environment=sys.argv[1], log_level="INFO"), part="writer")
log = logs.get_logger("a.module")
log.info("post_stored", board="b", no=1)
typed = "what somebody " + "typed"
try:
    1 / 0
except ZeroDivisionError:
    log.exception("request_failed")
"""


def said(environment: str, stderr: int = subprocess.PIPE) -> str:
    """What the program writes, when it does not write to `stderr`."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, environment], stderr=stderr, text=True, check=True
    )
    return done.stderr or ""


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["development", "production"])
def test_lines_in_a_file_are_json_without_what_people_typed(environment: str) -> None:
    first, second = (json.loads(line) for line in said(environment).splitlines())
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "post_stored",
        "level": "info",
        "part": "writer",
        "module": "a.module",
        "board": "b",
        "no": 1,
    }
    assert second["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert "what somebody typed" not in str(second)


@pytest.mark.slow
@pytest.mark.parametrize(("environment", "is_json"), [("development", False), ("production", True)])
def test_lines_on_a_terminal_are_for_people_but_in_production(
    environment: str, is_json: bool
) -> None:
    ours, theirs = os.openpty()
    said(environment, theirs)
    os.close(theirs)
    line = os.read(ours, 10_000).decode()
    os.close(ours)
    assert line.startswith("{") == is_json
    assert "post_stored" in line


@pytest.mark.slow
def test_log_on_a_full_disk_fails_nobody() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        done = subprocess.run(
            [sys.executable, "-c", f"{PROGRAM}\nprint('went on')", "production"],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            check=False,
        )
    assert done.stdout == "went on\n"


@for_each("value", ["\udcff", 2**70, {1: "a"}, b"bytes", object()])
def test_whatever_a_field_holds_the_line_is_written(value: Any) -> None:
    line = logs._to_json({"event": "e", "value": value}, default=repr)
    assert json.loads(line)["event"] == "e"
