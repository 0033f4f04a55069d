"""What each kind of staff may do: janitor, moderator, admin."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from imageboard.errors import NotAllowed


class Role(StrEnum):
    """As the database spells it; each may do what those before it may."""

    JANITOR = "janitor"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Power(StrEnum):
    """One thing that staff can do."""

    READ_REPORTS = "read_reports"
    DISMISS_REPORTS = "dismiss_reports"
    DELETE = "delete"
    DELETE_FILE = "delete_file"
    BAN = "ban"
    STICKY = "sticky"
    LOCK = "lock"
    READ_LOG = "read_log"


_JANITOR = frozenset({Power.READ_REPORTS, Power.DISMISS_REPORTS, Power.DELETE, Power.DELETE_FILE})
_MODERATOR = _JANITOR | {Power.BAN, Power.STICKY, Power.LOCK}

POWERS: dict[Role, frozenset[Power]] = {
    Role.JANITOR: _JANITOR,
    Role.MODERATOR: _MODERATOR,
    Role.ADMIN: frozenset(Power),
}


class Visitor(NamedTuple):
    """One of the staff who is logged in, for the time of one request."""

    name: str
    role: Role
    #: Goes into each of their forms: only a page of their own session has it.
    form_token: str

    def may(self, power: Power) -> bool:
        return power in POWERS[self.role]

    def require(self, power: Power) -> None:
        """Raises NotAllowed."""
        if not self.may(power):
            raise NotAllowed(role=self.role.value)
