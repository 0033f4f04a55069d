"""Parts of pages are kept, and no page ever shows one that is out of date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from imageboard.boards import Board
from imageboard.settings import BoardSettings
from imageboard.threads import PostFile, Thread
from templates import Site, kept_parts, pages
from tests.tables import for_each
from tests.templates.builders import a_board, a_file, a_site, a_thread, an_about, an_op

BOARD = a_board("b", title="Boats", subtitle="Row", reply_limit=300, files_max=2)
OTHER = a_board("tech", title="Technology")
SITE = a_site(BOARD, OTHER)
THREAD = a_thread(replies=120)
FILE = a_file()

_KEPT = [
    part
    for part in vars(kept_parts).values()
    if hasattr(part, "cache_clear") and part.__module__ == kept_parts.__name__
]


def forget() -> None:
    for part in _KEPT:
        part.cache_clear()


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    forget()


def drawn(
    site: Site = SITE, board: Board = BOARD, thread: Thread = THREAD, file: PostFile = FILE
) -> dict[str, bytes]:
    """{kind: page}, each with one thread."""
    fragments = b"<p>op</p>", (b"<p>reply</p>",)
    preview = pages.PreviewedThread(thread, "Lake", *fragments, thread.replies - 1, 0)
    tile = pages.Tile(thread, an_op(files=(file,)), "Still")
    counts = [pages.BoardCount(each, 1, 2) for each in site.boards]
    return {
        "thread": b"".join(pages.thread_frame(site, board, thread, an_about())),
        "tail": b"".join(pages.thread_tail_frame(site, board, thread, an_about(), 70)),
        "board": pages.board_page(site, board, [preview], 1, 1),
        "catalog": pages.catalog_page(site, board, [tile]),
        "front": pages.front_page(site, counts, []),
        "not_found": pages.not_found_page(site),
    }


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {kind for kind in before if before[kind] != after[kind]}


OF_BOARD = {"thread", "tail", "board", "catalog"}
ALL = OF_BOARD | {"front", "not_found"}


def with_settings(**changes: Any) -> Callable[[], dict[str, bytes]]:
    def draw() -> dict[str, bytes]:
        board = replace(BOARD, settings=replace(BOARD.settings, **changes))
        return drawn(replace(SITE, boards=(board, OTHER)), board)

    return draw


@for_each(
    ("draw_changed", "text", "shown_on"),
    [
        (lambda: drawn(replace(SITE, name="Moonboard")), b"Moonboard", ALL),
        (
            lambda: drawn(replace(SITE, boards=(*SITE.boards, a_board("new", title="Newest")))),
            b'title="Newest"',
            ALL,
        ),
        (lambda: drawn(replace(SITE, url="https://elsewhere")), b"elsewhere", ALL - {"not_found"}),
        (with_settings(title="Ships"), b"Ships", ALL),
        (with_settings(subtitle="Sail"), b"Sail", OF_BOARD | {"front"}),
        (with_settings(anonymous_name="Sailor"), b"Sailor", OF_BOARD - {"catalog"}),
        (with_settings(body_chars_max=77), b'maxlength="77"', OF_BOARD - {"catalog"}),
        (with_settings(files_max=3), b'name="file3"', OF_BOARD - {"catalog"}),
        (with_settings(thread_needs_body=True), b" required", {"board"}),
    ],
)
def test_what_was_changed_shows_on_the_next_page(
    draw_changed: Callable[[], dict[str, bytes]], text: bytes, shown_on: set[str]
) -> None:
    before = drawn()
    after = draw_changed()
    assert {kind for kind in before if text in before[kind]} == set()
    assert {kind for kind in after if text in after[kind]} >= shown_on
    assert differing(before, drawn()) == set(), "and back again"


def a_different(value: Any) -> Any:
    if value is None:
        return 1
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value} or else"


def every_change() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each single thing of board, thread and file: its name, and a drawing with another."""
    for row in BoardSettings.rows():
        choices = row.reader.choices
        value = choices[-1] if choices else a_different(getattr(BOARD.settings, row.attribute))
        board = replace(BOARD, settings=replace(BOARD.settings, **{row.attribute: value}))
        site = replace(SITE, boards=(board, OTHER))
        yield f"settings.{row.attribute}", {"site": site, "board": board}
    for name, value in THREAD._asdict().items():
        yield name, {"thread": THREAD._replace(**{name: a_different(value)})}
    for name, value in FILE._asdict().items():
        yield f"file.{name}", {"file": FILE._replace(**{name: a_different(value)})}


_CHANGES = dict(every_change())


@pytest.mark.slow
@for_each("changed", _CHANGES.values(), _CHANGES)
def test_page_does_not_depend_on_what_was_drawn_before(changed: dict[str, Any]) -> None:
    """Drawn after pages that differ in one thing, or as the first of all: the same bytes."""
    drawn()
    after_another = drawn(**changed)
    forget()
    assert differing(drawn(**changed), after_another) == set()


def test_a_post_elsewhere_draws_no_part_anew() -> None:
    """Change numbers rise with each post; nothing that is kept may hang on them."""
    other_thread = a_thread(no=7)
    first = drawn(thread=other_thread)
    missed = [part.cache_info().misses for part in _KEPT]
    raised = replace(BOARD, change_no=BOARD.change_no + 1, last_no=BOARD.last_no + 1)
    other_raised = replace(OTHER, change_no=9)
    assert first == drawn(a_site(raised, other_raised), raised, other_thread)
    assert [part.cache_info().misses for part in _KEPT] == missed


def test_what_is_kept_is_bounded() -> None:
    assert _KEPT
    for part in _KEPT:
        assert 0 < part.cache_info().maxsize <= 256
