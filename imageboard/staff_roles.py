"""Who of the staff may do what, and where: roles, powers, and the boards they are held on."""

from __future__ import annotations

from enum import Enum, StrEnum
from functools import reduce
from typing import NamedTuple

from imageboard.errors import NotAllowed
from imageboard.words import N_, Message


class Role(StrEnum):
    """As the database spells it; each may do what those before it may."""

    JANITOR = "janitor"
    MODERATOR = "moderator"
    ADMIN = "admin"

    def has(self, power: Power) -> bool:
        roles = list(Role)
        return roles.index(self) >= roles.index(power.least_role)


class Power(Enum):
    """One thing that staff can do, a row each: the least role that may do it, and its words."""

    READ_REPORTS = Role.JANITOR, "see reports"
    DISMISS_REPORTS = Role.JANITOR, "dismiss reports"
    DELETE = Role.JANITOR, "delete posts"
    DELETE_FILE = Role.JANITOR, "delete files"
    BAN = Role.MODERATOR, "ban posters"
    STICKY = Role.MODERATOR, "make threads sticky"
    LOCK = Role.MODERATOR, "lock threads"
    BRING_BACK = Role.MODERATOR, "bring back threads that fell off"
    READ_LOG = Role.ADMIN, "read the log of what everybody did"

    def __init__(self, least_role: Role, words: str) -> None:
        self.least_role = least_role
        self.words = words


def powers_said(role: Role) -> str:
    """What a role adds to those before it: 'ban posters, make threads sticky, lock threads'."""
    return ", ".join(power.words for power in Power if power.least_role is role)


_TITLES = {
    Role.JANITOR: N_("janitor"),
    Role.MODERATOR: N_("moderator"),
    Role.ADMIN: N_("admin"),
}
_NO_TITLE = N_("none")
_TITLE_ON_BOARD = N_("{role} of /{board}/")
_LISTED = N_("{first}, {next}")


class Grant(NamedTuple):
    """A role, on one board or on all."""

    role: Role
    #: None: all boards.
    board: str | None = None

    @property
    def title(self) -> Message:
        """'janitor', 'janitor of /b/'."""
        role = _TITLES[self.role]
        return _TITLE_ON_BOARD.filled(role=role, board=self.board) if self.board else role


class Visitor(NamedTuple):
    """One of the staff who is logged in, for the time of one request."""

    name: str
    grants: tuple[Grant, ...]
    #: Goes into each of their forms: only a page of their own session has it.
    form_token: str

    @property
    def title(self) -> Message:
        """'janitor of /b/, moderator of /tea/'."""
        titles = [grant.title for grant in self.grants] or [_NO_TITLE]
        return reduce(lambda first, next_: _LISTED.filled(first=first, next=next_), titles)

    def may(self, power: Power, board: str | None) -> bool:
        """On `board`; None: on all of them, those included that do not exist yet."""
        return any(grant.board in (None, board) and grant.role.has(power) for grant in self.grants)

    def boards(self, power: Power) -> list[str] | None:
        """Where: these boards; None: all of them."""
        if self.may(power, None):
            return None
        return sorted(
            {grant.board for grant in self.grants if grant.board and grant.role.has(power)}
        )

    def may_somewhere(self, power: Power) -> bool:
        """On one board at least: what is shown of the others is for the page to leave out."""
        return self.boards(power) != []

    def require(self, power: Power, board: str | None) -> None:
        """Raises NotAllowed."""
        if not self.may(power, board):
            raise NotAllowed(role=self.title)

    def require_somewhere(self, power: Power) -> None:
        """Raises NotAllowed."""
        if not self.may_somewhere(power):
            raise NotAllowed(role=self.title)
