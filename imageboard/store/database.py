"""The connections to PostgreSQL and the kinds of transaction that the board needs."""

from __future__ import annotations

import atexit
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import IsolationLevel
from psycopg.sql import SQL, Literal
from psycopg_pool import ConnectionPool, PoolTimeout

from imageboard.errors import (
    DatabaseFull,
    SessionsShared,
    StatementFailed,
    StoreDamaged,
    StoreUnavailable,
    TablesDiffer,
)
from imageboard.store import sessions
from monitoring import metrics

#: How long one statement may take, and wait for a lock: longer than any of ours, shorter than a
#: poster's patience.
STATEMENT_MS_MAX = 15_000
LOCK_WAIT_MS_MAX = 10_000
#: Whoever holds a transaction open and asks nothing is gone, or has forgotten it.
IDLE_IN_TRANSACTION_MS_MAX = 60_000
#: No answer for so long: the server, or the way to it, is gone without a word; or a commit waits
#: for a replica that is. PostgreSQL's own time-outs end neither.
ANSWER_WAIT_S_MAX = 20.0


class Connection(psycopg.Connection[Any]):
    """A connection that knows when it was last of use, and does not wait for ever."""

    used_s: float = float("-inf")
    answer_wait_s_max: float = ANSWER_WAIT_S_MAX

    def execute(self, query: Any, params: Any = None, **named: Any) -> psycopg.Cursor[Any]:
        """psycopg's, timed; not what waits as long as it takes."""
        if self.answer_wait_s_max == float("inf"):
            return super().execute(query, params, **named)
        began_s = time.perf_counter()
        try:
            return super().execute(query, params, **named)
        finally:
            metrics.query_seconds.observe(time.perf_counter() - began_s)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """psycopg's, within bounds. A connection that owes an answer is closed.

        Raises:
            psycopg.OperationalError: there was no answer. What was asked for may be done.
        """
        if timeout is not None or self.answer_wait_s_max == float("inf"):
            return super().wait(gen, interval, timeout)
        began_s = time.monotonic()
        try:
            return super().wait(gen, interval, self.answer_wait_s_max)
        except psycopg.OperationalError as ex:
            # Of a wait that was too long psycopg says no more in public than that it is one of
            # these. The server's own have its code, and a lost connection is told of before.
            if ex.sqlstate or time.monotonic() - began_s < self.answer_wait_s_max:
                raise
            self.close()
            raise psycopg.OperationalError(
                f"no answer within {self.answer_wait_s_max:.0f} s"
            ) from ex


_OTHER_TABLES = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
)
#: What PostgreSQL says of a page or an index that is not as it was written.
_DAMAGES = (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted)

Result = TypeVar("Result")

#: How long a request waits for a connection of the pool before it is told that there is none. Once
#: the database has been away for so long, nobody waits any more.
CONNECTION_WAIT_S = 3.0
#: How long whoever does not wait gives a connection that is being made just now.
CONNECTION_WAIT_S_LEAST = 0.05
#: An outage of which nobody has seen anything for so long may be over.
FAILURE_REMEMBERED_S = 2 * CONNECTION_WAIT_S
#: A connection that was used so recently is given out again without asking whether it lives.
IDLE_UNCHECKED_S = 0.5
#: Two transactions may want each other's rows; PostgreSQL ends one, which is then run again.
DEADLOCK_TRIES_MAX = 5
#: A lost connection is tried for again once, after so long, and then anew by whoever needs one.
#: psycopg's own pauses begin at a second and double, and PostgreSQL is back within half of one:
#: posts would be refused by a board that is well again. Whoever waits asks anew, one at a time.
RECONNECT_S_MAX = 0.1
#: Connections that nobody has needed for so long are closed, but for those that are kept: within
#: twice of it. PERF: a session at rest is 5.5 MB of PostgreSQL's, and a new one takes 10 ms.
CONNECTION_IDLE_S_MAX = 60.0
#: With several servers named, each is given so long to answer the door (psycopg's least is 2).
CONNECT_WAIT_S = 2

#: How a connection is made. A server that vanishes from the network is found out after 11 s; one
#: that dies says so itself.
_CONNECTING = {
    "connect_timeout": CONNECT_WAIT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 11_000,
}


