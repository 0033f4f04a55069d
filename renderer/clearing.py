"""Takes boards away that are going: their pages, what the database holds of them, their files.

By the command that removes a board, and by the keeper, which goes on with what a command that was
killed or the web desk has begun. Two that are at it do no harm: each takes what is next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imageboard.errors import NoSuchBoard
from imageboard.store import board_removals, outbox, posts, publications, takedowns
from imageboard.store.database import Database
from monitoring import metrics
from monitoring.logs import get_logger
from renderer.board_painter import BoardPainter
from renderer.site_pages import Removed

log = get_logger(__name__)

#: What one transaction drops: posts with all that hangs on them, during which nobody posts to a
#: board that quotes them; and rows of the other tables.
POSTS_AT_ONCE = 500
ROWS_AT_ONCE = 5_000
#: Files of a board that is going, which go in one step.
TAKEN_AWAY_AT_ONCE = 1_000


@dataclass
class Clearing:
    """Clears boards that are going."""

    database: Database
    painter: BoardPainter

    def clear(self, board: str, on_posts: Callable[[int], object] = lambda _count: None) -> None:
        """All of a board that is going, however long it takes.

        Raises:
            DiskFull, StoreUnavailable, StatementFailed: what is left waits, for us or the keeper.
        """
        self._take_pages_away(board)
        while self.go_on(board, on_posts):
            pass

    def go_on(self, board: str, on_posts: Callable[[int], object] = lambda _count: None) -> bool:
        """One step; False: the board is gone. The same exceptions."""
        forgotten = self.database.again_on_deadlock(
            lambda db: board_removals.forget_some(
                db, board, posts_max=POSTS_AT_ONCE, rows_max=ROWS_AT_ONCE
            )
        )
        if forgotten is None:
            return False
        self._drop(forgotten.uploads)
        on_posts(forgotten.posts)
        if not forgotten.is_empty:
            return True
        if self.database.again_on_deadlock(lambda db: board_removals.end(db, board)):
            log.info("board_removed", board=board)
            return False
        # Something was written down of it since.
        self._take_pages_away(board)
        return True

    def _take_pages_away(self, board: str) -> None:
        try:
            take_pages_away(self.painter, board)
        except NoSuchBoard:
            return  # somebody else has come to its end

    def _drop(self, uploads: list[str]) -> None:
        """Master copies that nobody holds any more. What a killed one leaves is swept later."""
        if uploads:
            with self.database.connection() as db:
                held = posts.stored_names(db, uploads)
            for name in set(uploads) - held:
                self.painter.uploads.drop(name)


def take_pages_away(painter: BoardPainter, board_name: str) -> int:
    """Take away all that stands of a board that is going; how many files of it there were.

    What of it the site's own pages show goes too, before this is settled. Some files at a time,
    each time written down: whoever is killed leaves the rest to the next.

    Raises:
        NoSuchBoard: it is not there, and not going (any more).
    """
    taken = 0
    with painter.database.connection() as db, painter.holding(db, board_name) as held:
        if not board_removals.is_going(db, board_name):
            raise NoSuchBoard(board=board_name)
        for paths in publications.paths_of_board(db, board_name, TAKEN_AWAY_AT_ONCE):
            for path in paths:
                painter.web_root.remove(path)
            with db.transaction():
                change_no = takedowns.board_gone_from_origin(
                    db, board_name, paths, has_cloud=painter.has_cloud
                )
                publications.forget(db, paths, change_no)
            taken += len(paths)
            metrics.files_removed.inc(len(paths))
            painter.on_published()
        of_site = painter.site_pages.draw(db, removed=Removed(board_name, None)).showing_posts
        painter.site_pages.draw(db)
        # Whatever else lies there; the board's log went with the site's pages.
        painter.web_root.remove_folder(board_name)
        with db.transaction():
            change_no = takedowns.board_gone_from_origin(
                db, board_name, of_site, has_cloud=painter.has_cloud
            )
            # What was removed just before, and is gone only now.
            for removal in takedowns.gone_from_origin(
                db, board_name, change_no, [], has_cloud=painter.has_cloud
            ):
                for name in removal.uploads:
                    painter.uploads.drop(name)
            outbox.settle(db, board_name, change_no)
        held.is_doubtful = False
    painter.on_published()
    painter.on_changed()
    log.info("board_taken_away", board=board_name, files=taken)
    return taken
