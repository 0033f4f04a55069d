"""The browser's modules have the types that they say, no slips, and keep their promises."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from templates import assets
from tests.node_packages import installed

pytestmark = pytest.mark.node

HERE = Path(__file__).parent
SCRIPTS = assets.ASSETS_FOLDER / "scripts"


@pytest.fixture(scope="session")
def node() -> Path:
    return installed(HERE)


def told(*command: str | Path, cwd: Path = HERE) -> str:
    """What a command says that went well; else all that it said."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_types_are_what_the_comments_say(node: Path) -> None:
    told(node / "node_modules/.bin/tsc", "-p", ".")


def test_scripts_have_no_slips_and_read_no_text_as_html(node: Path) -> None:
    told(node / "node_modules/.bin/eslint", "-c", HERE / "eslint.config.js", ".", cwd=SCRIPTS)


def test_modules_keep_their_promises(node: Path) -> None:
    counted = re.search(
        r"^# tests (\d+)",
        told("node", "--test", "--test-reporter=tap", *HERE.glob("*.test.js")),
        re.MULTILINE,
    )
    assert counted
    assert int(counted[1]) > 0


def test_each_module_says_what_the_reader_gets() -> None:
    for path in sorted(SCRIPTS.glob("*.js")):
        assert path.read_text().startswith("/**"), f"{path.name} says nothing of itself"
