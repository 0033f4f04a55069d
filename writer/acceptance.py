"""A draft that keeps to the rules -> the post that may be stored, with what the request tells."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard import post_rules
from imageboard.allowances import Allowance
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.dice import Throw
from imageboard.post_rules import Draft, NewFile, NewPost
from imageboard.settings import Settings
from writer.origins import Origins


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The same for a post and for its preview."""

    settings: Settings
    cloak: Cloak
    origins: Origins

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
        shows_country = post_rules.shows_country(draft, board.settings)
        return post_rules.accept(
            draft,
            board,
            address=address,
            cloak=self.cloak,
            secure_trip_salt=self.settings.secure_trip_salt,
            allowances=allowances,
            files=files,
            throws=throws,
            country=self.origins.country(req, address) if shows_country else None,
        )
