"""Staff accounts, what they may do, and their sessions."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

from imageboard import passwords
from imageboard.errors import BadStaffName, LastAdmin, NoSuchStaff, StaffNameTaken
from imageboard.staff_roles import AnyRole, Grant, Role
from imageboard.store import boards, queries, roles
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: A session ends this long after the log-in, used or not.
SESSION_KEPT_S = 12 * 3600
#: For so long whoever proved who they are may do what is dangerous.
PROOF_KEPT_S = 10 * 60
#: Of one account, that its page shows.
SESSIONS_SHOWN_MAX = 100

#: Of an account that is made here.
_NEW_NAME = re.compile(r"[a-z0-9_-]{1,32}")
#: Of any: one that came along with a board is called as it was there, in small letters.
_NAME = re.compile(r"(?!\s)[^\x00-\x1f\x7f-\x9f]{1,40}(?<!\s)")


class Account(NamedTuple):
    """One of the staff."""

    name: str
    #: That on all boards first, then by board.
    grants: tuple[Grant, ...]
    is_enabled: bool
    #: Unix seconds.
    created_s: int

    @property
    def role(self) -> AnyRole | None:
        """On all boards."""
        return next((grant.role for grant in self.grants if grant.board is None), None)


class Session(NamedTuple):
    """Who is logged in."""

    staff: str
    grants: tuple[Grant, ...]
    no: int
    #: A moment ago: a password, or a passkey.
    is_proved: bool
    #: A log-in asks for more than a password.
    has_second_factor: bool


class ListedSession(NamedTuple):
    """One as its holder sees it among others."""

    no: int
    #: 'Firefox on Linux'
    device: str
    #: Unix seconds.
    created_s: int
    seen_s: int


# --- accounts ---


def check_new(db: Connection, name: str, board: str | None) -> None:
    """Whether an account may be called so. Raises BadStaffName, StaffNameTaken, NoSuchBoard."""
    check_name(name)
    if db.execute(_SQL.one, {"name": name}).fetchone() is not None:
        raise StaffNameTaken(name=name)
    if board is not None:
        boards.get(db, board)


def add(
    db: Connection,
    name: str,
    password: str,
    role: AnyRole = Role.ADMIN,
    board: str | None = None,
) -> None:
    """A new account, with a role on `board` or on all.

    Raises BadStaffName, StaffNameTaken, WeakPassword, NoSuchBoard.
    """
    check_name(name)
    passwords.check(password)
    add_hashed(db, name, passwords.hash_password(password), role, board)


def add_hashed(
    db: Connection, name: str, password_hash: str, role: AnyRole | None, board: str | None
) -> None:
    """Raises StaffNameTaken, NoSuchBoard. `role` None: it may do nothing yet."""
    values = {"name": name, "password_hash": password_hash}
    if db.execute(_SQL.add, values).rowcount == 0:
        raise StaffNameTaken(name=name)
    appoint(db, name, role, board)


def list_all(db: Connection) -> list[Account]:
    """By name."""
    return [_account(db, *row) for row in db.execute(_SQL.all)]


def get(db: Connection, name: str) -> Account:
    """Raises NoSuchStaff."""
    row = db.execute(_SQL.one, {"name": name}).fetchone() if is_name(name) else None
    if row is None:
        raise NoSuchStaff(name=name)
    return _account(db, *row)


def appoint(db: Connection, name: str, role: AnyRole | None, board: str | None = None) -> None:
    """Give a role on `board`, or on all; None takes it away. Counts from the next request on.

    Raises NoSuchStaff, NoSuchBoard, LastAdmin.
    """
    db.execute(_SQL.lock)
    before = get(db, name)
    if board is None:
        if before.is_enabled and before.role is Role.ADMIN and role is not Role.ADMIN:
            _leave_an_admin(db, name)
        _change(db, _SQL.set_role, name, role=role and str(role))
        return
    boards.get(db, board)
    values = {"name": name, "board": board}
    if role is None:
        db.execute(_SQL.take_board_role, values)
    else:
        db.execute(_SQL.set_board_role, values | {"role": str(role)})


def set_password(db: Connection, name: str, password: str) -> None:
    """Another password; who was logged in with the old one is so no longer.

    Raises NoSuchStaff, WeakPassword.
    """
    passwords.check(password)
    change_hash(db, name, passwords.hash_password(password))


def change_hash(db: Connection, name: str, password_hash: str, keep: int | None = None) -> None:
    """The hash of another password; of the sessions at most `keep` goes on. Raises NoSuchStaff."""
    _change(db, _SQL.set_password, name, password_hash=password_hash)
    end_sessions(db, name, keep)


def set_enabled(db: Connection, name: str, is_enabled: bool) -> None:
    """Let an account log in or not; a disabled one is logged out. Raises NoSuchStaff, LastAdmin."""
    db.execute(_SQL.lock)
    if not is_enabled:
        _leave_an_admin(db, name)
    _change(db, _SQL.set_enabled, name, is_enabled=is_enabled)
    if not is_enabled:
        end_sessions(db, name)


def check_name(name: str) -> None:
    """Of a new account. Raises BadStaffName."""
    if not _NEW_NAME.fullmatch(name):
        raise BadStaffName(name=name)


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


# --- logging in ---


def password_hash(db: Connection, name: str) -> str | None:
    """Of an account that may log in; None when there is none of that name."""
    row = db.execute(_SQL.password_hash, {"name": name}).fetchone() if is_name(name) else None
    return str(row[0]) if row else None


def has_second_factor(db: Connection, name: str) -> bool:
    """Whether a log-in asks for more than a password."""
    row = db.execute(_SQL.has_second_factor, {"name": name}).fetchone()
    assert row is not None
    return bool(row[0])


def renew_hash(db: Connection, name: str, password_hash: str) -> None:
    """Keep another hash of the same password, made with today's parameters; sessions go on."""
    _change(db, _SQL.set_password, name, password_hash=password_hash)


