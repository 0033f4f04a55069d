"""`stillboard verify`: prove that the public site shows what the database holds."""

from __future__ import annotations

import json
import random
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.status import Status

from cli import connection, options
from imageboard.settings import Settings
from imageboard.store.database import Database
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot

#: More are all that most boards have: then `verify` without it is the better question.
SAMPLE_MAX = 10_000
SEED_BITS = 32


@click.command(epilog="Examples: ./stillboard verify --r2 --repair    verify --sample 100")
@click.option("--repair", is_flag=True, help="Mend what is found.")
@click.option("--r2", is_flag=True, help="Compare the bucket too, by listing it.")
@click.option(
    "--sample",
    type=click.IntRange(1, SAMPLE_MAX),
    metavar="N",
    help="Compare so many pages of boards, picked by chance, and those of the site alone.",
)
@click.option(
    "--seed", type=click.IntRange(0), metavar="NUMBER", help="Pick as the run that told this seed."
)
@options.as_json
@options.data
@click.pass_obj
def verify(
    environ: dict[str, str],
    repair: bool,
    r2: bool,
    sample: int | None,
    seed: int | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Render every page and compare it, byte for byte, with what stands in the web root.

    Prints files that are missing, differing, orphaned, unrecorded, lost, or unreadable for a
    damage of the database; those of the bucket as r2:PATH. Exit status 1 if there are any, also
    when they were mended. Safe while posting goes on: what the renderer or the publisher has in
    hand is left out. A sample takes seconds however large the board is, and finds nothing orphaned.
    """
    if r2 and sample:
        raise click.UsageError("--sample looks at the web root alone: leave --r2 out")
    if seed is not None and not sample:
        raise click.UsageError("--seed is of a --sample")
    picking = _Picking(sample, secrets.randbits(SEED_BITS) if seed is None else seed)
    settings = connection.read_settings(data, environ)
    if r2:
        settings.require("r2_bucket_name")
    report = _Report(picking, repair=repair)
    with (
        Console(stderr=True).status("rendering …") as status,
        connection.open_database(settings) as database,
    ):
        on_file = report.counting(status)
        report.findings += _verify_pages(settings, database, picking, on_file, repair=repair)
        if r2:
            status.update("listing the bucket …")
            found, report.still_behind = _verify_bucket(settings, database, on_file, repair=repair)
            report.findings += found
    click.echo(report.as_json() if as_json else report.as_text())
    sys.exit(1 if report.findings or report.still_behind else 0)


@dataclass(frozen=True, slots=True)
class _Picking:
    """How many pages of boards are picked by chance (None: all are compared), and by which seed."""

    pages: int | None
    seed: int


def _verify_pages(
    settings: Settings,
    database: Database,
    picking: _Picking,
    on_file: Callable[[str], None],
    *,
    repair: bool,
) -> list[Finding]:
    verifier = Verifier.from_settings(settings, database, repair=repair, on_file=on_file)
    if picking.pages is None:
        return list(verifier.verify())
    return list(verifier.verify_sample(picking.pages, random.Random(picking.seed)))  # noqa: S311


def _verify_bucket(
    settings: Settings, database: Database, on_file: Callable[[str], None], *, repair: bool
) -> tuple[list[Finding], int]:
    """What was found, and how many files are not mended yet."""
    # Imported here: loading boto3 takes longer than proving a small board.
    from renderer.publisher.jobs import open_object_store
    from renderer.publisher.verify_cloud import CloudVerifier

    with connection.wake_up(settings) as call:
        verifier = CloudVerifier(
            database=database,
            web_root=WebRoot(settings.web_root),
            objects=open_object_store(settings),
            ask_for_publishing=call.ask_for_publishing,
            repair=repair,
            on_file=on_file,
        )
        findings = verifier.verify()
        return findings, verifier.wait_for_publisher() if repair else 0


@dataclass
class _Report:
    """What is told at the end."""

    picking: _Picking
    repair: bool
    findings: list[Finding] = field(default_factory=list)
    #: Files that the publisher did not get to in time.
    still_behind: int = 0
    _looked_at: int = 0
    _began_s: float = field(default_factory=time.perf_counter)

    def counting(self, status: Status) -> Callable[[str], None]:
        """A function that counts the files that it is called with, and shows some of them."""

        def on_file(path: str) -> None:
            self._looked_at += 1
            if self._looked_at % 20 == 0:
                status.update(f"{self._looked_at} files, /{path}")

        return on_file

    @property
    def took_s(self) -> float:
        return time.perf_counter() - self._began_s

    def as_json(self) -> str:
        return json.dumps(
            {
                "files": self._looked_at,
                "seconds": round(self.took_s, 3),
                "findings": [finding._asdict() for finding in self.findings],
                "still_behind": self.still_behind,
                **({} if self.picking.pages is None else {"seed": self.picking.seed}),
            }
        )

    def as_text(self) -> str:
        lines = [f"{finding.wrong}: {finding.path}" for finding in self.findings]
        mended = " and mended" if self.repair and self.findings else ""
        if self.still_behind:
            mended = f", {self.still_behind} files not yet in the bucket (see `stillboard status`)"
        what = f"{len(self.findings)} wrong{mended}" if self.findings else f"no difference{mended}"
        picked = "" if self.picking.pages is None else f" (--seed {self.picking.seed})"
        lines.append(f"{self._looked_at} files compared in {self.took_s:.2f} s{picked}: {what}")
        return "\n".join(lines)
