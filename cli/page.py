"""`stillboard page`: what staff write in Markdown, at /b/rules.html or /faq.html."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

import click

from cli import connection, options
from imageboard import written_pages
from imageboard.boards import read_board_name
from imageboard.store import operator_log, written
from imageboard.written_pages import ANNOUNCEMENT

_markdown = click.File("r", encoding="utf-8")


@click.group()
def page() -> None:
    """Rules, questions and other pages, in Markdown.

    The page NAME of a board is at /BOARD/NAME.html, that of the whole site at /NAME.html. The one
    called `announcement` stands above the threads instead, and on the front page.
    """


@page.command(name="set", epilog="Example: ./stillboard page set rules rules.md --board b")
@click.argument("name")
@click.argument("file", type=_markdown)
@options.board
@click.option("--title", help="By itself, the heading that the text begins with.")
@options.data
@click.pass_obj
def set_(
    environ: dict[str, str],
    name: str,
    file: TextIO,
    board: str | None,
    title: str | None,
    data: Path | None,
) -> None:
    """Write the page NAME, or write it anew, from FILE (-: from standard input)."""
    name, board = written_pages.read_name(name), board and read_board_name(board)
    body = written_pages.read_text(name, options.read_text(file))
    if title is None and name != ANNOUNCEMENT:
        title, body = written_pages.titled(name, body)
    title = written_pages.read_title(name, title or name)
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            stale = written.set_page(db, board, name, title, body)
            operator_log.note(db, "set_page", board=board, page=name)
        connection.ask_for_drawing(where, stale)
    click.echo(f"{_called(board, name)} is written.")


@page.command(epilog="Example: ./stillboard page remove rules --board b")
@click.argument("name")
@options.board
@options.data
@click.pass_obj
def remove(environ: dict[str, str], name: str, board: str | None, data: Path | None) -> None:
    """Remove the page NAME."""
    name, board = written_pages.read_name(name), board and read_board_name(board)
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            stale = written.remove_page(db, board, name)
            operator_log.note(db, "remove_page", board=board, page=name)
        connection.ask_for_drawing(where, stale)
    click.echo(f"{_called(board, name)} is gone.")


@page.command(name="list", epilog="Example: ./stillboard page list --board b --json")
@options.board
@options.as_json
@options.data
@click.pass_obj
def list_(environ: dict[str, str], board: str | None, as_json: bool, data: Path | None) -> None:
    """List the pages of a board, or of the whole site; with --json their text too."""
    board = board and read_board_name(board)
    with connection.transaction(data, environ) as db:
        found = written.pages(db, board)
    if as_json:
        click.echo(json.dumps([{"board": board} | one._asdict() for one in found]))
        return
    for one in found:
        click.echo(f"{_called(board, one.name)}  {one.title}")


def _called(board: str | None, name: str) -> str:
    if name == ANNOUNCEMENT:
        return "The announcement" if board is None else f"The announcement of /{board}/"
    return f"/{name}.html" if board is None else f"/{board}/{name}.html"