class Database:
    """A pool of connections to one database.

    `url` may name several servers, `postgresql://…@one:5432,other:5432/…`: the one that takes
    writes is used, and looked for again when it is lost.

    Every method raises StoreUnavailable when PostgreSQL can't be reached, and SessionsShared, which
    is one too, when a pooler in transaction mode stands in front of it.

    With `durable=False` a commit is not waited for until it is on disk: for what can be made
    again, as a renderer's ledger can. A crash of the server may lose its last moments, in order.
    With `takes_writes=False` it may be a replica.
    `connections_kept` are there before anybody asks, and stay; each is a process of PostgreSQL's.
    """

    def __init__(
        self,
        url: str,
        *,
        connections_max: int = 10,
        connections_kept: int = 1,
        name: str = "stillboard",
        durable: bool = True,
        takes_writes: bool = True,
        statement_ms_max: int = STATEMENT_MS_MAX,
    ) -> None:
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=connections_kept,
            max_size=connections_max,
            timeout=CONNECTION_WAIT_S,
            max_idle=CONNECTION_IDLE_S_MAX,
            reconnect_timeout=RECONNECT_S_MAX,
            kwargs=_CONNECTING
            | {
                "target_session_attrs": "read-write" if takes_writes else "any",
                "autocommit": True,
                "application_name": name,
            },
            connection_class=Connection,
            configure=self._begin_session,
            check=_check_if_idle,
            open=False,
        )

        self._url = url
        self._durable = durable
        self._statement_ms_max = statement_ms_max
        #: Of a pooler in front of the server; None: there is none, or nobody has asked yet.
        self._keeps_sessions: bool | None = None
        #: When the last failure was, and when the first was of those without success since.
        self._failed_s = float("-inf")
        self._away_since_s: float | None = None

    def open(self) -> None:
        """Begin to connect, in the background: a database that is down delays nothing here.

        A program that ends closes it. Python would stop the pool's threads wherever they are, one
        of them perhaps with the pool's lock, and then wait for that lock for ever.
        """
        self._pool.open(wait=False)
        atexit.register(self.close)

    def close(self) -> None:
        atexit.unregister(self.close)
        self._pool.close()

    def connections(self) -> dict[str, int]:
        """How many of the pool's connections are in_use, idle, and at most; who is waiting."""
        pool = self._pool.get_stats()
        idle = pool["pool_available"]
        return {
            "in_use": max(0, pool["pool_size"] - idle),
            "idle": idle,
            "max": pool["pool_max"],
            "waiting": pool["requests_waiting"],
        }

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection on which every statement is a transaction of its own."""
        try:
            with self._borrowed() as db:
                yield db
                db.used_s = time.monotonic()
                self._away_since_s = None
        except psycopg.errors.DeadlockDetected:
            raise
        except psycopg.errors.DiskFull as ex:
            raise DatabaseFull(part="database") from ex
        except _DAMAGES as ex:
            raise StoreDamaged(part="database", sqlstate=ex.sqlstate or "") from ex
        except _OTHER_TABLES as ex:
            raise TablesDiffer(part="database") from ex
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as ex:
            self._note_failure()
            raise StoreUnavailable(part="database") from ex
        except psycopg.errors.ReadOnlySqlTransaction as ex:
            # It takes no writes any more (somebody fenced it): no connection to it is of use.
            self._pool.drain()
            self._note_failure()
            raise StoreUnavailable(part="database") from ex
        except (psycopg.IntegrityError, psycopg.DataError) as ex:
            # SECURITY: its message quotes the row, and a row is what somebody wrote.
            raise StatementFailed(
                sqlstate=ex.sqlstate, constraint=ex.diag.constraint_name or ""
            ) from None

    def _begin_session(self, db: Connection) -> None:
        """Raises SessionsShared: then the pool has no connection."""
        if sessions.are_pooled(db):
            if not self._keeps_sessions:
                self._keeps_sessions = sessions.is_kept(db, self._url)
            if not self._keeps_sessions:
                raise SessionsShared(part="database")
        tell_session(db, durable=self._durable, statement_ms_max=self._statement_ms_max)

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        """As the pool's `connection`; but it is asked again each time that it may have given up."""
        deadline_s = time.monotonic() + self._patience_s()
        while True:
            left_s = deadline_s - time.monotonic()
            try:
                db = self._pool.getconn(timeout=min(2 * RECONNECT_S_MAX, left_s))
                break
            except PoolTimeout:
                if self._keeps_sessions is False:
                    raise SessionsShared(part="database") from None
                if time.monotonic() >= deadline_s:
                    raise
        try:
            with db:
                yield db
        finally:
            self._pool.putconn(db)

    def _patience_s(self) -> float:
        """How long to wait for a connection: through a restart of the server, and no longer.

        A poster would rather wait than be refused. But when the database stays away, a writer's
        threads would all be waiting, and those who could be told so at once would wait behind them.
        """
        now_s = time.monotonic()
        if self._away_since_s is None or now_s - self._failed_s > FAILURE_REMEMBERED_S:
            return CONNECTION_WAIT_S
        return max(CONNECTION_WAIT_S_LEAST, self._away_since_s + CONNECTION_WAIT_S - now_s)

    def _note_failure(self) -> None:
        now_s = time.monotonic()
        if self._away_since_s is None or now_s - self._failed_s > FAILURE_REMEMBERED_S:
            self._away_since_s = now_s
        self._failed_s = now_s

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that commits when the block ends and is rolled back when it raises."""
        with self.connection() as db, db.transaction():
            yield db

    def again_on_deadlock(self, work: Callable[[Connection], Result]) -> Result:
        """`work` in a transaction, run again when PostgreSQL ended it to break a deadlock."""
        return _again_on_deadlock(self.transaction, work)

    def in_one_statement(self, work: Callable[[Connection], Result]) -> Result:
        """The same for `work` that is a single statement, and so a transaction by itself.

        PERF: without BEGIN and COMMIT of its own a post takes two round trips less, both of
        them under the board's lock.
        """
        return _again_on_deadlock(self.connection, work)


def tell_session(
    db: Connection, *, durable: bool = True, statement_ms_max: int = STATEMENT_MS_MAX
) -> None:
    """How long it may wait, and for what."""
    sessions.tell(
        db,
        {
            "statement_ms_max": str(statement_ms_max),
            "lock_wait_ms_max": str(LOCK_WAIT_MS_MAX),
            "idle_in_transaction_ms_max": str(IDLE_IN_TRANSACTION_MS_MAX),
            "synchronous_commit": "on" if durable else "off",
        },
    )


def _check_if_idle(db: Connection) -> None:
    """Find out that a connection was lost before someone's post does.

    PERF: one that was used a moment ago is taken to be there; a round trip for each use of the
    pool is a tenth of what a post costs.
    """
    if time.monotonic() - db.used_s > IDLE_UNCHECKED_S:
        ConnectionPool.check_connection(db)


def _again_on_deadlock(
    opened: Callable[[], AbstractContextManager[Connection]], work: Callable[[Connection], Result]
) -> Result:
    for attempt in range(1, DEADLOCK_TRIES_MAX + 1):
        try:
            with opened() as db:
                return work(db)
        except psycopg.errors.DeadlockDetected as ex:
            if attempt == DEADLOCK_TRIES_MAX:
                raise StoreUnavailable(part="database") from ex
            # Whoever won has a moment to finish before we are in its way again.
            time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311 -- no secret
    raise AssertionError("unreachable")


def why_away(url: str) -> str:
    """': Connection refused': what the server says, or the way to it; '': by now it lets us in."""
    try:
        psycopg.connect(url, connect_timeout=CONNECT_WAIT_S).close()
    except psycopg.OperationalError as ex:
        # What stands before it names the server, as the address does.
        return f": {str(ex).splitlines()[0].rpartition('failed: ')[2]}"
    return ""


@contextmanager
def snapshot(db: Connection, *, of: str | None = None) -> Iterator[None]:
    """A read-only transaction on `db` in which every statement sees the same moment.

    `of` names the snapshot of another session (`share_snapshot`), whose moment it is to be.
    """
    db.isolation_level = IsolationLevel.REPEATABLE_READ
    db.read_only = True
    try:
        with db.transaction():
            if of is not None:
                db.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(Literal(of)))
            yield
    finally:
        if not db.closed:
            db.isolation_level = None
            db.read_only = None


def share_snapshot(db: Connection) -> str:
    """A name under which other sessions see the moment of the snapshot on `db`, while it lasts."""
    row = db.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def unless_damaged(db: Connection) -> Iterator[None]:
    """A part of a transaction that may meet damage: the transaction is of use afterwards.

    Raises:
        StoreDamaged: the part could not be read.
    """
    try:
        with db.transaction():
            yield
    except _DAMAGES as ex:
        raise StoreDamaged(part="database", sqlstate=ex.sqlstate or "") from ex