def open_session(
    db: Connection, name: str, token: str, *, password_hash: str, device: str = ""
) -> bool:
    """From now on `token` stands for `name`; only its hash is kept.

    False when `password_hash`, by which the password was checked, is no longer the account's.
    """
    values = {
        "name": name,
        "password_hash": password_hash,
        "token_hash": token_hash(token),
        "kept_s": SESSION_KEPT_S,
        "device": device,
    }
    return db.execute(_SQL.open_session, values).rowcount == 1


def session(db: Connection, token: str) -> Session | None:
    """Who `token` stands for; None when its session is over or its account disabled."""
    values = {"token_hash": token_hash(token), "proved_s": PROOF_KEPT_S}
    row = db.execute(_SQL.session, values).fetchone()
    if row is None:
        return None
    name, role, *others = row
    return Session(name, _grants(db, name, role), *others)


def sessions(db: Connection, name: str) -> list[ListedSession]:
    """Those of an account, the one that was seen last first."""
    values = {"name": name, "limit": SESSIONS_SHOWN_MAX}
    return list(queries.by_name(ListedSession, db.execute(_SQL.sessions, values)))


def prove(db: Connection, token: str) -> None:
    """Whoever holds the session has just proved who they are."""
    db.execute(_SQL.prove, {"token_hash": token_hash(token)})


def end_session_of(db: Connection, name: str, no: int) -> None:
    """One of an account's, or nothing."""
    db.execute(_SQL.end_session_of, {"name": name, "no": no})


def end_sessions(db: Connection, name: str, keep: int | None = None) -> None:
    """All of an account's, but for `keep`."""
    db.execute(_SQL.end_sessions, {"name": name, "keep": keep})


def end_session(db: Connection, token: str) -> None:
    db.execute(_SQL.end_session, {"token_hash": token_hash(token)})


def forget_expired(db: Connection) -> None:
    """Drop sessions that are over."""
    db.execute(_SQL.forget_sessions)


def _account(
    db: Connection, name: str, role: str | None, is_enabled: bool, created_s: int
) -> Account:
    return Account(name, _grants(db, name, role), is_enabled, created_s)


def _grants(db: Connection, name: str, role: str | None) -> tuple[Grant, ...]:
    """SECURITY: a role that is no longer there has no power."""
    held = [(role, None), *db.execute(_SQL.board_roles, {"name": name})]
    return tuple(
        Grant(found, board)
        for spelled, board in held
        if spelled is not None and (found := roles.find(db, spelled)) is not None
    )


def _leave_an_admin(db: Connection, name: str) -> None:
    """Raises LastAdmin."""
    admins = [one for (one,) in db.execute(_SQL.admins)]
    if admins == [name]:
        raise LastAdmin(name=name)


def _change(db: Connection, query: str, name: str, **values: object) -> None:
    if not is_name(name) or db.execute(query, {"name": name} | values).rowcount == 0:
        raise NoSuchStaff(name=name)


def token_hash(token: str) -> bytes:
    """As the tables keep what a browser or a link holds: nobody gets in with this."""
    return sha256(token.encode()).digest()
