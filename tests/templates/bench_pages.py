"""What a board's pages cost to draw around their posts: `python -m tests.templates.bench_pages`.

A board of 100 threads, 10 to a page with 5 replies each, on a site of 5 boards. The medians are of
CPU time, so that it hardly counts who else uses the machine; every round has a site of its own, as
every step of the renderer has. At steady state: a page's first drawing is not among them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from imageboard.boards import Board
from templates import Site, pages
from templates.fragments import post_html
from tests.templates.builders import CREATED_S, a_board, a_file, a_post, a_thread, an_about, an_op

_THREADS = 100
_PER_PAGE = 10
_PAGES = _THREADS // _PER_PAGE
_PREVIEW_REPLIES = 5
_RECENT = 20
_BODY_HTML = "The water was so still that the far shore stood in it upside down. " * 6

_BOARDS = [a_board(name, title=f"Title of {name}", files_max=3) for name in "abcde"]


def as_of(change_no: int) -> tuple[Site, Board]:
    """The site as it is read when board b has had so many changes, and that board."""
    boards = tuple(replace(board, change_no=change_no) for board in _BOARDS)
    return Site("Stillboard", boards, "https://board.example"), boards[1]


def cases() -> dict[str, Callable[[Site, Board], object]]:
    """{kind of page: what draws one}."""
    board = _BOARDS[1]
    ops = [an_op(no=no, thread=no, files=(a_file(),)) for no in range(1, _THREADS + 1)]
    threads = [a_thread(no=op.no, replies=50) for op in ops]
    tiles = [
        pages.Tile(thread, op, _BODY_HTML[:200]) for thread, op in zip(threads, ops, strict=True)
    ]
    reply_html = post_html(board, a_post(), _BODY_HTML).encode()
    previews = [
        pages.PreviewedThread(
            thread=thread,
            subject=op.subject,
            op_html=post_html(board, op, _BODY_HTML).encode(),
            replies_html=(reply_html,) * _PREVIEW_REPLIES,
            omitted_posts=45,
            omitted_images=0,
        )
        for thread, op in zip(threads[:_PER_PAGE], ops, strict=False)
    ]
    counts = [pages.BoardCount(each, _THREADS, 5_000) for each in _BOARDS]
    recent = [pages.RecentLine("b", no, 1, CREATED_S, None, "Still.") for no in range(_RECENT)]
    short, long = a_thread(replies=50), a_thread(replies=800)
    return {
        "thread": lambda site, board: pages.thread_frame(site, board, short, an_about()),
        "thread, its tail": lambda site, board: pages.thread_tail_frame(
            site, board, long, an_about(), 750
        ),
        "board page": lambda site, board: pages.board_page(site, board, previews, 1, _PAGES),
        "catalog": lambda site, board: pages.catalog_page(site, board, tiles),
        "front page": lambda site, _board: pages.front_page(site, counts, recent),
        "not found": lambda site, _board: pages.not_found_page(site),
    }


def cpu_us(draw: Callable[[Site, Board], object], rounds: int) -> float:
    """The median of `rounds`."""
    taken = []
    for change_no in range(rounds):
        site, board = as_of(change_no)
        began_ns = time.thread_time_ns()
        draw(site, board)
        taken.append((time.thread_time_ns() - began_ns) / 1_000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=500)
    rounds = parser.parse_args().rounds
    for kind, draw in cases().items():
        print(f"{kind:20} {cpu_us(draw, rounds):8.0f} µs")


if __name__ == "__main__":
    main()
