"""`stillboard logs`: what the parts of a board that is up have to say."""

from __future__ import annotations

import time
from pathlib import Path

import click

from cli import options
from deploy import environment
from deploy.embedded.service import ServiceFailed
from deploy.follow import LogFollower, last_lines

_LOOKS_EVERY_S = 0.25


@click.command(epilog="Examples: ./stillboard logs    ./stillboard logs writer renderer-1 --follow")
@click.argument("parts", nargs=-1, metavar="[PART]...")
@click.option("--follow", "-f", is_flag=True, help="And what they say from now on; Ctrl-C ends it.")
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(0, 100_000),
    default=20,
    show_default=True,
    help="How many of each, the last ones.",
)
@options.data
@click.pass_obj
def logs(
    environ: dict[str, str], parts: tuple[str, ...], follow: bool, lines: int, data: Path | None
) -> None:
    """Show what the parts of a board of `up` have to say, also while the board is down.

    All parts, or those that are named as `status` names them. systemd and containers keep the logs
    of theirs: journalctl --unit 'stillboard-*', docker compose logs.
    """
    folder = environment.data_path(data, environ) / "logs"
    kept = {log.stem: log for log in sorted(folder.glob("*.log"))}
    if not kept:
        raise ServiceFailed(f"there are no logs in {folder}; a board of `up` writes there")
    for part in parts:
        if part not in kept:
            raise click.UsageError(f"there is no log of {part}; there is {', '.join(kept)}")
    shown = parts or tuple(kept)
    # Made before the last lines are read: what is added meanwhile is said twice rather than never.
    follower = LogFollower(folder)
    for part in shown:
        for line in last_lines(kept[part], lines):
            click.echo(f"{part}: {line}")
    while follow:
        for part, line in follower.new_lines():
            if part in shown or not parts:
                click.echo(f"{part}: {line}")
        time.sleep(_LOOKS_EVERY_S)
