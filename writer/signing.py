"""Posts of staff: who is logged in may sign one with what their role may say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import falcon

from imageboard import capcodes
from imageboard.errors import RuleBroken
from imageboard.post_rules import Draft
from imageboard.words import N_
from writer.desk.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Signing:
    """'X ## Mod' of one who is logged in is a name and a capcode; of others a secure tripcode."""

    sessions: Sessions

    def signed(self, req: falcon.Request, draft: Draft) -> Draft:
        """Nobody is looked up for a name that is not signed so.

        Raises RuleBroken: they may not say that.
        """
        signed = capcodes.read(draft.name)
        visitor = self.sessions.poster(req) if signed else None
        if signed is None or visitor is None:
            return draft
        allowed = capcodes.allowed(visitor, draft.board)
        for capcode in allowed:
            if capcode.lower() == signed.capcode.lower():
                return replace(draft, name=signed.name, capcode=capcode)
        raise RuleBroken(
            N_('You may not sign as "{capcode}" there; as {allowed} you may.')
            if allowed
            else N_('You may not sign as "{capcode}" there.'),
            field="name",
            capcode=signed.capcode,
            allowed=", ".join(allowed),
        )
