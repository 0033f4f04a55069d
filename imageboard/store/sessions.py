"""What a session of PostgreSQL is told when it begins, and whether it is ours.

A pooler may stand between: PgBouncer, or one of those that hosts of databases run. One in
transaction mode hands each transaction to whatever session is free. What the board tells and takes
for a session then goes to strangers: a render lock stays with one that nobody knows, and renderers
wait for it as long as it takes, while posts are stored as if all were well. In session mode a
connection keeps its session, and all is as without a pooler.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import Any

import psycopg

from imageboard.store import queries

_SQL = queries.beside(__file__)

#: So many others are given sessions, to see whether one of them is given ours. The first is, since
#: a pooler gives the one that was last used; where PgBouncer's `server_round_robin` gives the one
#: that was used longest ago, ours is another at once. More are asked, since strangers come between.
_OTHERS = 3
#: Where every session is taken a pooler lets others wait.
_OTHER_WAIT_S = 1.0


def tell(db: psycopg.Connection[Any], values: Mapping[str, str]) -> None:
    """What holds until it ends.

    Not as `options` of its beginning: PgBouncer refuses those, or is told to drop them unread.
    """
    db.execute(_SQL.tell, values)


def are_pooled(db: psycopg.Connection[Any]) -> bool:
    """Whether a pooler answered: it gives its clients numbers of its own, by which they cancel."""
    return _session(db) != db.info.backend_pid


def is_kept(db: psycopg.Connection[Any], url: str) -> bool:
    """Whether the pooler leaves `db` its session between two statements.

    Others of its clients hold a transaction each: whoever is given the session that `db` had a
    moment ago proves that it was free.
    """
    own = _session(db)
    with ExitStack() as others:
        for _ in range(_OTHERS):
            try:
                other = others.enter_context(closing(_Other.connect(url, connect_timeout=2)))
                if _session(other) == own:
                    return False
            except psycopg.OperationalError as ex:
                # In statement mode a transaction is refused, with a code. Who waits in vain has
                # none: every session is taken, and ours was not to be had either.
                return ex.sqlstate is None
            if _session(db) != own:
                return False
    return True


class _Other(psycopg.Connection[Any]):
    """One that does not wait long; its first statement begins a transaction."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(gen, interval, timeout or _OTHER_WAIT_S)


def _session(db: psycopg.Connection[Any]) -> int:
    row = db.execute(_SQL.own).fetchone()
    assert row is not None
    return int(row[0])
