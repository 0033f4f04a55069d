"""`./stillboard` gets from a bare checkout to Python, and says in one line what stops it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy.embedded.service import identity_without_root, run_as

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "stillboard"

#: Stands in for the board: says how it was called.
CLI = "import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd(), sys.prefix]))"

#: A package that no index has to be asked for is none at all.
NO_PACKAGES = "# nothing\n"
ONE_PACKAGE = "no-such-thing==1.0 --hash=sha256:" + "0" * 64 + "\n"

UNREACHABLE_INDEX = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_RETRIES": "1",
    "PIP_DEFAULT_TIMEOUT": "5",
}


def a_checkout(path: Path, *, packages: str = NO_PACKAGES) -> Path:
    for folder in ("cli", "requirements"):
        (path / folder).mkdir(parents=True)
    shutil.copy(SCRIPT, path)
    (path / "cli" / "__main__.py").write_text(CLI)
    for name in ("run", "test", "loadtest", "r2"):
        (path / "requirements" / f"{name}.txt").write_text(packages)
    return path / "stillboard"


def call(
    script: Path,
    *arguments: str,
    cwd: Path | None = None,
    path: str | None = None,
    **environ: str,
) -> subprocess.CompletedProcess[str]:
    """With nothing in the environment but PATH: HOME in particular is not set."""
    path = path or f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return subprocess.run(
        [str(script), *arguments],
        cwd=cwd,
        env={"PATH": path, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> list[Any]:
    assert done.returncode == 0, done.stderr
    answer: list[Any] = json.loads(done.stdout)
    return answer


def only_these(folder: Path, *programs: str) -> str:
    """A PATH with just these programs of the system's."""
    folder.mkdir()
    for name in programs:
        (folder / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
    return str(folder)


SHELL_TOOLS = ("sh", "dirname", "readlink", "cksum", "cat", "grep", "sed", "tail", "tee", "rm")


class FirstCalls(NamedTuple):
    """Two at once in a bare checkout, and what each said of its progress."""

    script: Path
    spoken: list[str]


@pytest.fixture(scope="module")
def first_calls(tmp_path_factory: pytest.TempPathFactory) -> FirstCalls:
    """At a path with spaces.

    PERF: to make a .venv takes 6 s of the processor, most of it Python's ensurepip.
    """
    script = a_checkout(tmp_path_factory.mktemp("a folder") / "the board's")
    with ThreadPoolExecutor(2) as pool:
        calls = list(pool.map(call, [script] * 2, ["up"] * 2))
    assert [done.returncode for done in calls] == [0, 0], calls
    return FirstCalls(script, [done.stderr for done in calls])


@pytest.fixture(scope="module")
def installed(first_calls: FirstCalls) -> Path:
    """A checkout in which the first call was made."""
    return first_calls.script


def a_made_checkout(path: Path, installed: Path, *, packages: str) -> Path:
    """One whose .venv is made, and lacks packages that were pinned since."""
    script = a_checkout(path, packages=packages)
    shutil.copytree(installed.parent / ".venv", path / ".venv", symlinks=True)
    return script


def test_two_first_calls_at_once_install_once(first_calls: FirstCalls) -> None:
    made = [text for text in first_calls.spoken if "making .venv with Python 3." in text]
    assert len(made) == 1, first_calls.spoken


def test_arguments_and_the_working_folder_arrive_as_they_were(
    installed: Path, tmp_path: Path
) -> None:
    arguments = ["up", "--data", "a b", "", "*", "it's", "$HOME"]
    got, cwd, prefix = said(call(installed, *arguments, cwd=tmp_path))
    assert got == arguments
    assert cwd == str(tmp_path)
    assert prefix == str(installed.parent / ".venv")


def test_later_calls_say_nothing_of_their_own(installed: Path) -> None:
    assert call(installed, "up").stderr == ""


def test_later_calls_need_no_python_on_the_path(installed: Path, tmp_path: Path) -> None:
    """None is started but the one that runs the command."""
    path = only_these(tmp_path / "bin", "sh", "dirname", "cksum", "cat")
    assert said(call(installed, "status", path=path))[0] == ["status"]


def test_it_can_be_called_through_links(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(installed)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "two").symlink_to("../one")
    assert said(call(tmp_path / "deeper" / "two", "up"))[0] == ["up"]


def test_a_folder_named_cli_where_the_caller_stands_is_not_taken_for_ours(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__main__.py").write_text("print('somebody else')")
    assert said(call(installed, "up", cwd=tmp_path))[0] == ["up"]


def test_changed_requirements_are_installed_once(installed: Path, tmp_path: Path) -> None:
    """By pip, for which no folder of that name is taken where the caller stands."""
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__init__.py").write_text("raise SystemExit('somebody else')")
    requirements = installed.parent / "requirements" / "run.txt"
    requirements.write_text("# nothing still\n")
    first, second = call(installed, "up", cwd=tmp_path), call(installed, "up")
    assert said(first)[0] == ["up"]
    assert "from requirements/run.txt (this once)" in first.stderr
    assert second.stderr == ""


def test_the_tests_requirements_are_installed_for_the_tests_only(installed: Path) -> None:
    assert call(installed, "test", "--help").stderr == "", "to explain itself it needs none of them"
    first, second = call(installed, "test", "--fast"), call(installed, "test", "--fast")
    assert "from requirements/test.txt (this once)" in first.stderr
    assert second.stderr == ""


def test_the_bucket_s_requirements_are_installed_for_who_asks_for_it(installed: Path) -> None:
    first, second = call(installed, "up", "--with-r2"), call(installed, "up", "--with-r2")
    assert "from requirements/r2.txt (this once)" in first.stderr
    assert said(second)[0] == ["up", "--with-r2"]
    assert second.stderr == ""


def test_locust_is_installed_for_who_runs_a_load_test(installed: Path) -> None:
    first, second = call(installed, "loadtest", "mixed"), call(installed, "loadtest", "mixed")
    assert "from requirements/loadtest.txt (this once)" in first.stderr
    assert said(second)[0] == ["loadtest", "mixed"]
    assert second.stderr == ""


@pytest.mark.parametrize("home", ["", "/nonexistent", "/proc"])
def test_home_may_be_anything(installed: Path, home: str) -> None:
    (installed.parent / ".venv" / ".stillboard-run").unlink()
    assert said(call(installed, "up", HOME=home))[0] == ["up"]


def test_a_venv_whose_python_is_gone_is_made_anew(tmp_path: Path) -> None:
    script = a_checkout(tmp_path / "board")
    (script.parent / ".venv" / "bin").mkdir(parents=True)
    (script.parent / ".venv" / "bin" / "python").symlink_to("/gone/python3.11")
    assert said(call(script, "up"))[0] == ["up"]


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last line; what came before it is progress, and none of it a traceback."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr.splitlines()[-1]


def test_without_python_it_says_what_to_install(tmp_path: Path) -> None:
    script = a_checkout(tmp_path / "board")
    line = one_line(call(script, "up", path=only_these(tmp_path / "bin", *SHELL_TOOLS)))
    assert "needs Python 3.11 or newer and found none" in line


def fake_python(folder: Path, answers: str) -> None:
    (folder / "python3").write_text(f"#!/bin/sh\n{answers}\n")
    (folder / "python3").chmod(0o755)


def test_an_old_python_is_none(tmp_path: Path) -> None:
    script = a_checkout(tmp_path / "board")
    path = only_these(tmp_path / "bin", *SHELL_TOOLS)
    fake_python(tmp_path / "bin", "exit 1")
    assert "found none" in one_line(call(script, "up", path=path))


def test_debian_s_python_without_venv_is_told_apart(tmp_path: Path) -> None:
    script = a_checkout(tmp_path / "board")
    path = only_these(tmp_path / "bin", *SHELL_TOOLS)
    fake_python(tmp_path / "bin", 'case "$2" in *ensurepip*) exit 1;; esac')
    line = one_line(call(script, "up", path=path))
    assert line.endswith("lacks Python's venv module: apt install python3-venv")


def test_a_broken_network_is_one_line_and_the_next_call_starts_over(
    installed: Path, tmp_path: Path
) -> None:
    """Also where it was killed so early that the half made .venv has no Python that works."""
    script = a_made_checkout(tmp_path / "board", installed, packages=ONE_PACKAGE)
    venv = script.parent / ".venv"
    line = one_line(call(script, "up", **UNREACHABLE_INDEX))
    assert "could not be downloaded: check the network" in line
    assert str(venv / "install.log") in line

    (script.parent / "requirements" / "run.txt").write_text(NO_PACKAGES)
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (venv / "bin" / "python").chmod(0o755)
    done = call(script, "up")
    assert said(done)[0] == ["up"]
    assert "half made; starting over" in done.stderr


def test_a_package_that_is_not_there_is_named(installed: Path, tmp_path: Path) -> None:
    script = a_made_checkout(tmp_path / "board", installed, packages=ONE_PACKAGE)
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
    line = one_line(call(script, "up", **nowhere))
    assert "pip found no no-such-thing==1.0 for this machine" in line


def test_a_checkout_of_somebody_else_is_one_line(tmp_path: Path) -> None:
    """Root may write anywhere, so it is called without root's rights."""
    script = a_checkout(tmp_path / "board")
    script.parent.chmod(0o555)
    path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    try:
        (line,) = run_as(identity_without_root(), [script, "up"], environment=path).splitlines()
    finally:
        script.parent.chmod(0o755)
    assert "can't write to" in line


def test_a_path_that_python_cannot_search_is_one_line(tmp_path: Path) -> None:
    script = a_checkout(tmp_path / "a:b")
    assert "holds a colon" in one_line(call(script, "up"))
