"""Staff accounts and their sessions."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

from imageboard import passwords
from imageboard.errors import BadStaffName, NoSuchStaff, StaffNameTaken
from imageboard.staff_roles import Grant, Role
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: A session ends this long after the log-in, used or not.
SESSION_KEPT_S = 12 * 3600

_NAME = re.compile(r"[a-z0-9_-]{1,32}")


class Account(NamedTuple):
    """One of the staff."""

    name: str
    role: Role
    is_enabled: bool
    #: Unix seconds.
    created_s: int


class Session(NamedTuple):
    """Who is logged in."""

    staff: str
    grants: tuple[Grant, ...]


# --- accounts ---


def add(db: Connection, name: str, password: str, role: Role = Role.ADMIN) -> None:
    """A new account. Raises BadStaffName, StaffNameTaken, WeakPassword."""
    if not is_name(name):
        raise BadStaffName(name=name)
    passwords.check(password)
    values = {"name": name, "password_hash": passwords.hash_password(password), "role": role.value}
    if db.execute(_SQL.add, values).rowcount == 0:
        raise StaffNameTaken(name=name)


def list_all(db: Connection) -> list[Account]:
    return [
        Account(name, Role(role), is_enabled, created_s)
        for name, role, is_enabled, created_s in db.execute(_SQL.all)
    ]


def set_password(db: Connection, name: str, password: str) -> None:
    """Another password; who was logged in with the old one is so no longer.

    Raises NoSuchStaff, WeakPassword.
    """
    passwords.check(password)
    _change(db, _SQL.set_password, name, password_hash=passwords.hash_password(password))
    db.execute(_SQL.end_sessions, {"name": name})


def set_enabled(db: Connection, name: str, is_enabled: bool) -> None:
    """Let an account log in or not; a disabled one is logged out. Raises NoSuchStaff."""
    _change(db, _SQL.set_enabled, name, is_enabled=is_enabled)
    if not is_enabled:
        db.execute(_SQL.end_sessions, {"name": name})


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


# --- logging in ---


def password_hash(db: Connection, name: str) -> str | None:
    """Of an account that may log in; None when there is none of that name."""
    row = db.execute(_SQL.password_hash, {"name": name}).fetchone() if is_name(name) else None
    return str(row[0]) if row else None


def renew_hash(db: Connection, name: str, password_hash: str) -> None:
    """Keep another hash of the same password, made with today's parameters; sessions go on."""
    _change(db, _SQL.set_password, name, password_hash=password_hash)


def open_session(db: Connection, name: str, token: str, *, password_hash: str) -> bool:
    """From now on `token` stands for `name`; only its hash is kept.

    False when `password_hash`, by which the password was checked, is no longer the account's.
    """
    values = {
        "name": name,
        "password_hash": password_hash,
        "token_hash": _token_hash(token),
        "kept_s": SESSION_KEPT_S,
    }
    return db.execute(_SQL.open_session, values).rowcount == 1


def session(db: Connection, token: str) -> Session | None:
    """Who `token` stands for; None when its session is over or its account disabled."""
    row = db.execute(_SQL.session, {"token_hash": _token_hash(token)}).fetchone()
    return Session(row[0], (Grant(Role(row[1])),)) if row else None


def end_session(db: Connection, token: str) -> None:
    db.execute(_SQL.end_session, {"token_hash": _token_hash(token)})


def forget_expired(db: Connection) -> None:
    """Drop sessions that are over, and attempts that the version before has counted."""
    db.execute(_SQL.forget_sessions)
    db.execute(_SQL.forget_attempts)


def _change(db: Connection, query: str, name: str, **values: object) -> None:
    if not is_name(name) or db.execute(query, {"name": name} | values).rowcount == 0:
        raise NoSuchStaff(name=name)


def _token_hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
