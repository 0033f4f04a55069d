"""`stillboard test`: the whole test suite."""

from __future__ import annotations

import os
import sys

import click

from deploy.environment import ROOT

#: Marks (see pyproject.toml) that --fast leaves out.
SLOW = ("board", "browser", "crash", "edge")


@click.command(
    name="test",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]},
    epilog="Example: ./stillboard test --fast tests/imageboard -k tripcode",
)
@click.option("--fast", is_flag=True, help="Without browsers, whole boards and crashes: seconds.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def run_tests(environ: dict[str, str], fast: bool, pytest_args: tuple[str, ...]) -> None:
    """Run the test suite; anything further is passed on to pytest.

    The tests start and stop services of their own on free ports; a board that is up is not
    disturbed.
    """
    os.chdir(ROOT)
    command = [sys.executable, "-P", "-m", "pytest", *arguments(fast, pytest_args)]
    os.execve(command[0], command, {**environ, "PYTHONPATH": str(ROOT)})  # noqa: S606


def arguments(fast: bool, pytest_args: tuple[str, ...]) -> list[str]:
    """What pytest is called with: two processes, unless the caller chose otherwise."""
    chosen = any(arg.startswith(("-n", "--numprocesses", "--pdb")) for arg in pytest_args)
    names_a_test = any("::" in arg for arg in pytest_args)
    parallel = [] if chosen or names_a_test else ["-n", "2", "--dist", "loadfile"]
    chosen_marks = ["-m", " and ".join(f"not {mark}" for mark in SLOW)] if fast else []
    return [*parallel, *chosen_marks, *pytest_args]
