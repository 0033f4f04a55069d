"""`stillboard news`: what is told on the front page, and in one line above the threads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

import click

from cli import connection, options
from imageboard import written_pages
from imageboard.boards import read_board_name
from imageboard.store import written
from imageboard.written_pages import NEWS

#: As many as are listed.
_LISTED_MAX = 1_000


@click.group()
def news() -> None:
    """What is told on the front page, and in one line above the threads.

    News of the whole site stand at /news.html, those of a board at /BOARD/news.html.
    """


@news.command(epilog='Example: ./stillboard news add "New servers" servers.md')
@click.argument("title")
@click.argument("file", type=click.File("r", encoding="utf-8"), required=False)
@options.board
@options.data
@click.pass_obj
def add(
    environ: dict[str, str],
    title: str,
    file: TextIO | None,
    board: str | None,
    data: Path | None,
) -> None:
    """Tell TITLE, with what FILE says in Markdown (-: standard input)."""
    board = board and read_board_name(board)
    title = written_pages.read_title(NEWS, title)
    body = written_pages.read_text(NEWS, options.read_text(file) if file else "")
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            news_id, stale = written.add_news(db, board, title, body)
        connection.ask_for_drawing(where, stale)
    click.echo(f"It is told, as number {news_id}.")


@news.command(epilog="Example: ./stillboard news remove 3")
@click.argument("number", type=int)
@options.data
@click.pass_obj
def remove(environ: dict[str, str], number: int, data: Path | None) -> None:
    """Remove what was told as NUMBER."""
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            stale = written.remove_news(db, number)
        connection.ask_for_drawing(where, stale)
    click.echo(f"Number {number} is gone.")


@news.command(name="list", epilog="Example: ./stillboard news list --board b --json")
@options.board
@options.as_json
@options.data
@click.pass_obj
def list_(environ: dict[str, str], board: str | None, as_json: bool, data: Path | None) -> None:
    """List what was told on a board, or on the whole site, newest first."""
    board = board and read_board_name(board)
    with connection.transaction(data, environ) as db:
        found = written.news(db, board, _LISTED_MAX)
    if as_json:
        click.echo(json.dumps([one._asdict() for one in found]))
        return
    for one in found:
        click.echo(f"{one.id}  {one.title}")
