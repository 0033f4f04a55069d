"""Roles: those that come with the board, and those that staff made."""

from __future__ import annotations

import re

from imageboard.errors import BadRole, NoSuchRole, RoleHeld
from imageboard.staff_roles import AnyRole, MadeRole, Role, powers_spelled
from imageboard.store import queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)

#: Of those that staff made.
ROLES_MAX = 50

_NAME = re.compile(r"[a-z0-9_-]{1,32}")


def made(db: Connection) -> list[MadeRole]:
    """By name."""
    return [MadeRole(name, powers_spelled(powers)) for name, powers in db.execute(_SQL.made)]


def find(db: Connection, name: str) -> AnyRole | None:
    """None: there is none of that name."""
    if name in list(Role):
        return Role(name)
    return next((role for role in made(db) if role.name == name), None)


def named(db: Connection, name: str) -> AnyRole:
    """Raises NoSuchRole."""
    role = find(db, name)
    if role is None:
        raise NoSuchRole(name=name)
    return role


def make(db: Connection, role: MadeRole) -> None:
    """A new role, or other powers for one; whoever holds it has them from the next request on.

    Raises BadRole.
    """
    if not _NAME.fullmatch(role.name):
        raise BadRole(N_("A role's name has 1 to 32 of a to z, 0 to 9, _ and -."), field="role")
    if role.name in list(Role):
        raise BadRole(N_("The roles that come with the board stay what they are."), field="role")
    there = [one.name for one in made(db)]
    if role.name not in there and len(there) >= ROLES_MAX:
        raise BadRole(N_("There are {count} roles already."), field="role", count=ROLES_MAX)
    powers = sorted(power.spelled for power in role.powers)
    db.execute(_SQL.make, {"name": role.name, "powers": powers})


def remove(db: Connection, name: str) -> None:
    """One that nobody holds. Raises NoSuchRole, RoleHeld."""
    if db.execute(_SQL.holders, {"name": name}).fetchone() is not None:
        raise RoleHeld(name=name)
    if db.execute(_SQL.remove, {"name": name}).rowcount == 0:
        raise NoSuchRole(name=name)
