"""Brings a database to the schema of this version: NNNN_*.sql in order, each once."""

from __future__ import annotations

from pathlib import Path

from imageboard.store.database import Connection, Database

_FOLDER = Path(__file__).parent
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


def apply(database: Database) -> list[str]:
    """Apply what is missing and return its names; two that start together do it once."""
    with database.transaction() as db:
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        db.execute(_LEDGER)
        missing = _missing(db)
        for step in missing:
            db.execute(step.read_bytes())
            db.execute("INSERT INTO migrations (name) VALUES (%s)", (step.stem,))
    return [step.stem for step in missing]


def is_current(db: Connection) -> bool:
    """Whether the database has every step of this version."""
    known = db.execute("SELECT to_regclass('migrations')").fetchone()
    return known != (None,) and not _missing(db)


def _missing(db: Connection) -> list[Path]:
    applied = {name for (name,) in db.execute("SELECT name FROM migrations")}
    return [step for step in steps() if step.stem not in applied]
