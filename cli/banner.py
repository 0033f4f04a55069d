"""`stillboard banner`: pictures above a board's threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from cli import connection, options
from imageboard.boards import Board, read_board_name
from imageboard.media import MediaLimits
from imageboard.settings import Settings
from imageboard.store import banners, boards, operator_log
from imageboard.store.banners import NewBanner
from imageboard.store.uploads import UploadStore


@click.group()
def banner() -> None:
    """Pictures above a board's threads.

    Each list shows one, and each post brings the next. /BOARD/banner leads to one of them.
    """


@banner.command(epilog="Example: ./stillboard banner add b kettles.gif")
@click.argument("board")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@options.data
@click.pass_obj
def add(environ: dict[str, str], board: str, files: tuple[Path, ...], data: Path | None) -> None:
    """Hang up each of FILES: a picture of 1,000 × 300 pixels and 1 MB at most.

    One whose name ends in @2x is for dense screens: it is shown at half its size.
    """
    name = read_board_name(board)
    where = connection.read_settings(data, environ)
    for file in files:
        click.echo(f"{file.name} hangs on /{name}/ as {_hang_up(where, name, file)}.")


def _hang_up(where: Settings, name: str, file: Path) -> str:
    """Its name there."""
    with connection.open_database(where) as database, looking_at_pictures(where) as take:
        with database.connection() as db:
            board = boards.get(db, name)
        new = take(board, file)
        try:
            with database.transaction() as db:
                hung = banners.add(db, name, new)
                operator_log.note(db, "hang_banner", board=name)
        except BaseException:
            UploadStore(where.data / "uploads").drop(new.stored_as)
            raise
    connection.ask_for_drawing(where, [name])
    return hung.name


@contextmanager
def looking_at_pictures(where: Settings) -> Iterator[Callable[[Board, Path], NewBanner]]:
    """A darkroom for banners: what it is given is in the upload store afterwards."""
    # Imported here: `list` and `remove` need no darkroom.
    from writer.banners import take
    from writer.media.darkroom import Darkroom

    scratch = where.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    uploads = UploadStore(where.data / "uploads")
    darkroom = Darkroom(MediaLimits(), scratch, must_be_confined=where.darkroom_must_be_confined)
    try:
        yield partial(take, darkroom, uploads)
    finally:
        darkroom.close()


@banner.command(epilog="Example: ./stillboard banner remove b 1795500950388.png")
@click.argument("board")
@click.argument("name")
@options.data
@click.pass_obj
def remove(environ: dict[str, str], board: str, name: str, data: Path | None) -> None:
    """Take the banner NAME down; `banner list` has the names."""
    board = read_board_name(board)
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database, database.transaction() as db:
        banners.remove(db, board, name)
        operator_log.note(db, "take_down_banner", board=board, banner=name)
    connection.ask_for_drawing(where, [board])
    click.echo(f"{name} no longer hangs on /{board}/.")


@banner.command(name="list", epilog="Example: ./stillboard banner list b --json")
@click.argument("board")
@options.as_json
@options.data
@click.pass_obj
def list_(environ: dict[str, str], board: str, as_json: bool, data: Path | None) -> None:
    """List the banners of a board: name, size, address."""
    board = read_board_name(board)
    with connection.transaction(data, environ) as db:
        boards.get(db, board)
        found = banners.hanging(db, board)
    if as_json:
        click.echo(
            json.dumps([one._asdict() | {"name": one.name, "url": one.url} for one in found])
        )
        return
    for one in found:
        click.echo(f"{one.name}  {one.width}×{one.height}  {one.url}")
