"""A primary and its replicas: who is what, who confirms a commit, and the change of roles.

Everything else in the store goes to the server that takes writes (Database); this module looks at
each server by itself. Its queries need the rights of deploy/ha/grants.sql.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import ClientCursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from imageboard.errors import StoreUnavailable
from imageboard.store import queries
from imageboard.store.database import CONNECT_WAIT_S, Connection

_SQL = queries.beside(__file__)

#: A replica that has received everything is promoted within a second; one that has hours of WAL
#: to replay takes as long as that.
PROMOTION_WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server is."""

    is_primary: bool
    name: str
    #: As PostgreSQL writes it: 'ANY 1 ("server_b")'; '' is nobody but the server's own disk.
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class Follower:
    """A replica, as its primary sees it."""

    name: str
    #: 'streaming' when all is well.
    state: str
    #: 'quorum' or 'sync': commits wait for it; 'async': they don't.
    sync_state: str
    behind_bytes: int
    behind_s: float
    slot: str | None
    slot_state: str | None


@dataclass(frozen=True, slots=True)
class IdleSlot:
    """A place kept for a replica that is away."""

    name: str
    #: 'lost': it has to be made anew.
    state: str
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class Received:
    """A replica's own view."""

    streams: bool
    last_transaction_s: float


def urls_of_servers(url: str) -> list[str]:
    """'postgresql://…@one:1,other:2/b' -> an address for each of the two."""
    parameters = conninfo_to_dict(url)
    hosts = str(parameters.get("host") or "").split(",")
    ports = str(parameters.get("port") or "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    return [
        make_conninfo("", **(parameters | {"host": host, "port": port or None}))
        for host, port in zip(hosts, ports, strict=True)
    ]


def place_of(url: str) -> str:
    """'postgresql://stillboard:PASSWORD@10.0.0.2/stillboard' -> '10.0.0.2:5432'."""
    parameters = conninfo_to_dict(url)
    return f"{parameters.get('host') or 'localhost'}:{parameters.get('port') or 5432}"


@contextmanager
def server(url: str) -> Iterator[Connection]:
    """This very server, primary or replica; every statement is a transaction of its own.

    Raises:
        StoreUnavailable: it can't be reached, or does not answer.
    """
    try:
        with Connection.connect(
            url,
            autocommit=True,
            target_session_attrs="any",
            connect_timeout=CONNECT_WAIT_S,
            application_name="stillboard database",
        ) as db:
            yield db
    except psycopg.OperationalError as ex:
        raise StoreUnavailable(part="database") from ex


def standing(db: Connection) -> Standing:
    row = db.execute(_SQL.standing).fetchone()
    assert row is not None
    return Standing(*row)


def followers(db: Connection) -> list[Follower]:
    """On a primary: its replicas. Programs that merely fetch WAL (pg_receivewal …) are none."""
    return [Follower(*row) for row in db.execute(_SQL.followers, {})]


def idle_slots(db: Connection) -> list[IdleSlot]:
    """On a primary: places whose replica is away. WAL is kept for each, within its limit."""
    return [IdleSlot(*row) for row in db.execute(_SQL.idle_slots)]


def received(db: Connection) -> Received:
    """On a replica."""
    row = db.execute(_SQL.received).fetchone()
    assert row is not None
    return Received(*row)


def confirm_by(db: Connection, names: Sequence[str]) -> None:
    """From here on a commit waits for one of these replicas; for none, when there are no names.

    Commits that wait for one that is gone are let go at once.
    """
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    # ALTER SYSTEM takes no parameters: they are written into it, quoted, on this side.
    with ClientCursor(db) as cursor:
        cursor.execute(_SQL.confirm_by, {"names": f"ANY 1 ({quoted})" if names else ""})
    db.execute(_SQL.reload)


def promote(db: Connection) -> bool:
    """Make the replica a primary that waits for nobody; False when it is not one in time.

    What its old primary had set would go on: commits would wait for a replica that it has not.
    """
    confirm_by(db, [])
    db.answer_wait_s_max = PROMOTION_WAIT_S + 10
    row = db.execute(_SQL.promote, {"wait_s": PROMOTION_WAIT_S}).fetchone()
    return row == (True,)
