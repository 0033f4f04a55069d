"""The checkers that pyproject.toml configures find nothing."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.house_rules.repository import ROOT

pytestmark = pytest.mark.slow

CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = CONFIGURATION["tool"]["mypy"]["packages"]


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "ruff", "check", "--no-fix", "."],
        ["-m", "ruff", "format", "--check", "."],
        # Without what it kept of the last run it takes a minute.
        pytest.param(["-m", "mypy"], marks=pytest.mark.slow),
        # Six seconds of what ruff has no rule for.
        pytest.param(
            ["-m", "bandit", "-q", "-c", "pyproject.toml", "-r", *PACKAGES], marks=pytest.mark.slow
        ),
        # import-linter has no `-m` of its own.
        ["-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-logo"],
    ],
    ids=["ruff check", "ruff format", "mypy", "bandit", "import-linter"],
)
def test_checker_finds_nothing(command: list[str]) -> None:
    checked = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
