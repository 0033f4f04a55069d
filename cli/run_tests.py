"""`stillboard test`: the whole test suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import click

from cli import programs
from deploy.environment import ROOT

#: Marks (see pyproject.toml) that --fast leaves out.
SLOW = ("slow", "board", "browser", "crash", "edge", "node")


@click.command(
    name="test",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]},
    epilog="Example: ./stillboard test --fast tests/imageboard -k tripcode",
)
@click.option("--fast", is_flag=True, help="Without whole sites, browsers, restores: a minute.")
@click.option(
    "--thorough", is_flag=True, help="With every case of long families; else a part of each kind."
)
@click.option(
    "--missing-packages",
    is_flag=True,
    help="Only print the Debian packages that tests lack here, one a line.",
)
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def run_tests(
    environ: dict[str, str],
    fast: bool,
    thorough: bool,
    missing_packages: bool,
    pytest_args: tuple[str, ...],
) -> None:
    """Run the test suite; anything further is passed on to pytest.

    The tests start and stop services of their own on free ports; a board that is up is not
    disturbed. Tests whose programs are missing are skipped; where CI=true, nothing is run then.
    """
    missing = programs.missing()
    if missing_packages:
        click.echo("".join(f"{package}\n" for package in programs.packages(missing)), nl=False)
        return
    if missing and is_ci(environ):
        raise click.ClickException(f"tests need {programs.advice(missing)}")
    if missing:
        click.echo(
            f"stillboard: tests are skipped for want of {programs.advice(missing)}", err=True
        )
    os.chdir(ROOT)
    given = arguments(pytest_args, fast=fast, thorough=thorough)
    command = [sys.executable, "-P", "-m", "pytest", *given]
    os.execve(command[0], command, surroundings(environ))  # noqa: S606


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether nothing may be skipped."""
    return environment.get("CI") == "true"


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tests.

    PERF: bytecode is kept whatever the caller's variable says. Without it each of the test
    processes compiles all tests anew, 5 s of CPU, and each program that they start itself, 1 s.
    """
    kept = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT)}


def arguments(
    pytest_args: tuple[str, ...], *, fast: bool = False, thorough: bool = False
) -> list[str]:
    """What pytest is called with: a few processes, unless the caller chose otherwise.

    Each file is one process's, since its tests share servers; tests/conftest.py orders the files,
    and tests/together.py says which of them share a board.

    PERF: three for tests that compute and ask a server: with two processes 3,400 of them took a
    sixth longer on two idle cores. Of the whole suite many wait for programs that they started:
    with three processes it took 930 s of two idle cores, an estimated third of which were idle.
    A test that draws at random draws a fifth as often where it is to be quick (tests/conftest.py).
    """
    chosen = any(arg.startswith(("-n", "--numprocesses", "--pdb")) for arg in pytest_args)
    names_a_test = any("::" in arg for arg in pytest_args)
    parallel = ["-n", "3" if fast else "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    marks = ["-m", " and ".join(f"not {mark}" for mark in SLOW)]
    quick = [*marks, "--hypothesis-profile", "quick", "--dearest"]
    return [
        *([] if chosen or names_a_test else parallel),
        *(quick if fast else []),
        *(["--thorough"] if thorough else []),
        *pytest_args,
    ]
