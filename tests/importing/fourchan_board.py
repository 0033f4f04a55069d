"""Threads of 4chan that somebody kept, as a board that was made to be moved."""

from __future__ import annotations

from pathlib import Path

from importing.fourchan.folder import ThreadFolder
from tests.importing.contract import Made
from tests.importing.thread_folders import LATER, T0, a_file, a_picture, a_post, an_op, write

_TIM = 1_707_523_200_000
#: 4chan's numbers lie far apart: other boards have those between.
FAR = 900_000_000
_ARCHIVED = {"closed": 1, "archived": 1}


def _folder(above: Path) -> Path:
    """Made once, and the same each time."""
    board = above / "kept" / "b"
    if not board.exists():
        quote = '<a href="#p100" class="quotelink">&gt;&gt;100</a>'
        other = '<a href="/b/thread/100#p102" class="quotelink">&gt;&gt;102</a>'
        write(
            board,
            an_op(100, sub="Cats &amp; dogs", **a_file(_TIM + 100)),
            a_post(102, 100, com=f"{quote}<br>so"),
            a_post(FAR, 100, time=T0 + 500, **a_file(_TIM + 500, filedeleted=1)),
        )
        write(board, an_op(103, sticky=1), a_post(104, 103, **a_file(_TIM + 104)))
        write(
            board,
            an_op(50, archived_on=T0 + 60, **_ARCHIVED),
            a_post(52, 50, com=other, **a_file(_TIM + 52)),
        )
        write(board, an_op(60, archived_on=LATER, **_ARCHIVED))
    return board.parent


FOURCHAN = Made(
    source=lambda above: ThreadFolder(_folder(above)),
    board="b",
    threads={103: [104], 100: [102, FAR]},
    archived={50: [52], 60: []},
    next_no=FAR + 1,
    links=frozenset({(102, "b", 100), (52, "b", 102)}),
    folder=Path("kept"),
    files={no: [a_picture(shade=no)] for no in (100, 104, 52)},
)
