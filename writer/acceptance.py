"""A draft that keeps to the rules -> the post that may be stored, with what the request tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import falcon

from imageboard import post_rules
from imageboard.allowances import Allowance
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.dice import Throw
from imageboard.old_boards import OldBoard
from imageboard.post_rules import Draft, NewFile, NewPost
from imageboard.settings import Settings
from imageboard.tripcodes import Salt
from writer.origins import Origins


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The same for a post and for its preview."""

    settings: Settings
    cloak: Cloak
    origins: Origins
    #: Where a board came from, by its name; None: it was made here.
    old_board: Callable[[str], OldBoard | None]

    def trip_salt(self, board: str) -> Salt:
        """By which `name##password` signs on a board."""
        old = self.old_board(board)
        return (old.trip_salt() if old else None) or Salt(self.settings.secure_trip_salt)

    def accept(
        self,
        req: falcon.Request,
        draft: Draft,
        board: Board,
        address: Address,
        *,
        allowances: tuple[Allowance, ...] = (),
        files: tuple[NewFile, ...] = (),
        throws: tuple[Throw, ...] = (),
    ) -> NewPost:
        old = self.old_board(board.name)
        shows_country = post_rules.shows_country(draft, board.settings)
        return post_rules.accept(
            draft,
            board,
            address=address,
            cloak=self.cloak,
            trip_salt=self.trip_salt(board.name),
            old_poster_id=old.poster_id(address, draft.thread) if old else None,
            allowances=allowances,
            files=files,
            throws=throws,
            country=self.origins.country(req, address) if shows_country else None,
        )
