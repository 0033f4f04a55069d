"""Passkeys of the staff: keys of a device or a browser, of which the public half is kept here."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.errors import BadField
from imageboard.store import queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)

#: Of one account.
PASSKEYS_MAX = 20
NAME_CHARS_MAX = 60


class NewPasskey(NamedTuple):
    """One that a browser has made."""

    id: bytes
    #: Its public half, as fido2.webauthn.AttestedCredentialData reads it.
    credential: bytes
    sign_count: int


class Passkey(NamedTuple):
    """One, as its holder sees it."""

    no: int
    id: bytes
    name: str
    #: Unix seconds.
    created_s: int
    used_s: int


def of(db: Connection, staff: str) -> list[Passkey]:
    """By name."""
    return list(queries.by_name(Passkey, db.execute(_SQL.of, {"staff": staff})))


def find(db: Connection, passkey_id: bytes) -> tuple[str, bytes] | None:
    """Whose it is, and its public half; None: nobody's who may log in."""
    row = db.execute(_SQL.find, {"id": passkey_id}).fetchone()
    return (row[0], row[1]) if row else None


def add(db: Connection, staff: str, name: str, new: NewPasskey) -> None:
    """Raises BadField: there are too many, or it is there already."""
    db.execute(_SQL.lock, {"staff": staff})
    if len(of(db, staff)) >= PASSKEYS_MAX:
        raise BadField(N_("You have too many passkeys: remove one first."), field="name")
    values = {"staff": staff, "name": read_name(name)} | new._asdict()
    if db.execute(_SQL.add, values).rowcount == 0:
        raise BadField(N_("This passkey is there already."), field="passkey")


def use(db: Connection, passkey_id: bytes, sign_count: int) -> bool:
    """It has signed once more. False: it has not counted on, so somebody has copied it."""
    return db.execute(_SQL.use, {"id": passkey_id, "sign_count": sign_count}).rowcount == 1


def rename(db: Connection, staff: str, no: int, name: str) -> None:
    """One of an account's, or nothing. Raises BadField."""
    db.execute(_SQL.rename, {"staff": staff, "no": no, "name": read_name(name)})


def remove(db: Connection, staff: str, no: int) -> bool:
    """One of an account's. False: it has none of that number."""
    return db.execute(_SQL.remove, {"staff": staff, "no": no}).rowcount == 1


def remove_all(db: Connection, staff: str) -> None:
    db.execute(_SQL.remove_all, {"staff": staff})


def read_name(typed: str) -> str:
    """Raises BadField."""
    name = " ".join(typed.split())
    if not (1 <= len(name) <= NAME_CHARS_MAX and name.isprintable()):
        raise BadField(
            N_("A passkey's name has 1 to {chars_max} characters."),
            field="name",
            chars_max=NAME_CHARS_MAX,
        )
    return name
