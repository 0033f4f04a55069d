"""Kinds of pages: which of them a fact makes stale, and that none is forgotten anywhere.

That the answers are complete is proven on whole boards: test_any_history.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from cdn.cache_policy import headers_of
from imageboard.facts import (
    FACTS,
    BannersChanged,
    BoardChanged,
    BoardListChanged,
    BoardRemoved,
    Fact,
    MediaReady,
    PageRange,
    PostAdded,
    PostChanged,
    PostRemoved,
    StaffWrote,
    ThreadChanged,
    ThreadRemoved,
    ThreadRerendered,
)
from imageboard.store import boards, outbox
from imageboard.store.database import Database, snapshot
from imageboard.store.uploads import UploadStore
from renderer import pages
from renderer.agenda import stale_pages
from renderer.pages import board_kinds, site_kinds
from renderer.pages.kind import BoardKind, Drawn, Key, Page, SiteKind
from renderer.pages.view import BoardView
from renderer.render_loop import RenderLoop
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post
from tests.renderer.page_names import CATALOG, NAMED_KINDS, board_page, medium, thread
from tests.tables import for_each

MEDIA = ("src/1.png", "thumb/1.webp")
OF_MEDIA = {medium("src/1.png"), medium("thumb/1.webp")}

CASES: list[tuple[Fact, set[Page]]] = [
    (
        PostAdded(thread=1, no=9, pages=PageRange(1, 2), quoted_threads=(4, 6), media=MEDIA),
        {thread(1), thread(4), thread(6), board_page(1), board_page(2)} | OF_MEDIA | {CATALOG},
    ),
    (
        PostAdded(thread=9, no=9, pages=PageRange(1, 1)),
        {thread(9), board_page(1)} | {CATALOG},
    ),
    (
        PostChanged(thread=1, no=2, pages=PageRange(3, 3), media=MEDIA),
        {thread(1), board_page(3)} | OF_MEDIA | {CATALOG},
    ),
    (
        MediaReady(thread=1, no=2, pages=PageRange(3, 3), media=MEDIA),
        {thread(1), board_page(3)} | OF_MEDIA | {CATALOG},
    ),
    (
        PostRemoved(thread=1, no=2, pages=PageRange(1, 3), media=MEDIA, quoting_threads=(4,)),
        {thread(1), thread(4), board_page(1), board_page(2), board_page(3)} | OF_MEDIA | {CATALOG},
    ),
    (
        ThreadRemoved(thread=1, pages=PageRange(2, 3), media=MEDIA, quoting_threads=(4,)),
        {thread(1), thread(4), board_page(2), board_page(3)} | OF_MEDIA | {CATALOG},
    ),
    (
        ThreadChanged(thread=1, pages=PageRange(1, 2)),
        {thread(1), board_page(1), board_page(2), CATALOG},
    ),
    (BoardChanged(), set()),
    # Its pages are taken away by the ledger, and no kind draws any.
    (BoardRemoved(), set()),
    # The site's own pages show it: they follow the numbers of the boards.
    (BoardListChanged(), set()),
    (StaffWrote(pages=PageRange(1, 2), name="rules"), {board_page(1), board_page(2), CATALOG}),
    (
        BannersChanged(pages=PageRange(1, 2), media=("src/1.png",)),
        {board_page(1), board_page(2), CATALOG, medium("src/1.png")},
    ),
    (ThreadRerendered(thread=1), {thread(1)}),
]


@for_each(("fact", "stale"), CASES, ids=[type(fact).__name__ for fact, _stale in CASES])
def test_fact_makes_stale_what_shows_it_and_nothing_else(fact: Fact, stale: set[Page]) -> None:
    assert set(stale_pages(NAMED_KINDS, fact)) == stale


def test_every_kind_of_fact_has_a_case_here_and_touches_something() -> None:
    assert {type(fact) for fact, _stale in CASES} == set(FACTS.values())
    for fact, stale in CASES:
        concerns_no_kind_here = isinstance(fact, BoardListChanged | BoardRemoved)
        assert stale or fact.touches_whole_board or concerns_no_kind_here, type(fact).__name__


def test_what_is_removed_is_told_from_what_has_time() -> None:
    removals = {type(fact) for fact, _stale in CASES if fact.is_removal}
    assert removals == {PostRemoved, ThreadRemoved, PostChanged, BoardRemoved}


# --- a kind that is added ---


class Numbers(BoardKind):
    """As somebody would add it: it is named in no list but the one that it is found in."""

    name = "numbers"
    order = 3

    def stale(self, fact: Fact) -> Iterable[Key]:
        return (0,) if fact.touched_pages else ()

    def there(self, view: BoardView) -> Iterable[Key]:
        return (0,)

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        return (f"{view.board.name}/numbers.xml",)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        numbers = " ".join(str(preview.thread.no) for preview in view.previews)
        yield Drawn(*self.paths(view, key), numbers.encode())


@pytest.fixture
def kinds() -> dict[str, BoardKind]:
    """Those that there are, and the one that is added."""
    every = [*board_kinds().values(), Numbers()]
    return {kind.name: kind for kind in sorted(every, key=lambda kind: (kind.order, kind.name))}


@pytest.fixture
def loop_with_numbers(loop: RenderLoop, kinds: dict[str, BoardKind]) -> RenderLoop:
    return replace(loop, kinds=kinds)


@pytest.mark.slow
def test_added_kind_is_drawn_with_the_board_and_with_each_post(
    database: Database, loop_with_numbers: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    loop_with_numbers.render("b")
    assert web_root.read("b/numbers.xml") == b""
    a_post(database, board)
    a_post(database, board)
    loop_with_numbers.render("b")
    assert web_root.read("b/numbers.xml") == b"2 1"
    with database.connection() as db:
        assert outbox.lag(db) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "wrong"), [(Path.unlink, "missing"), (lambda p: p.write_text("old"), "differing")]
)
def test_added_kind_is_proven(
    database: Database,
    loop_with_numbers: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    kinds: dict[str, BoardKind],
    harm: Callable[[Path], object],
    wrong: str,
) -> None:
    a_post(database, a_board(database))
    loop_with_numbers.render("b")
    harm(web_root.folder / "b/numbers.xml")
    verifier = Verifier(database, web_root, uploads, "Stillboard", repair=True, kinds=kinds)
    assert list(verifier.verify()) == [Finding(wrong, "b/numbers.xml")]
    assert list(verifier.verify()) == []


@pytest.mark.slow
def test_kind_that_is_taken_away_again_leaves_nothing_behind(
    database: Database, loop_with_numbers: RenderLoop, loop: RenderLoop, web_root: WebRoot
) -> None:
    a_board(database)
    loop_with_numbers.render("b")
    with database.transaction() as db:
        boards.ask_again(db, "b", BoardChanged())
    loop.render("b")
    assert web_root.read("b/numbers.xml") is None


# --- what holds for every kind ---


def test_every_kind_has_a_name_and_a_place_of_its_own() -> None:
    every = [*board_kinds().values(), *site_kinds().values()]
    modules = [found.name for found in iter_modules(pages.__path__)]
    named = [name for name in modules if hasattr(import_module(f"renderer.pages.{name}"), "KIND")]
    assert len({kind.name for kind in every}) == len(every) == len(named)
    assert all(kind.name and isinstance(kind.order, int) for kind in every)


@pytest.mark.parametrize("missing", ["name", "order"])
def test_kind_that_lacks_a_name_or_a_place_can_not_be_made(missing: str) -> None:
    """Rather than a board that stops for ever at the first fact that concerns it."""
    given = {"name": "x", "order": 3, "draw": lambda *_: iter(())}
    del given[missing]
    with pytest.raises(TypeError, match=missing):
        type("Forgetful", (SiteKind,), given)


@pytest.mark.slow
def test_every_path_is_one_that_nginx_and_the_bucket_serve(
    database: Database, loop: RenderLoop
) -> None:
    """Else a page would stand in the web root and be 404."""
    a_post(database, a_board(database), files=(a_file(),))
    with database.connection() as db, snapshot(db):
        view, site_view = loop.view(db, "b"), loop.site_pages.view(db)
        paths = [path for kind in board_kinds().values() for path in kind.paths_there(view)]
        paths += [file.path for kind in site_kinds().values() for file in kind.draw(site_view)]
    for path in paths:
        assert headers_of(path).content_type
