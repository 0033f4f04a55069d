"""By what a ban, a report … is known when it comes again with a later dump of its site.

Not by its number alone, which one of another site has too: by what never becomes another one while
it stands there, such as its moment. So a dump needs no name, and whoever brings the boards of a
site one by one brings what is of all of them once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from importing.records import (
    OldAccount,
    OldAppeal,
    OldBan,
    OldBanner,
    OldFileBan,
    OldFlag,
    OldNews,
    OldNote,
    OldPage,
    OldReport,
    OldRule,
)

#: What comes once.
Once = (
    OldBan
    | OldFileBan
    | OldReport
    | OldAccount
    | OldNews
    | OldPage
    | OldNote
    | OldAppeal
    | OldFlag
    | OldBanner
)
#: Each of which is noted when it comes; a rule with each of its boards.
Noted = Once | OldRule


#: What lasts of each kind.
_LASTING: Mapping[type[Noted], tuple[str, ...]] = {
    OldBan: ("created_s", "first", "last"),
    OldFileBan: ("sha256",),
    OldReport: ("board", "no", "created_s"),
    # SECURITY: the same name and the same salted hash are the same person's.
    OldAccount: ("name", "password_hash"),
    OldNews: ("created_s",),
    # Of one that says something else by now is told that one of its name is here.
    OldPage: ("board", "name", "title", "body"),
    OldNote: ("address", "created_s"),
    OldAppeal: ("ban", "created_s", "body"),
    OldRule: ("typed",),
    OldFlag: ("board",),
    OldBanner: ("board",),
}


def digest(other: Noted) -> bytes:
    """Boards are called as they are here: of one site each."""
    told = [_in_order(getattr(other, name)) for name in _LASTING[type(other)]]
    return hashlib.blake2b(repr(told).encode("utf-8", "replace"), digest_size=16).digest()


def _in_order(value: object) -> object:
    return sorted(value.items()) if isinstance(value, dict) else value
