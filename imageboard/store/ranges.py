"""Who else posts from a range of addresses: told by what is sealed, for as long as that is kept.

SECURITY: addresses are opened here and compared, and none leaves: what is given back are hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from imageboard.cloaks import Address
from imageboard.settings import Network
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: So many of the newest posts are gone through. PERF: each of their posters is opened once, 2 µs.
POSTS_MAX = 20_000

#: Cloak.open_address.
Opens = Callable[[bytes], Address | None]


class Neighbour(NamedTuple):
    """Somebody of a range, by one of their posts."""

    board: str
    no: int
    #: How many of their posts the visitor can see, and how many bans there were.
    posts: int
    bans: int


def posters_in(db: Connection, network: Network, opens: Opens) -> list[bytes]:
    """Hashes of the addresses from which the newest posts came, those within `network`."""
    found = []
    for address_hash, sealed in db.execute(_SQL.posters, {"posts_max": POSTS_MAX}):
        address = opens(sealed)
        if address is not None and address in network:
            found.append(address_hash)
    return found


def counted(
    db: Connection, posters: Sequence[bytes], *, on: list[str] | None, limit: int
) -> list[Neighbour]:
    """Those with posts on these boards (None: on all), who wrote most first."""
    asked = {"posters": list(posters), "on": on, "limit": limit}
    return list(queries.by_name(Neighbour, db.execute(_SQL.counted, asked)))
