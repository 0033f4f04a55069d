"""The boards as the writer knows them: read again when they are a second old."""

from __future__ import annotations

import time
from collections.abc import Callable

from imageboard.boards import Board
from imageboard.store import boards as stored_boards
from imageboard.store.database import Database
from imageboard.words import ENGLISH, Language


class BoardList:
    """Settings change rarely, posts do not."""

    _KEPT_S = 1.0

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.monotonic,
        *,
        language: Language = ENGLISH,
    ) -> None:
        self._database = database
        self._language = language
        self._clock = clock
        self._boards: dict[str, Board] = {}
        self._read_s = float("-inf")

    def get(self, name: str) -> Board | None:
        """None: there is no board of that name."""
        if self._clock() - self._read_s > self._KEPT_S or name not in self._boards:
            self._read()
        return self._boards.get(name)

    @property
    def all(self) -> list[Board]:
        if self._clock() - self._read_s > self._KEPT_S:
            self._read()
        return list(self._boards.values())

    def _read(self) -> None:
        with self._database.connection() as db:
            boards = stored_boards.list_all(db)
        self._boards = {board.name: board.on_site_in(self._language) for board in boards}
        self._read_s = self._clock()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._boards)
