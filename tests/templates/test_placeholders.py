"""What stands in a thumbnail's place until it comes, and what must not."""

from __future__ import annotations

from imageboard.boards import Board
from imageboard.threads import PostFile
from templates import pages
from templates.fragments import post_html
from templates.placeholders import placeholder
from tests.tables import for_each
from tests.templates.builders import a_board, a_file, a_post, a_site, a_thread, an_op

BLACK = "r0 g0 b0"


@for_each(
    ("colour", "size", "classes"),
    [
        (0x7F8091, (255, 191), " r3 g4 b4"),
        (0, (255, 191), f" {BLACK}"),
        (0xFFFFFF, (143, 143), " r7 g7 b7"),
        (0, (167, 255), f" tall {BLACK}"),
        (0, (144, 144), f" tall {BLACK}"),
        (None, (167, 255), " tall"),
        (None, (255, 191), ""),
    ],
)
def test_colour_and_shape_are_classes(
    colour: int | None, size: tuple[int, int], classes: str
) -> None:
    assert placeholder(colour, *size) == classes


def shown_everywhere(board: Board, file: PostFile) -> list[str]:
    op = an_op(files=(file,))
    tile = pages.Tile(a_thread(), op, "")
    return [
        post_html(board, op, ""),
        post_html(board, a_post(files=(file,)), ""),
        pages.catalog_page(a_site(board), board, [tile]).decode(),
    ]


def test_what_is_behind_a_spoiler_is_not_told_by_its_colour() -> None:
    board = a_board()
    for told in shown_everywhere(board, a_file(colour=0)):
        assert BLACK in told
    for told in shown_everywhere(board, a_file(colour=0, is_spoiler=True)):
        assert BLACK not in told


def test_a_file_of_before_has_no_colour() -> None:
    for told in shown_everywhere(a_board(), a_file(colour=None)):
        assert " r0" not in told
