"""Which pages a board has, and how some of them are drawn and published one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from imageboard.errors import StoreDamaged
from imageboard.store.database import unless_damaged
from monitoring import metrics
from monitoring.logs import get_logger
from renderer.agenda import in_order
from renderer.pages.kind import BoardKind, Key, Page, ThreadKind
from renderer.pages.view import BoardView
from renderer.publishing import Publisher

log = get_logger(__name__)


def whole_board(view: BoardView) -> list[Page]:
    """All pages of a board, in the order in which they are drawn anew.

    All of a thread follow each other, in the place of the first. PERF: of a board with more posts
    than are kept, kind by kind, each thread was read and drawn anew for each kind: 500 threads of
    100 posts took twice as much a post as 50 of them.
    """
    pages = [kind.page(key) for kind in view.kinds.values() for key in kind.drawn_anew(view)]
    of_threads: dict[Key, list[Page]] = {}
    for page in pages:
        if isinstance(view.kinds[page.kind], ThreadKind):
            of_threads.setdefault(page.key, []).append(page)
    whole: list[Page] = []
    for page in pages:
        if isinstance(view.kinds[page.kind], ThreadKind):
            whole += of_threads.pop(page.key, ())
        else:
            whole.append(page)
    return whole


def pages_of_threads(kinds: Mapping[str, BoardKind], threads: Iterable[int]) -> Iterator[Page]:
    """All pages of these threads."""
    of_threads = [kind for kind in kinds.values() if isinstance(kind, ThreadKind)]
    return (kind.page(no) for no in threads for kind in of_threads)


def publish(view: BoardView, pages: Iterable[Page], publisher: Publisher) -> None:
    """Draw and publish these pages in the order of service, kind by kind."""
    in_turn = in_order(view.kinds, pages)
    for kind in view.kinds.values():
        keys = [page.key for page in in_turn if page.kind == kind.name]
        if not keys:
            continue
        if len(keys) > 1:
            kind.read_ahead(view, keys)
        drawn = (each for key in keys for each in kind.draw(view, key))
        if kind.draws_nothing:
            publisher.publish_named(kind, drawn)
        else:
            paths = (path for key in keys for path in kind.paths(view, key))
            publisher.publish(kind, drawn, paths)


def publish_what_can_be_read(view: BoardView, pages: Iterable[Page], publisher: Publisher) -> None:
    """The same, page by page; one that can't be read stays as it stands."""
    for page in in_order(view.kinds, pages):
        try:
            with unless_damaged(view.db):
                publish(view, [page], publisher)
        except StoreDamaged as ex:
            publisher.left_unread = True
            metrics.part_failures.labels("database").inc()
            log.error(
                "page_unreadable",
                board=view.board.name,
                kind=page.kind,
                key=str(page.key),
                sqlstate=ex.sqlstate,
            )
