"""Who of the staff may do what, and where: roles, powers, and the boards they are held on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, StrEnum
from functools import reduce
from typing import NamedTuple

from imageboard.errors import BeyondOwnPowers, NotAllowed, SecondFactorNeeded
from imageboard.words import ENGLISH, N_, Language, Message


class Role(StrEnum):
    """One that comes with the board, as the database spells it.

    Each may do what those before it may. An owner is one of a board, as a rule.
    """

    JANITOR = "janitor"
    MODERATOR = "moderator"
    OWNER = "owner"
    ADMIN = "admin"

    def has(self, power: Power) -> bool:
        roles = list(Role)
        return roles.index(self) >= roles.index(power.least_role)

    @property
    def powers(self) -> frozenset[Power]:
        return frozenset(power for power in Power if self.has(power))

    @property
    def words(self) -> Message:
        return _TITLES[self]


class MadeRole(NamedTuple):
    """One that the staff made: a name and its powers."""

    name: str
    powers: frozenset[Power]

    def has(self, power: Power) -> bool:
        return power in self.powers

    @property
    def words(self) -> Message:
        # People's own word, which no catalog has.
        return Message("{name}").filled(name=self.name)

    def __str__(self) -> str:
        return self.name


AnyRole = Role | MadeRole


class Power(Enum):
    """One thing that staff can do, a row each: the least role that may do it, and its words."""

    READ_REPORTS = Role.JANITOR, N_("see reports")
    DISMISS_REPORTS = Role.JANITOR, N_("dismiss reports")
    DELETE = Role.JANITOR, N_("delete posts")
    DELETE_FILE = Role.JANITOR, N_("delete files")
    JUDGE_HELD = Role.JANITOR, N_("release and refuse posts that wait for staff")
    ERASE = Role.MODERATOR, N_("erase posts for good")
    BAN = Role.MODERATOR, N_("ban posters")
    ANSWER_APPEALS = Role.MODERATOR, N_("answer appeals against bans")
    STICKY = Role.MODERATOR, N_("make threads sticky")
    LOCK = Role.MODERATOR, N_("lock threads")
    MOVE = Role.MODERATOR, N_("move threads and put them together")
    BRING_BACK = Role.MODERATOR, N_("bring back threads that fell off")
    SET_STATE = Role.MODERATOR, N_("put boards into a state")
    EDIT = Role.OWNER, N_("edit posts")
    READ_LOG = Role.OWNER, N_("read the log of what everybody did")
    SET_BOARD = Role.OWNER, N_("change the settings of boards")
    MAKE_RULES = Role.OWNER, N_("make rules against spam")
    WRITE_PAGES = Role.OWNER, N_("write pages")
    DECORATE = Role.OWNER, N_("change banners and flags")
    APPOINT = Role.OWNER, N_("appoint staff within their own powers")
    EDIT_NAMES = Role.ADMIN, N_("edit names of posts")
    MAKE_ROLES = Role.ADMIN, N_("make roles")
    MAKE_BOARDS = Role.ADMIN, N_("make boards")
    REMOVE_BOARDS = Role.ADMIN, N_("remove boards")

    def __init__(self, least_role: Role, words: Message) -> None:
        self.least_role = least_role
        self.words = words

    @property
    def spelled(self) -> str:
        """'read_reports': as the database has it, and commands and forms."""
        return self.name.lower()


def powers_said(role: Role) -> str:
    """What a role adds to those before it: 'ban posters, make threads sticky, lock threads'."""
    return ", ".join(str(power.words) for power in Power if power.least_role is role)


def powers_spelled(names: Iterable[str]) -> frozenset[Power]:
    """{'ban'} -> {Power.BAN}; names that no version has, or no longer, are left out."""
    spelled = set(names)
    return frozenset(power for power in Power if power.spelled in spelled)


_TITLES = {
    Role.JANITOR: N_("janitor"),
    Role.MODERATOR: N_("moderator"),
    Role.OWNER: N_("owner"),
    Role.ADMIN: N_("admin"),
}
_NO_TITLE = N_("none")
_TITLE_ON_BOARD = N_("{role} of /{board}/")
_LISTED = N_("{first}, {next}")


class Grant(NamedTuple):
    """A role, on one board or on all."""

    role: AnyRole
    #: None: all boards.
    board: str | None = None

    @property
    def title(self) -> Message:
        """'janitor', 'janitor of /b/'."""
        role = self.role.words
        return _TITLE_ON_BOARD.filled(role=role, board=self.board) if self.board else role


def title_of(grants: tuple[Grant, ...]) -> Message:
    """'janitor of /b/, moderator of /tea/'."""
    titles = [grant.title for grant in grants] or [_NO_TITLE]
    return reduce(lambda first, next_: _LISTED.filled(first=first, next=next_), titles)


class Visitor(NamedTuple):
    """One of the staff who is logged in, for the time of one request."""

    name: str
    grants: tuple[Grant, ...]
    #: Goes into each of their forms: only a page of their own session has it.
    form_token: str
    #: Their session's number among their own.
    session: int = 0
    #: They proved a moment ago who they are: what is dangerous asks for that.
    is_proved: bool = False
    #: Their role asks for a second factor that they do not have: they may nothing until then.
    lacks_factor: bool = False
    #: In which the desk is shown to them.
    language: Language = ENGLISH

    @property
    def title(self) -> Message:
        return title_of(self.grants)

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

    def may_grant(self, grant: Grant) -> bool:
        """Give it to somebody, or take it away.

        SECURITY: whoever appoints needs each power of the role there themselves. Else an owner of
        one board made an admin, and had all of that admin's powers next.
        """
        needed = {Power.APPOINT, *grant.role.powers}
        return all(self.may(power, grant.board) for power in needed)

    def require(self, power: Power, board: str | None) -> None:
        """Raises NotAllowed, SecondFactorNeeded."""
        if not self.may(power, board):
            raise self._refusal()

    def require_somewhere(self, power: Power) -> None:
        """Raises NotAllowed, SecondFactorNeeded."""
        if not self.may_somewhere(power):
            raise self._refusal()

    def _refusal(self) -> NotAllowed | SecondFactorNeeded:
        return SecondFactorNeeded() if self.lacks_factor else NotAllowed(role=self.title)

    def require_over(self, grants: Iterable[Grant]) -> None:
        """For what is done to somebody who holds them, or is to hold them.

        Raises BeyondOwnPowers.
        """
        if not self.is_over(grants):
            raise BeyondOwnPowers

    def is_over(self, grants: Iterable[Grant]) -> bool:
        """Who holds nothing is the matter of whoever appoints on all boards."""
        held = list(grants)
        return all(map(self.may_grant, held)) and (bool(held) or self.may(Power.APPOINT, None))
