"""Boards that came from another engine, as the writer knows them: a second old at most."""

from __future__ import annotations

import time
from collections.abc import Callable

from imageboard.cloaks import Cloak
from imageboard.old_boards import OldBoard
from imageboard.old_passwords import Secrets
from imageboard.store import old_boards
from imageboard.store.database import Database


class OldBoards:
    """They come once, and stay."""

    _KEPT_S = 1.0

    def __init__(
        self, database: Database, cloak: Cloak, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._cloak = cloak
        self._clock = clock
        self._boards: dict[str, OldBoard] = {}
        self._read_s = float("-inf")

    def get(self, name: str) -> OldBoard | None:
        """None: the board was made here."""
        return self._known().get(name)

    def secrets(self) -> list[Secrets]:
        """Of all of them."""
        return [old.secrets for old in self._known().values()]

    def _known(self) -> dict[str, OldBoard]:
        if self._clock() - self._read_s > self._KEPT_S:
            with self._database.connection() as db:
                self._boards = old_boards.list_all(db, self._cloak)
            self._read_s = self._clock()
        return self._boards
