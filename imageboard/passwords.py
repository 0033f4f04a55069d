"""Passwords of staff: slow to try, whether one has the database or the log-in form.

Argon2id with 19 MiB, 2 passes, 1 lane: the recommendation of
https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html (read 2026-11-24).
PERF: 20 to 40 ms a try on one core.
"""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from imageboard import old_hashes
from imageboard.errors import WeakPassword
from imageboard.words import N_

PASSWORD_CHARS_MIN = 12
PASSWORD_CHARS_MAX = 200

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def generate() -> str:
    """A password for someone to note down: 20 characters, 120 random bits."""
    return secrets.token_urlsafe(15)


def check(password: str) -> None:
    """Raises WeakPassword."""
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        raise WeakPassword(
            N_("A password has {chars_min} to {chars_max} characters."),
            chars_min=PASSWORD_CHARS_MIN,
            chars_max=PASSWORD_CHARS_MAX,
        )
    if len(set(password)) < PASSWORD_CHARS_MIN // 2:
        raise WeakPassword(N_("The password repeats too few characters: choose another."))


def hash_password(password: str) -> str:
    """'$argon2id$v=19$m=19456,t=2,p=1$…', different each time."""
    return _HASHER.hash(_normal(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether this is the password; None stands for an account that is not there.

    SECURITY: that takes as long as a wrong password, so that nobody can try out names. One that
    another engine hashed takes no less.
    """
    if password_hash is not None and old_hashes.matches(password, password_hash):
        return True
    if password_hash is None or old_hashes.is_old(password_hash):
        _HASHER.hash(_normal(password))
        return False
    try:
        return _HASHER.verify(password_hash, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether it was made otherwise than a new one would be."""
    return old_hashes.is_old(password_hash) or _HASHER.check_needs_rehash(password_hash)


def _normal(password: str) -> bytes:
    """One spelling for what two keyboards send differently: é as one character or as two."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
