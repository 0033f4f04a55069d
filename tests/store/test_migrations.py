"""The schema as it stands and the steps that lead there."""

from __future__ import annotations

from pathlib import Path

import psycopg

import imageboard.store
from imageboard.store import migrations
from imageboard.store.database import Database

SCHEMA = Path(imageboard.store.__file__).with_name("schema.sql")

# Everything that makes a schema what it is, as text.
_DESCRIPTION = """
SELECT 'column', table_name || '.' || column_name,
    data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'function', proname || pg_get_function_identity_arguments(oid), pg_get_functiondef(oid)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1, 2, 3
"""


def described(url: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(url) as db:
        rows = db.execute(_DESCRIPTION).fetchall()
    return [row for row in rows if not row[1].startswith("migrations")]


def test_migrations_lead_to_the_schema(database_url: str, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url) as db:
        db.execute(SCHEMA.read_bytes())
    assert described(database_url) == described(empty_database_url)


def test_each_step_is_applied_once(empty_database_url: str) -> None:
    database = Database(empty_database_url, connections_max=2)
    database.open()
    with database.connection() as db:
        assert not migrations.is_current(db)
    assert migrations.apply(database) == [step.stem for step in migrations.steps()]
    assert migrations.apply(database) == []
    with database.connection() as db:
        assert migrations.is_current(db)
    database.close()
