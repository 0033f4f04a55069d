"""Brings a database to the schema of this version: NNNN_*.sql in order, each once.

Forward only, and such that the version before can go on: a step adds; what it replaces is taken
away by a step of a later version, when nobody uses it any more.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from imageboard.errors import MigrationBlocked
from imageboard.store import boards
from imageboard.store.database import Connection, Database

_FOLDER = Path(__file__).parent
#: A step waits for a lock for so long; those who post wait behind it.
LOCK_WAIT_MS_MAX = 1_000
_LOCK_WAIT = f"SET LOCAL lock_timeout = {LOCK_WAIT_MS_MAX}"
#: Steps are tried so often, with such a pause between on average (s).
TRIES_MAX = 20
PAUSE_S = 1.0
#: Any number: whoever holds it migrates, the others wait.
_LOCK = 7_264_001

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


def steps() -> list[Path]:
    return sorted(_FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def schema_version() -> str:
    """'0002_second_stage': the step that brings a database to what this version needs."""
    return steps()[-1].stem


def apply(database: Database, *, pause: Callable[[float], None] = time.sleep) -> list[str]:
    """Apply what is missing and return its names; two that start together do it once.

    The board may run meanwhile, on the version before. Whoever posts waits behind a step that
    waits for a lock: so a step gives up soon, lets them through, and tries again.

    Raises:
        MigrationBlocked: somebody has held what a step needs all the time.
    """
    applied: list[str] = []
    for attempt in itertools.count(1):
        try:
            while names := _apply_next(database):
                applied += names
        except _Blocked as ex:
            if attempt == TRIES_MAX:
                raise MigrationBlocked(step=ex.step, tries=TRIES_MAX) from ex
            pause(random.uniform(0.5, 1.5) * PAUSE_S)  # noqa: S311 -- no secret
        else:
            return applied
    raise AssertionError("unreachable")


def _apply_next(database: Database) -> list[str]:
    """Apply the first step that is missing, in a transaction of its own; []: none is.

    PERF: a new database, on which nobody waits, gets all steps in one: half of the CPU of a
    transaction for each of 73, and one flush of the disk.
    """
    with database.transaction() as db, _as_long_as_it_takes(db):
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        db.execute(_LEDGER)
        missing = _missing(db)
        is_new = missing == steps()
        now = missing if is_new else missing[:1]
        for step in now:
            db.execute(_LOCK_WAIT)
            try:
                db.execute(step.read_bytes())
            except psycopg.errors.LockNotAvailable as ex:
                raise _Blocked(step.stem) from ex
            db.execute("INSERT INTO migrations (name) VALUES (%s)", (step.stem,))
        # In the same transaction: a step's functions may ask for one that is new.
        _bring_defaults(db)
    return [step.stem for step in now]


def _bring_defaults(db: Connection) -> None:
    """As each version does, whether or not it has a new step: a default may be another one."""
    if db.execute("SELECT to_regclass('setting_defaults')").fetchone() != (None,):
        boards.bring_defaults(db)


@contextmanager
def _as_long_as_it_takes(db: Connection) -> Iterator[None]:
    """An index over millions of posts takes minutes, and so does waiting for whoever makes it."""
    db.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
    usual_s, db.answer_wait_s_max = db.answer_wait_s_max, float("inf")
    try:
        yield
    finally:
        db.answer_wait_s_max = usual_s


class _Blocked(Exception):
    """A step did not get a lock in time."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


def is_current(db: Connection) -> bool:
    """Whether the database has every step of this version."""
    known = db.execute("SELECT to_regclass('migrations')").fetchone()
    return known != (None,) and not _missing(db)


def _missing(db: Connection) -> list[Path]:
    applied = {name for (name,) in db.execute("SELECT name FROM migrations")}
    return [step for step in steps() if step.stem not in applied]
