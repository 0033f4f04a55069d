"""Invitations: links by which somebody makes an account of their own, each once.

No password passes by mail or chat: whoever follows the link chooses one.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from imageboard.errors import BadField, InvitationOver, StaffNameTaken
from imageboard.staff_roles import Grant, Visitor
from imageboard.store import boards, queries, roles, staff
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)

KEPT_S = 3 * 24 * 3600
OPEN_MAX = 100

_CODE_BYTES = 32


class Invitation(NamedTuple):
    """One that can still be used."""

    no: int
    #: Of the account that will be.
    name: str
    grant: Grant
    #: None: the command made it.
    invited_by: str | None
    #: Unix seconds.
    expires_s: int


def new_code() -> str:
    return secrets.token_urlsafe(_CODE_BYTES)


def add(
    db: Connection,
    name: str,
    grant: Grant,
    *,
    invited_by: str | None = None,
    code: str | None = None,
) -> str:
    """The link's code, of which only a hash is kept.

    Raises BadStaffName, StaffNameTaken, NoSuchBoard, BadField: there are too many.
    """
    staff.check_name(name)
    if any(account.name == name for account in staff.list_all(db)):
        raise StaffNameTaken(name=name)
    if grant.board is not None:
        boards.get(db, grant.board)
    if len(open_ones(db)) >= OPEN_MAX:
        raise BadField(N_("Too many invitations are open: take some back."), field="account")
    code = code or new_code()
    values = {
        "token_hash": staff.token_hash(code),
        "name": name,
        "role": str(grant.role),
        "board": grant.board,
        "invited_by": invited_by,
        "kept_s": KEPT_S,
    }
    db.execute(_SQL.add, values)
    return code


def open_ones(db: Connection) -> list[Invitation]:
    """The newest first."""
    found = (_invitation(db, *row) for row in db.execute(_SQL.open).fetchall())
    return [invitation for invitation in found if invitation is not None]


def get(db: Connection, code: str) -> Invitation:
    """Raises InvitationOver.

    SECURITY: whoever invited must have the powers still: by a link that lies somewhere somebody
    who was suspended would come in again.
    """
    row = db.execute(_SQL.find, {"token_hash": staff.token_hash(code)}).fetchone()
    invitation = row and _invitation(db, *row)
    if not invitation:
        raise InvitationOver
    if invitation.invited_by is not None:
        inviter = staff.get(db, invitation.invited_by)
        visitor = Visitor(inviter.name, inviter.grants, form_token="")
        if not (inviter.is_enabled and visitor.may_grant(invitation.grant)):
            raise InvitationOver
    return invitation


def accept(db: Connection, code: str, password_hash: str) -> Invitation:
    """The account is there, and the link is used up. Raises InvitationOver, StaffNameTaken."""
    invitation = get(db, code)
    if not take_back(db, invitation.no):
        raise InvitationOver
    name, grant = invitation.name, invitation.grant
    staff.add_hashed(db, name, password_hash, grant.role, grant.board)
    return invitation


def take_back(db: Connection, no: int) -> bool:
    """False: it was used or taken back before."""
    return db.execute(_SQL.take, {"no": no}).rowcount == 1


def forget_expired(db: Connection) -> None:
    db.execute(_SQL.forget_expired)


def _invitation(
    db: Connection,
    no: int,
    name: str,
    role: str,
    board: str | None,
    invited_by: str | None,
    expires_s: int,
) -> Invitation | None:
    """None: its role is no longer there."""
    found = roles.find(db, role)
    if found is None:
        return None
    return Invitation(no, name, Grant(found, board), invited_by, expires_s)
