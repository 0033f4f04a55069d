"""`stillboard rerender`: draw pages anew."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import click

from cli import connection, options
from imageboard.boards import Board
from imageboard.errors import NoSuchThread
from imageboard.settings import Settings
from imageboard.store import archive, boards, threads
from imageboard.store.database import Database, snapshot
from renderer.crew import Crew, batches_of
from renderer.drawing import pages_of_threads, whole_board
from renderer.pages import threads as thread_pages
from renderer.pages.kind import Page
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop, build_loop

#: Pages that each process draws under one lock, or a few more: posts that come in meanwhile wait
#: for no more than that.
_PAGES_AT_ONCE = 20


@click.command(
    epilog="Examples: ./stillboard rerender --all    ./stillboard rerender --board b --thread 123"
)
@click.option("--board", "board_name", metavar="B", help="This board alone.")
@click.option("--thread", type=int, metavar="N", help="This thread of the board alone.")
@click.option("--all", "whole", is_flag=True, help="Every board; after a change of templates.")
@click.option(
    "--processes",
    type=click.IntRange(1, 32),
    metavar="N",
    help="How many draw at the same time. [default: as many as there are cores]",
)
@options.data
@click.pass_obj
def rerender(
    environ: dict[str, str],
    board_name: str | None,
    thread: int | None,
    whole: bool,
    processes: int | None,
    data: Path | None,
) -> None:
    """Draw pages anew, while posting goes on; those that come out as they were are left alone.

    A page is not drawn where all of its board was last drawn by these templates and this code,
    nothing that was posted waits for it, and its file is as long as was written down. To compare
    each byte: verify.
    """
    if whole == (board_name is not None):
        raise click.UsageError("name --board B, or --all")
    if thread is not None and board_name is None:
        raise click.UsageError("--thread needs --board")
    settings = connection.read_settings(data, environ)
    if thread is not None and board_name is not None:
        with connection.open_database(settings) as database:
            _redraw_thread(build_loop(settings, database), board_name, thread)
        return
    with (
        Crew(partial(_of_a_member, settings), processes or _cores()) as crew,
        connection.open_database(settings) as database,
    ):
        redrawing = Redrawing(build_loop(settings, database))
        _redraw_boards(crew, redrawing, [board_name] if board_name else _names(database))


def _redraw_thread(loop: RenderLoop, board_name: str, thread: int) -> None:
    with loop.database.connection() as db:
        if threads.get(db, board_name, thread) is None:
            raise NoSuchThread(board=board_name, thread=thread)
    written = Redrawing(loop).redraw(board_name, [thread_pages.KIND.page(thread)])
    click.echo(f"written: {written} files")


def _redraw_boards(crew: Crew, redrawing: Redrawing, names: list[str]) -> None:
    began_s = time.perf_counter()
    drawn = written = standing = 0
    loop = redrawing.loop

    def rate(_page: object) -> str:
        return f"{drawn / (time.perf_counter() - began_s):.0f} pages/s"

    for name in names:
        board, whole, pages, archived = _all_of(redrawing, name)
        standing += len(whole) - len(pages)
        of_archive = pages_of_threads(loop.kinds, archived)
        pages_of_each = len(list(pages_of_threads(loop.kinds, archived[:1])))
        length = len(pages) + len(archived) * pages_of_each
        with click.progressbar(
            length=length, label=f"/{name}/", show_pos=True, item_show_func=rate
        ) as progress:
            for batch in batches_of(chain(pages, of_archive), _PAGES_AT_ONCE * crew.size):
                written += crew.redraw(redrawing, name, batch)
                drawn += len(batch)
                progress.update(len(batch), batch[-1])
        _note_drawn(loop, board)
    with loop.database.connection() as db:
        written += loop.site_pages.draw(db, anew=True).written
    took_s = time.perf_counter() - began_s
    click.echo(
        f"{drawn} pages drawn in {took_s:.2f} s, {written} files written; {standing} pages stood."
    )


def _all_of(redrawing: Redrawing, name: str) -> tuple[Board, list[Page], Sequence[Page], list[int]]:
    """A board; every page of it, in the order in which readers miss them; those of them that may
    not stand as they would be drawn; archived threads."""
    with redrawing.loop.database.connection() as db, snapshot(db):
        view = redrawing.loop.view(db, name)
        whole = whole_board(view)
        return view.board, whole, redrawing.not_standing(view, whole), list(view.archived_numbers)


def _note_drawn(loop: RenderLoop, board: Board) -> None:
    with loop.database.connection() as db:
        if board.drawn_as != loop.appearance:
            # Else some pages were left alone: who has drawn one otherwise since has said so.
            boards.note_drawn(db, board.name, loop.appearance)
        archive.note_drawn(db, board, None)


def _names(database: Database) -> list[str]:
    with database.connection() as db:
        return [board.name for board in boards.list_all(db)]


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _of_a_member(settings: Settings) -> Redrawing:
    """Called in a process of the crew, which has one connection for each pool."""
    database = Database(
        settings.database_url, connections_max=1, name="stillboard rerender", durable=False
    )
    database.open()
    return Redrawing(build_loop(settings, database))
