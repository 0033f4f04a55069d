"""A newcomer finds the way from `./stillboard --help` alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from cli.registry import COMMANDS, HEADINGS, stillboard
from deploy.version import own_version
from tests.tables import for_each


def test_the_list_names_every_command() -> None:
    shown = CliRunner().invoke(stillboard, ["--help"]).output
    for name, (_, line) in COMMANDS.items():
        assert name in shown
        assert line in shown


def test_commands_stand_below_headings() -> None:
    shown = CliRunner().invoke(stillboard, ["--help"]).output
    for first, heading in HEADINGS.items():
        assert f"\n{heading}:\n  {first} " in shown


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words that call each command below `command`: ('up',), ('board', 'add') …"""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below, f"{name} is listed and not there"
        yield from leaves(below, (*path, name))


@pytest.mark.slow
@for_each("name", COMMANDS)
def test_each_command_explains_itself_with_an_example(name: str) -> None:
    command = stillboard.get_command(click.Context(stillboard), name)
    assert command
    for path in leaves(command, (name,)):
        done = CliRunner().invoke(stillboard, [*path, "--help"])
        assert done.exit_code == 0
        shown = " ".join(done.output.split())
        assert re.search(rf"Examples?: \./stillboard {' '.join(path)}\b", shown), path


def test_an_unknown_command_is_a_wrong_call() -> None:
    done = CliRunner().invoke(stillboard, ["xyz"])
    assert done.exit_code == 2
    assert done.output.endswith("No such command 'xyz'.\n")


def test_a_command_spelled_nearly_so_is_named() -> None:
    done = CliRunner().invoke(stillboard, ["bord", "list"])
    assert done.exit_code == 2
    assert "Did you mean 'board'?" in done.output


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(stillboard, ["--version"])
    assert (done.exit_code, done.output) == (0, f"stillboard {own_version()}\n")
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)+", own_version())
