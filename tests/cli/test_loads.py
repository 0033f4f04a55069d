"""What is not loaded where it is of no use: each of these takes processor time at every start."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.environment import ROOT

pytestmark = pytest.mark.slow

_SERVERS = {"psycopg", "redis", "rq"}
_DRAWING = {"jinja2", "PIL"}
_DEEDS = {"imageboard.store.log_words", "argon2", "cryptography", "re2"}


@pytest.mark.parametrize(
    ("module", "of_no_use"),
    [
        # The list of commands is shown by it alone.
        ("cli.__main__", _SERVERS | _DRAWING | {"falcon"}),
        # The servers start meanwhile.
        ("cli.up", _SERVERS | {"falcon", "PIL"}),
        # Reads a table; what it changes it writes down by words of the deeds, and calls renderers.
        ("cli.board", _DRAWING | _DEEDS | {"redis", "rq", "falcon"}),
        # They ask the parts of a board that is up, and start none.
        ("cli.status", _DRAWING | {"rq", "falcon", "markdown_it", "argon2"}),
        ("cli.backup", _DRAWING | {"rq", "falcon", "markdown_it", "argon2"}),
        ("cli.rerender", {"redis", "rq", "rich", "passlib", "falcon", "PIL"}),
    ],
)
def test_what_is_of_no_use_is_not_loaded(module: str, of_no_use: set[str]) -> None:
    script = f"import sys, {module}; print(*sorted({of_no_use!r} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
