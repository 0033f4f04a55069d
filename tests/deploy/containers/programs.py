"""What the image can run, and what its programs read: for tests of who starts them."""

from __future__ import annotations

import importlib.util

import click
from click.testing import CliRunner

from cli.registry import COMMANDS, stillboard
from deploy.environment import ROOT

#: Read from the environment beside the settings: the parts of the URLs, and by other programs.
OTHER_NAMES = frozenset(
    {
        *("DB_HOST", "DB_PORT", "DB_USER", "DB_NAME", "DB_PASSWORD"),
        *("REDIS_ADDR", "REDIS_DB", "REDIS_PASSWORD", "PORT", "PROMETHEUS_MULTIPROC_DIR"),
        "NGINX_OPTIONS",
    }
)
#: Of the base, and of the packages.
_FOREIGN = frozenset({"kill", "mkdir", "gunicorn"})
#: What write-nginx-conf adds where there is one.
_CERTIFICATE = (
    "--tls-certificate=/certificates/fullchain.pem",
    "--tls-key=/certificates/privkey.pem",
)


def check(command: list[str]) -> None:
    """Raise AssertionError for a command that the image does not have, or an unknown option."""
    match command:
        case []:
            return
        case ["python", "-m", "cli", *arguments] | ["stillboard", *arguments]:
            _check_cli(arguments)
        case ["python", "-m", module, *_]:
            assert importlib.util.find_spec(module), command
        case ["write-nginx-conf", _folder, *options]:
            _check_site([*options, *_CERTIFICATE])
            _check_site(options)
        case ["each-night", _time, *later]:
            check(later)
        case [name, *_]:
            assert name in _FOREIGN, command


def _check_site(options: list[str]) -> None:
    """Options of `stillboard nginx` that are no configuration, by their names or their values."""
    # Kubernetes puts the variable's value there.
    given = [option.replace("$(STILLBOARD_TRUSTED_PROXIES)", "10.0.0.0/8") for option in options]
    done = CliRunner().invoke(stillboard, ["nginx", *given], obj={})
    assert done.exit_code == 0, done.output
    assert "server {" in done.output


def _check_cli(arguments: list[str]) -> None:
    command: click.Command = stillboard
    context = click.Context(stillboard)
    assert arguments[0] in COMMANDS, arguments
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        found = command.get_command(context, arguments[0])
        assert found, arguments
        command, arguments = found, arguments[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    options = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")}
    assert options <= known, (command.name, options - known)


def entrypoints() -> set[str]:
    """The scripts that are on the image's PATH."""
    return {path.name for path in (ROOT / "deploy/entrypoints").iterdir()}
