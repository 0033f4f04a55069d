"""Boards that came from another engine: what of it goes on working here.

The secrets with which the old engine hashed come along, each by the name that it had there. They
are kept sealed (imageboard.store.old_boards): with them a poster's ID gives the address away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from imageboard import tripcodes
from imageboard.cloaks import Address


@dataclass(frozen=True, slots=True)
class OldBoard:
    """What is kept of where a board came from."""

    #: 'vichan'
    engine: str
    #: {'secure_trip_salt': …}, as its settings call them.
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Of the IDs that go on in its threads; None: none do.
    poster_id_chars: int | None = None

    def trip_salt(self) -> tripcodes.Salt | None:
        """By which `name##password` signs here as it did there; None: by the site's own."""
        scheme = tripcodes.SECURE.get(self.engine)
        secret = self.secrets.get(scheme.secret_name) if scheme else None
        return tripcodes.Salt(secret, self.engine) if secret else None

    def poster_id(self, address: Address, thread: int | None) -> str | None:
        """The ID that a poster has in a thread which came along; None: it is for us to make one.

        vichan's (inc/functions.php, poster_id): of the address as text and the thread's number.
        """
        salt = self.secrets.get("secure_trip_salt")
        if thread is None or salt is None or self.poster_id_chars is None:
            return None
        return _sha1(_sha1(f"{address}{salt}{thread}") + salt)[: self.poster_id_chars]


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
