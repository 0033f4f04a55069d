"""Passwords of posts that came from another engine, which hashed them in its own way.

Only what that engine kept came along. It went through Cloak.hash_password like any password of
ours, so that the database betrays none of them; the post notes the scheme (posts.password_scheme).
What a poster types is turned into what that engine kept of it, and then looked at as ever.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from imageboard import plain_text
from imageboard.cloaks import Cloak

Secrets = Mapping[str, str]

#: LynxChan keeps so many characters of what was typed.
_LYNXCHAN_CHARS = 8


def _of_vichan(typed: str, secrets: Secrets) -> str:
    """inc/functions.php, hashPassword, since 5.1.3: 'f35cd8b5…', 64 digits."""
    salted = typed + secrets["secure_password_salt"]
    return hashlib.sha3_256(salted.encode()).hexdigest()


def _of_jschan(typed: str, secrets: Secrets) -> str:
    """In base 64: 'q1Zz…=', 44 characters."""
    salted = secrets["postPasswordSecret"] + typed
    return base64.b64encode(hashlib.sha256(salted.encode()).digest()).decode()


#: By the name that a post notes. They look at what was typed as it was sent, as those engines do.
SCHEMES: Mapping[str, Callable[[str, Secrets], str]] = {
    "vichan": _of_vichan,
    "jschan": _of_jschan,
    "lynxchan": lambda typed, _secrets: typed[:_LYNXCHAN_CHARS],
    "plain": lambda typed, _secrets: typed,
}


def matches(
    cloak: Cloak, typed: str, password_hash: bytes | None, scheme: str | None, secrets: Secrets
) -> bool:
    """Whether it is the password of a post; `scheme` None: one that was posted here.

    Raises BadField: no password of ours can be that.
    """
    if not typed or password_hash is None:
        return False
    if scheme is None:
        return cloak.password_matches(plain_text.clean_line(typed, "password"), password_hash)
    try:
        kept_there = SCHEMES[scheme](typed, secrets)
    except (KeyError, UnicodeEncodeError):
        # A later version's scheme, a secret that did not come along, half of a character.
        return False
    return cloak.password_matches(kept_there, password_hash)


def matches_any(
    cloak: Cloak,
    typed: str,
    password_hash: bytes | None,
    scheme: str | None,
    all_secrets: Iterable[Secrets],
) -> bool:
    """The same, whichever board the post came on: its thread may have moved to another since."""
    if scheme is None:
        return matches(cloak, typed, password_hash, None, {})
    return any(
        matches(cloak, typed, password_hash, scheme, secrets)
        # Some engines have none.
        for secrets in chain([{}], all_secrets)
    )
