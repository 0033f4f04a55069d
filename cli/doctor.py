"""`stillboard doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from cli import options
from deploy import diagnosis, environment


@click.command(epilog="Example: ./stillboard doctor --data ~/boards/first")
@click.option(
    "--production",
    is_flag=True,
    help="The checklist before a board is opened to the world, item by item.",
)
@options.data
@options.as_json
@click.pass_obj
def doctor(environ: dict[str, str], production: bool, data: Path | None, as_json: bool) -> None:
    """Name each thing that is wrong, with its mend; exit status 0: all was looked at and is well.

    Looks at the machine, secrets, settings, each part that the settings ask for, whoever started
    it, clocks, pages, files, lag, queues and backups. What it can't look at it names too, and then
    ends with status 1. With --production it goes through the checklist of
    docs/operations.md instead: settings, certificate, headers, limits, backups, monitoring …
    """
    place = environment.data_path(data, environ)
    if production:
        _go_through_checklist(environ, data, place, as_json=as_json)
    found = list(diagnosis.findings(place, environ))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        for finding in found:
            click.echo(f"{finding.kind}: {finding.fault}\n mend: {finding.mend}")
        if not found:
            click.echo("nothing is wrong")
    sys.exit(1 if found else 0)


def _go_through_checklist(
    environ: dict[str, str], data: Path | None, place: Path, *, as_json: bool
) -> None:
    """Exits with 1 when an item is wrong or could not be looked at."""
    # Imported here: it loads what reaches buckets and backups.
    from deploy import production

    items = production.report(environment.settings_of_board(data, environ), place)
    if as_json:
        click.echo(production.as_json(items))
    else:
        width = production.VERDICT_CHARS_MAX
        for item in items:
            click.echo(f"{item.verdict:{width}} {item.name}: {item.seen}")
            if item.mend:
                click.echo(f"{'':{width}} mend: {item.mend}")
        counts = Counter(item.verdict for item in items)
        click.echo(
            f"{counts['wrong']} wrong, {counts['not looked at']} that could not be looked at, "
            f"{counts['by hand']} to be looked at by hand"
        )
    sys.exit(1 if any(item.verdict in ("wrong", "not looked at") for item in items) else 0)
