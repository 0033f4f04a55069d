"""Entries of the logs of other engines, as text in which no address stands."""

from __future__ import annotations

import re

from imageboard.store.old_log import STAFF_CHARS_MAX, TOLD_CHARS_MAX
from importing.records import OldLogEntry

#: In place of an address, or of what an engine shows for one.
HIDDEN = "…"
#: 192.0.2.7, 192.0.2.0/24, 192.0.2.*; 2001:db8::1/64; hashes and cloaks of addresses. Rather a time
#: of day too many than an address.
_ADDRESSES = re.compile(
    r"""(?ix)
    (?<![\w.]) [0-9]{1,3} (?: \.[0-9]{1,3} ){1,2} \.\*
    | (?<![\w.]) [0-9]{1,3} (?: \.[0-9]{1,3} ){3} (?![\w]) (?: /[0-9]{1,2} )?
    | (?<![\w:]) (?= [0-9a-f]* : [0-9a-f]* : ) [0-9a-f:]{2,45}
        (?: (?: \.[0-9]{1,3} ){3} )? (?: /[0-9]{1,3} )?
    | \b [0-9a-f]{16,} \b
    | (?<!\S) [A-Za-z0-9+/_-]{4,} (?: \.[A-Za-z0-9+/_-]{4,} )* \.(?: IP4 | IP6 | BP ) \b
    """
)


def entry(
    *, board: str | None, created_s: int, made_by: str | None, told: str, was_told: str
) -> OldLogEntry:
    """SECURITY: no log here holds an address; this one is public, too.

    Raises ValueError: it says nothing, or not when.
    """
    line = " ".join(_ADDRESSES.sub(HIDDEN, told).split())
    if not line or created_s <= 0:
        raise ValueError("it says nothing, or not when")
    return OldLogEntry(
        board=board or None,
        created_s=created_s,
        made_by=made_by if made_by is None else made_by[:STAFF_CHARS_MAX],
        told=line[:TOLD_CHARS_MAX],
        was_told=was_told,
    )
