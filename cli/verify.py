"""`stillboard verify`: prove that the public site shows what the database holds."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.status import Status

from cli import connection, options
from imageboard.uploads import UploadStore
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot


@click.command(epilog="Example: ./stillboard verify --repair")
@click.option("--repair", is_flag=True, help="Mend what is found.")
@options.as_json
@options.data
@click.pass_obj
def verify(environ: dict[str, str], repair: bool, as_json: bool, data: Path | None) -> None:
    """Render every page and compare it, byte for byte, with what stands in the web root.

    Prints files that are missing, differing, orphaned, unrecorded or lost; exit status 1 if
    there are any, also when they were mended. Safe while posting goes on.
    """
    settings = connection.read_settings(data, environ)
    began_s = time.perf_counter()
    looked_at = 0
    with (
        Console(stderr=True).status("rendering …") as status,
        connection.open_database(settings) as database,
    ):

        def on_file(path: str) -> None:
            nonlocal looked_at
            looked_at += 1
            _show(status, looked_at, path)

        verifier = Verifier(
            database=database,
            web_root=WebRoot(settings.web_root),
            uploads=UploadStore(settings.data / "uploads"),
            site_name=settings.site_name,
            site_url=settings.site_url,
            repair=repair,
            on_file=on_file,
        )
        findings = list(verifier.verify())
    _tell(findings, looked_at, time.perf_counter() - began_s, as_json=as_json, repair=repair)
    sys.exit(1 if findings else 0)


def _show(status: Status, looked_at: int, path: str) -> None:
    if looked_at % 20 == 0:
        status.update(f"{looked_at} files, /{path}")


def _tell(
    findings: list[Finding], looked_at: int, took_s: float, *, as_json: bool, repair: bool
) -> None:
    if as_json:
        found = [{"wrong": finding.wrong, "path": finding.path} for finding in findings]
        click.echo(json.dumps({"files": looked_at, "seconds": round(took_s, 3), "findings": found}))
        return
    for finding in findings:
        click.echo(f"{finding.wrong}: {finding.path}")
    mended = " and mended" if repair and findings else ""
    what = f"{len(findings)} wrong{mended}" if findings else "no difference"
    click.echo(f"{looked_at} files compared in {took_s:.2f} s: {what}")
