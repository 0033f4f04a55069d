"""Takes boards away that are going: their pages, what the database holds of them, their files.

By the command that removes a board, and by the keeper, which goes on with what a command that was
killed or the web desk has begun. Two that are at it do no harm: each takes what is next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imageboard.errors import NoSuchBoard
from imageboard.store import board_removals, posts
from imageboard.store.database import Database
from monitoring.logs import get_logger
from renderer.render_loop import RenderLoop

log = get_logger(__name__)

#: What one transaction drops: posts with all that hangs on them, during which nobody posts to a
#: board that quotes them; and rows of the other tables.
POSTS_AT_ONCE = 500
ROWS_AT_ONCE = 5_000


@dataclass
class Clearing:
    """Clears boards that are going."""

    database: Database
    loop: RenderLoop

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
            self.loop.take_away(board)
        except NoSuchBoard:
            return  # somebody else has come to its end

    def _drop(self, uploads: list[str]) -> None:
        """Master copies that nobody holds any more. What a killed one leaves is swept later."""
        if uploads:
            with self.database.connection() as db:
                held = posts.stored_names(db, uploads)
            for name in set(uploads) - held:
                self.loop.uploads.drop(name)
