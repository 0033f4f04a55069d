"""Draws pages of a board anew, whether or not anything changed; archived ones in their own time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from imageboard.store import archive, outbox, publications
from imageboard.store.database import share_snapshot, snapshot
from renderer.agenda import stale_pages
from renderer.drawing import pages_of_threads, publish, publish_what_can_be_read
from renderer.pages.kind import Page
from renderer.pages.media import KIND as MEDIA
from renderer.pages.view import BoardView
from renderer.publishing import Publisher
from renderer.render_loop import RenderLoop
from renderer.steps import CHANGES_PER_STEP_MAX

#: Archived threads that are drawn anew under one lock: posts wait for no more than that.
ARCHIVED_AT_ONCE = 10


class Share(NamedTuple):
    """Pages of one board that are to be redrawn as they are at one moment."""

    board: str
    pages: Sequence[Page]
    #: The name of the holder's snapshot.
    snapshot: str
    believes_ledger: bool
    #: Whether others draw the rest of them beside it, so that it has one processor at most.
    has_one_core: bool = False


@dataclass
class Redrawing:
    """Redraws what the loop draws."""

    loop: RenderLoop

    def redraw_archived(self, board_name: str, threads_max: int = ARCHIVED_AT_ONCE) -> int:
        """Draw the next of its archived threads with the board's settings; how many, 0: all are.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable, StoreDamaged: they are drawn the next time.
        """
        with self.loop.database.connection() as db, self.loop.holding(db, board_name) as held:
            with snapshot(db):
                view = self.loop.view(db, board_name)
                numbers = archive.not_drawn(db, view.board, threads_max)
                with Publisher(
                    db,
                    self.loop.web_root,
                    self.loop.uploads,
                    view.board,
                    believes_ledger=not held.is_doubtful,
                ) as publisher:
                    # Page by page: one that can't be read must not stop all others.
                    # Also their files: threads that came with a board never stood on it.
                    media = map(MEDIA.page_of_archived, numbers)
                    pages = chain(media, pages_of_threads(self.loop.kinds, numbers))
                    publish_what_can_be_read(view, pages, publisher)
            with db.transaction():
                publisher.record(db)
                self.loop.note_look(db, view.board, is_mixed=publisher.left_unread)
                archive.note_drawn(
                    db, view.board, numbers[-1] if len(numbers) == threads_max else None
                )
        self.loop.on_published()
        return len(numbers)

    def redraw(self, board_name: str, pages: Sequence[Page]) -> int:
        """Draw these pages anew, whether or not anything changed; the number of files written."""
        return self.redraw_shared(board_name, pages, lambda share, _lock: self.redraw_share(share))

    def redraw_shared(
        self,
        board_name: str,
        pages: Sequence[Page],
        spread: Callable[[Share, int], int],
    ) -> int:
        """The same; `spread` has the pages drawn, and returns how many files were written.

        It is given the lock's open file: as long as any process has it open, nobody else writes.

        What waits is drawn first. That makes good what an interrupted holder left: these pages
        alone would not, and all of them would be written again, each time, until somebody posts.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable, and what `spread` raises.
        """
        self.loop.render(board_name)
        with (
            self.loop.database.connection() as db,
            self.loop.holding(db, board_name) as held,
            snapshot(db),
        ):
            share = Share(board_name, pages, share_snapshot(db), not held.is_doubtful)
            written = spread(share, held.file)
        self.loop.on_published()
        return written

    def redraw_share(self, share: Share) -> int:
        """Draw a part of what whoever holds the board redraws; the number of files written."""
        with self.loop.database.connection() as db:
            with snapshot(db, of=share.snapshot):
                view = self.loop.view(db, share.board)
                with Publisher(
                    db,
                    self.loop.web_root,
                    self.loop.uploads,
                    view.board,
                    believes_ledger=share.believes_ledger,
                    has_one_core=share.has_one_core,
                ) as publisher:
                    publish(view, share.pages, publisher)
            with db.transaction():
                publisher.record(db)
                self.loop.note_look(db, view.board)
        return publisher.written

    def not_standing(self, view: BoardView, pages: Sequence[Page]) -> Sequence[Page]:
        """Those of these pages, archived threads apart, that may not stand as they would be drawn.

        Where all of the board was drawn with today's appearance, a page is what its facts have made
        of it: one for which none waits stands as the ledger says, unless its file is gone or cut.
        """
        waiting = outbox.waiting(view.db, view.board.name, CHANGES_PER_STEP_MAX)
        is_whole = any(change.fact.touches_whole_board for change in waiting)
        is_known = view.board.drawn_as == self.loop.appearance
        if not is_known or is_whole or len(waiting) == CHANGES_PER_STEP_MAX:
            return pages
        stale = {page for change in waiting for page in stale_pages(self.loop.kinds, change.fact)}
        drawing = [kind for kind in self.loop.kinds.values() if not kind.draws_nothing]
        there = {path for kind in drawing for path in kind.paths_there(view)}
        paths_of = {
            page: view.kinds[page.kind].paths(view, page.key)
            for page in pages
            if page not in stale and not view.kinds[page.kind].draws_nothing
        }
        known = publications.known(view.db, list(chain.from_iterable(paths_of.values())))

        def stands(path: str) -> bool:
            written = known.get(path)
            if written is None:
                return path not in there
            return path in there and self.loop.web_root.size(path) == written.bytes

        standing = {page for page, paths in paths_of.items() if all(map(stands, paths))}
        return [page for page in pages if page not in standing]
