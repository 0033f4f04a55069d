"""What a log-in asks for besides the password: codes of an app, and those that stand in for it."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from imageboard import totp
from imageboard.cloaks import Cloak
from imageboard.store import passkeys, queries, staff
from imageboard.store.database import Connection
from imageboard.store.passkeys import Passkey

_SQL = queries.beside(__file__)

RECOVERY_CODES = 10

#: Without those that look alike: 32 of them, five bits each.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_CHARS = 4, 4


class Factors(NamedTuple):
    """What an account has."""

    #: An app has shown that it knows the secret.
    has_app: bool
    #: A secret that waits for an app; None: none does, or it was sealed with another key.
    waiting: bytes | None
    passkeys: list[Passkey]
    recovery_codes: int

    @property
    def has_any(self) -> bool:
        return self.has_app or bool(self.passkeys)


def of(db: Connection, name: str, cloak: Cloak) -> Factors:
    row = db.execute(_SQL.secret, {"staff": name}).fetchone()
    sealed, has_app = row or (None, False)
    waiting = cloak.open_secret(sealed, name) if sealed is not None and not has_app else None
    codes = db.execute(_SQL.recovery_codes, {"staff": name}).fetchone()
    assert codes is not None
    return Factors(has_app, waiting, passkeys.of(db, name), codes[0])


def begin(db: Connection, name: str, cloak: Cloak) -> bool:
    """A new secret for an app; it counts from its first code on. False: one counts already."""
    values = {"staff": name, "secret_sealed": cloak.seal_secret(totp.new_secret(), name)}
    return db.execute(_SQL.begin, values).rowcount == 1


def use_code(
    db: Connection, name: str, typed: str, cloak: Cloak, now_s: float, *, is_first: bool = False
) -> bool:
    """Whether it is a code of the account's app that was not used yet, nor one after it.

    `is_first`: that of the app which is being set up, and counts from now on.

    SECURITY: who looked over a shoulder has a code of this half minute; it is good once.
    """
    sealed, has_app = db.execute(_SQL.secret, {"staff": name}).fetchone() or (None, False)
    if sealed is None or has_app == is_first:
        return False
    secret = cloak.open_secret(sealed, name)
    step = totp.step_of(secret, typed, now_s) if secret else None
    if step is None:
        return False
    return db.execute(_SQL.use_step, {"staff": name, "step": step}).rowcount == 1


def remove(db: Connection, name: str) -> bool:
    """No app is asked for any more. False: none was."""
    return db.execute(_SQL.remove, {"staff": name}).rowcount == 1


def new_recovery_codes() -> tuple[str, ...]:
    """'abcd-efgh-jkmn-pqrs': 80 bits, so that a plain hash of one can't be turned back."""
    return tuple(
        "-".join(
            "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    )


def keep_recovery_codes(db: Connection, name: str, codes: tuple[str, ...]) -> None:
    """In place of those that there were."""
    db.execute(_SQL.forget_recovery_codes, {"staff": name})
    for code in codes:
        db.execute(_SQL.add_recovery_code, {"staff": name, "code_hash": _hash(code)})


def use_recovery_code(db: Connection, name: str, typed: str) -> bool:
    """Whether it is one of the account's; it is good no longer."""
    used = db.execute(_SQL.use_recovery_code, {"staff": name, "code_hash": _hash(typed)})
    return used.rowcount == 1


def reset(db: Connection, name: str) -> None:
    """The account is as if it had never had any, and logged out. Raises NoSuchStaff."""
    staff.get(db, name)
    remove(db, name)
    passkeys.remove_all(db, name)
    db.execute(_SQL.forget_recovery_codes, {"staff": name})
    staff.end_sessions(db, name)


def _hash(code: str) -> bytes:
    """Of a code as somebody types it: with blanks for its dashes, in capitals."""
    letters = "".join(char for char in code.lower() if char.isalnum())
    return staff.token_hash(letters.encode("utf-8", "replace").decode())
