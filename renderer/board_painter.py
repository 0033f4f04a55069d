"""What everybody who draws pages of one board works with, and the right to write its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from imageboard.boards import Board
from imageboard.errors import NoSuchBoard
from imageboard.store import boards as stored_boards
from imageboard.store import render_lock
from imageboard.store.database import Connection
from renderer.appearance import appearance
from renderer.kept_threads import KeptThreads
from renderer.pages import board_kinds
from renderer.pages.kind import BoardKind
from renderer.pages.view import BoardView
from renderer.painter import Painter
from renderer.site_pages import SitePages
from renderer.web_root import Held


@dataclass
class BoardPainter(Painter):
    """Draws boards into one web root."""

    kept: KeptThreads = field(default_factory=KeptThreads)
    #: Whether a second stage follows, and what calls it when something was published.
    has_cloud: bool = False
    on_published: Callable[[], object] = lambda: None
    #: Called after each step: what shows several boards may be behind now.
    on_changed: Callable[[], object] = lambda: None
    kinds: Mapping[str, BoardKind] = field(default_factory=board_kinds)

    @property
    def site_pages(self) -> SitePages:
        """What draws the pages that show several boards."""
        return self.beside(SitePages, kept=self.kept)

    @contextmanager
    def holding(self, db: Connection, name: str) -> Iterator[Held]:
        """The right to write the files of a board.

        Who has not made good what the last holder left leaves it doubtful (see WebRoot.lock).
        """
        with (
            render_lock.hold(db, name) as server_started,
            self.web_root.lock(name, server_started) as held,
        ):
            yield held

    def view(self, db: Connection, board_name: str) -> BoardView:
        """What a board's pages are drawn from, in the snapshot on `db`. Raises NoSuchBoard."""
        site = self.site_pages.site(db)
        for board in site.boards:
            if board.name == board_name:
                return BoardView(db, site, board, self.kept, self.kinds)
        raise NoSuchBoard(board=board_name)

    @property
    def appearance(self) -> str:
        """What its pages look like, besides the posts: see renderer/appearance.py."""
        return appearance(self.site_name, self.site_url, self.captcha, self.language, self.push_key)

    def note_look(self, db: Connection, board: Board, *, is_mixed: bool = False) -> None:
        """Some of its pages were drawn as we draw them: if others were otherwise, it is mixed."""
        if board.drawn_as is not None and (is_mixed or board.drawn_as != self.appearance):
            stored_boards.note_drawn(db, board.name, None)
