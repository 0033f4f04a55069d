"""What the commands that bring boards have in common."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cli import connection, options
from cli.banner import looking_at_pictures
from imageboard.settings import Settings
from imageboard.store.database import Database
from importing.errors import ImportFailed
from importing.moving import Move, Source, alone
from importing.renamed import Renamed
from importing.report import Report

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
#: No file of settings is longer.
_TEXT_BYTES_MAX = 1_000_000

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--board",
        "chosen",
        multiple=True,
        metavar="B or OLD=NEW",
        help="This board, under another name if there is one; of several, these.",
    ),
    click.option(
        "--next",
        "next_numbers",
        multiple=True,
        metavar="B=N",
        help="The number of a board's next post, where what comes can't know.",
    ),
    click.option("--dry-run", is_flag=True, help="Tell what would come and what can't."),
    options.as_json,
    options.data,
)


@dataclass(frozen=True)
class Coming:
    """Boards that come: what was asked, and where to."""

    settings: Settings
    database: Database
    progress: Progress
    #: {its name there: its name here} of boards that are to come; empty: all.
    names: Mapping[str, str]
    #: {board, as it is called here: the number of its next post}
    next_numbers: Mapping[str, int]
    dry_run: bool
    as_json: bool

    @property
    def only(self) -> frozenset[str]:
        """Boards as they are called there; empty: all."""
        return frozenset(self.names)

    def move(self, source: Source, folder: Path) -> Move:
        """Of what the source holds; `folder` is where its files are."""
        if any(old != new for old, new in self.names.items()):
            source = Renamed(source, self.names, folder)
        only = frozenset(self.names.values())
        return Move(source, self.database, self.settings, folder, only, self.next_numbers)

    def reading(self, total: int | None, *, what: str = "reading") -> Callable[[int], None]:
        """A bar of its own; it is told how far one is."""
        task = self.progress.add_task(what, total=total)
        return lambda done: self.progress.update(task, completed=done)

    def bring(self, move: Move, count: int) -> None:
        """What was looked at comes, `count` posts, or is only told; the report either way."""
        bringing = self.progress.add_task("looking" if self.dry_run else "posts", total=count)
        move.on_posts = lambda number: self.progress.advance(bringing, number)
        with self._told(move.report):
            if self.dry_run:
                move.rehearse()
            else:
                with looking_at_pictures(self.settings) as move.take_banner:
                    connection.ask_for_drawing(self.settings, move.bring())

    @contextmanager
    def told_if_it_fails(self, report: Report) -> Iterator[None]:
        try:
            yield
        except ImportFailed:
            self._tell(report)
            raise

    @contextmanager
    def _told(self, report: Report) -> Iterator[None]:
        """The report, also of what was interrupted."""
        try:
            yield
        finally:
            self._tell(report)
            if not self.dry_run:
                name = f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}"
                written = report.write(self.settings.data / "imports", name)
                click.echo(f"report: {written}", err=self.as_json)

    def _tell(self, report: Report) -> None:
        told = report.as_json()
        click.echo(json.dumps(told, ensure_ascii=False) if self.as_json else report.as_text())


backslashes_are = click.option(
    "--backslashes",
    type=click.Choice(["escape", "letters"]),
    help="What they are in the dump's strings: `letters`, if its server had NO_BACKSLASH_ESCAPES."
    "  [default: as the dump says]",
)


def brings_boards(command: Decorated) -> Decorated:
    """Lets a command be asked for some boards alone, for a rehearsal and so on: a Coming."""

    @functools.wraps(command)
    @click.pass_obj
    def called(
        environ: dict[str, str],
        /,
        *,
        chosen: tuple[str, ...],
        next_numbers: tuple[str, ...],
        dry_run: bool,
        as_json: bool,
        data: Path | None,
        **own: Any,
    ) -> None:
        settings = connection.read_settings(data, environ)
        settings.require("address_key")
        names = _read_names(chosen)
        numbers = {names.get(board, board): no for board, no in _read_next(next_numbers).items()}
        with (
            connection.open_database(settings, connections_max=5) as database,
            alone(database),
            progress_bars() as progress,
        ):
            asked = Coming(settings, database, progress, names, numbers, dry_run, as_json)
            command(asked, **own)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called  # type: ignore[return-value]


def progress_bars() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        transient=True,
    )


def text_of(path: Path) -> str:
    """The old site's settings, whatever they were written in."""
    return path.read_bytes()[:_TEXT_BYTES_MAX].decode(errors="replace")


def _read_names(spelled: tuple[str, ...]) -> dict[str, str]:
    """('b', 'old=new') -> {'b': 'b', 'old': 'new'}"""
    parted = [each.partition("=") for each in spelled]
    names = {old: new if equals else old for old, equals, new in parted}
    if not all(names.values()) or len({*names.values()}) < len(spelled):
        raise click.UsageError("--board is a board, or its name there and here: old=new")
    return names


def _read_next(spelled: tuple[str, ...]) -> dict[str, int]:
    """('b=5000',) -> {'b': 5000}"""
    parted = [each.rpartition("=") for each in spelled]
    if not all(board and no.isascii() and no.isdigit() for board, _, no in parted):
        raise click.UsageError("--next is a board and a number: b=5000")
    return {board: int(no) for board, _, no in parted}
