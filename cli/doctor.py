"""`stillboard doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from cli import options
from deploy import environment, inspection


@click.command(epilog="Example: ./stillboard doctor --data ~/boards/first")
@options.data
@options.as_json
@click.pass_obj
def doctor(environ: dict[str, str], data: Path | None, as_json: bool) -> None:
    """Name each thing that is wrong, with its mend; exit status 1 if there is any.

    Looks at the machine, the servers' binaries, secrets, settings and, when the board is up, at
    its parts, pages, lag and queue.
    """
    found = list(inspection.findings(environment.data_path(data, environ), environ))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        for finding in found:
            click.echo(f"wrong: {finding.fault}\n mend: {finding.mend}")
        if not found:
            click.echo("nothing is wrong")
    sys.exit(1 if found else 0)
