"""What staff may sign a post with: 'X ## Mod', as vichan has it."""

from __future__ import annotations

import re
from typing import NamedTuple

from imageboard.staff_roles import Role, Visitor

_SIGNED = re.compile(r"(?:(.*) )?## (.+)")
#: Each with the role whose powers one needs there to say it.
LEAST_ROLES = {"Janitor": Role.JANITOR, "Mod": Role.MODERATOR, "Admin": Role.ADMIN}


class Signed(NamedTuple):
    """'X ## Mod' -> ('X', 'Mod'); '## Mod' -> ('', 'Mod')."""

    name: str
    capcode: str


def read(name: str) -> Signed | None:
    """None: it is not signed so."""
    found = _SIGNED.fullmatch(name)
    return found and Signed((found[1] or "").rstrip(), found[2].strip())


def allowed(visitor: Visitor, board: str) -> list[str]:
    """The capcodes that this visitor may say there, the least first."""
    return [
        capcode
        for capcode, least in LEAST_ROLES.items()
        if all(visitor.may(power, board) for power in least.powers)
    ]
