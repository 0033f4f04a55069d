"""`stillboard flag`: flags that posters of a board choose from."""

from __future__ import annotations

from pathlib import Path

import click

from cli import connection, options
from imageboard.boards import read_board_name
from imageboard.store import boards, flags, operator_log


@click.group()
def flag() -> None:
    """Flags that posters of a board choose from.

    The form offers them within seconds; a picture that is replaced is seen within the hour.
    """


@flag.command(epilog='Example: ./stillboard flag add b lake lake.png --title "Lake of fire"')
@click.argument("board")
@click.argument("name")
@click.argument("picture", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", help="What it is called beside a post.  [default: NAME]")
@options.data
@click.pass_obj
def add(
    environ: dict[str, str],
    board: str,
    name: str,
    picture: Path,
    title: str | None,
    data: Path | None,
) -> None:
    """Add the flag NAME to /BOARD/, a PNG of 64 pixels a side at most, or replace it."""
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            board = read_board_name(board)
            stale = flags.add(db, board, name, title or name, picture.read_bytes())
            operator_log.note(db, "add_flag", board=board, flag=name)
        connection.ask_for_drawing(where, stale)
    click.echo(f"{name} is there.")


@flag.command(epilog="Example: ./stillboard flag remove b lake")
@click.argument("board")
@click.argument("name")
@options.data
@click.pass_obj
def remove(environ: dict[str, str], board: str, name: str, data: Path | None) -> None:
    """Take the flag NAME from /BOARD/; posts that chose it keep its title."""
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            board = read_board_name(board)
            stale = flags.remove(db, board, name)
            operator_log.note(db, "remove_flag", board=board, flag=name)
        connection.ask_for_drawing(where, stale)
    click.echo(f"{name} is gone.")


@flag.command(name="list", epilog="Example: ./stillboard flag list b")
@click.argument("board")
@options.data
@click.pass_obj
def list_(environ: dict[str, str], board: str, data: Path | None) -> None:
    """List the flags of /BOARD/: name and title."""
    with connection.transaction(data, environ) as db:
        settings = boards.get(db, read_board_name(board)).settings
    for name, title in settings.flags:
        click.echo(f"{name}  {title}")
