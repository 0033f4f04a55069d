"""Passwords of staff as other engines hashed them: good for one log-in, which hashes them anew.

| what is stored | whose |
|---|---|
| `$6$rounds=25000$salt$…` | vichan's: crypt(3) by SHA-512 |
| `$vichan0$salt$…` | older ones of it, `version` 0: hex(sha256(salt + hex(sha1(password)))) |
| `$2b$12$…`, also `$2a$`, `$2y$` | jschan's: bcrypt |
| `$lynxchan$16384$salt$…` | LynxChan's: base64(pbkdf2 by SHA-512, 256 bytes); 4096 of older ones |

SECURITY: how long one takes is in the hash. Whoever looks at them ends after a while
(writer.desk.password_checks).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from imageboard import libcrypt

VICHAN_0 = "$vichan0$"
LYNXCHAN = "$lynxchan$"

_KINDS = re.compile(
    r"(?P<setting>\$6\$(?:rounds=[0-9]{1,9}\$)?[^$]{1,16}\$)[./0-9A-Za-z]{86}"
    r"|(?P<bcrypt>\$2[aby]\$[0-9]{2}\$[./0-9A-Za-z]{22})[./0-9A-Za-z]{31}"
    r"|\$vichan0\$(?P<salt>[^\r\n]*)\$[0-9a-f]{64}"
    r"|\$lynxchan\$(?P<rounds>4096|16384)\$(?P<pbkdf2_salt>[A-Za-z0-9+/=]{1,200})"
    r"\$[A-Za-z0-9+/]{342}==",
    re.ASCII,
)
#: What libcrypt takes. Longer ones cost time and are nobody's.
_PASSWORD_BYTES_MAX = 512


def is_old(password_hash: str) -> bool:
    return _KINDS.fullmatch(password_hash) is not None


def matches(password: str, password_hash: str) -> bool:
    """As it was typed there: nothing is made of it before.

    A bcrypt matches nothing where the C library has none.
    """
    typed, kind = password.encode("utf-8", "surrogatepass"), _KINDS.fullmatch(password_hash)
    if kind is None or len(typed) > _PASSWORD_BYTES_MAX or b"\0" in typed:
        return False
    if kind["salt"] is not None:
        found: str | None = _vichan_0(typed, kind["salt"])
    elif kind["rounds"] is not None:
        found = _lynxchan(typed, kind["rounds"], kind["pbkdf2_salt"])
    else:
        found = libcrypt.crypt(typed, kind["setting"] or kind["bcrypt"])
    if found is None:
        return kind["bcrypt"] is None and _matches_in_python(typed, password_hash)
    return hmac.compare_digest(found.encode(), password_hash.encode())


def _vichan_0(typed: bytes, salt: str) -> str:
    inner = hashlib.sha1(typed, usedforsecurity=False).hexdigest()
    return f"{VICHAN_0}{salt}${hashlib.sha256((salt + inner).encode()).hexdigest()}"


def _lynxchan(typed: bytes, rounds: str, salt: str) -> str:
    """src/be/engine/accountOps.js, passwordMatches: the salt is its base 64."""
    made = hashlib.pbkdf2_hmac("sha512", typed, salt.encode(), int(rounds), 256)
    return f"{LYNXCHAN}{rounds}${salt}${base64.b64encode(made).decode()}"


def _matches_in_python(typed: bytes, password_hash: str) -> bool:
    """SHA-512 alone: bcrypt would take a minute."""
    # Imported here: hardly anybody needs it.
    from passlib.hash import sha512_crypt

    return bool(sha512_crypt.verify(typed, password_hash))
