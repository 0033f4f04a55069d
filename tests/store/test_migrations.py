"""The schema as it stands and the steps that lead there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import imageboard.store
from imageboard.errors import MigrationBlocked
from imageboard.store import migrations
from imageboard.store.database import Database
from tests.tables import for_each

SCHEMA = Path(imageboard.store.__file__).with_name("schema.sql")

# Everything that makes a schema what it is, as text.
_DESCRIPTION = """
SELECT 'column', table_name || '.' || column_name,
    data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'attribute', udt_name || '.' || attribute_name, data_type
FROM information_schema.attributes WHERE udt_schema = 'public'
UNION ALL
SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
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


def test_every_step_has_a_number_of_its_own() -> None:
    numbers = [step.name[:4] for step in migrations.steps()]
    assert sorted(set(numbers)) == numbers


@pytest.mark.slow
def test_migrations_lead_to_the_schema(database_url: str, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url) as db:
        db.execute(SCHEMA.read_bytes())
    assert described(database_url) == described(empty_database_url)


@pytest.mark.slow
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


def transactions(url: str) -> int:
    """In how many the steps were applied that the database has."""
    with psycopg.connect(url) as db:
        row = db.execute("SELECT count(DISTINCT xmin::text) FROM migrations").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.slow
def test_a_new_database_has_all_steps_or_none(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In one transaction."""
    broken = tmp_path / "9999_broken.sql"
    broken.write_text("CREATE TABLE posts ();")
    whole = migrations.steps()
    database = Database(empty_database_url, connections_max=2)
    database.open()
    monkeypatch.setattr(migrations, "steps", lambda: [*whole, broken])
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrations.apply(database)
    monkeypatch.undo()
    with database.connection() as db:
        assert db.execute("SELECT to_regclass('posts')").fetchone() == (None,)
    migrations.apply(database)
    database.close()
    assert transactions(empty_database_url) == 1


@pytest.mark.slow
def test_one_that_is_in_use_gets_each_step_for_itself(
    behind: Database, empty_database_url: str
) -> None:
    """What waits for a step waits for no other."""
    applied = migrations.apply(behind)
    assert transactions(empty_database_url) == 1 + len(applied)


@pytest.fixture
def behind(empty_database_url: str) -> Iterator[Database]:
    """A database that lacks every step but the first."""
    database = Database(empty_database_url, connections_max=2)
    database.open()
    with database.transaction() as db:
        db.execute(migrations.steps()[0].read_bytes())
        db.execute("CREATE TABLE migrations (name text PRIMARY KEY, applied_at timestamptz)")
        db.execute("INSERT INTO migrations (name) VALUES (%s)", (migrations.steps()[0].stem,))
    yield database
    database.close()


@pytest.mark.slow
def test_step_that_can_not_have_its_lock_gives_up_and_tries_again(
    behind: Database, empty_database_url: str
) -> None:
    """Whoever posts meanwhile waits behind it for no longer than that."""
    pauses: list[float] = []
    with psycopg.connect(empty_database_url) as reader:
        reader.execute("SELECT FROM publications")

        def let_go(pause_s: float) -> None:
            pauses.append(pause_s)
            reader.commit()

        steps = migrations.apply(behind, pause=let_go)
    assert steps == [step.stem for step in migrations.steps()[1:]]
    assert len(pauses) == 1


@pytest.mark.slow
def test_step_that_never_gets_its_lock_says_so_and_changes_nothing(
    behind: Database, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "TRIES_MAX", 2)
    with psycopg.connect(empty_database_url) as reader:
        reader.execute("SELECT FROM publications")
        with pytest.raises(MigrationBlocked, match="0002_second_stage"):
            migrations.apply(behind, pause=lambda _s: None)
    with behind.connection() as db:
        assert not migrations.is_current(db)


#: What the version before would trip over while it still runs.
BREAKS_THE_VERSION_BEFORE = re.compile(
    r"\bDROP (TABLE|COLUMN|FUNCTION|INDEX)\b|\bRENAME\b|\bALTER COLUMN \w+ (TYPE|SET NOT NULL)\b"
    r"|\bADD COLUMN [^,;]*NOT NULL(?![^,;]*(DEFAULT|GENERATED))",
    re.IGNORECASE,
)


#: What a step takes away that the version before it does not use: only one before that did, or of
#: what another does better; or whose name something else has now that does the same for it.
NO_LONGER_USED = {
    "0007_a_post_is_one_value": [
        "DROP FUNCTION add_post(text, bigint, text",
        "DROP INDEX threads_in_order",
    ],
    "0014_threads_kept_aside": [
        "ALTER TABLE threads RENAME TO all_threads",
        "RENAME CONSTRAINT",
        "DROP INDEX threads_by_bump",
    ],
    "0021_deliveries": ["DROP INDEX receipts_by_age"],
    "0084_nothing_of_version_2026_11_28": [
        "DROP TABLE site_moment",
        "DROP INDEX threads_aside",
        "DROP FUNCTION add_post(",
        "DROP FUNCTION prune(",
        "DROP FUNCTION hide_files(",
        "DROP FUNCTION remove_files(text, bigint)",
        "DROP FUNCTION mark_thread(",
    ],
}


@for_each("step", migrations.steps(), ids=lambda step: step.stem)
def test_the_version_before_can_go_on_while_a_step_is_applied(step: Path) -> None:
    sql = step.read_text()
    for taken_away in NO_LONGER_USED.get(step.stem, []):
        assert taken_away in sql
        sql = sql.replace(taken_away, "", 1)
    assert not BREAKS_THE_VERSION_BEFORE.search(sql)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE posts DROP COLUMN body",
        "ALTER TABLE posts RENAME COLUMN body TO text",
        "ALTER TABLE posts ADD COLUMN a text NOT NULL;",
        "ALTER TABLE posts ALTER COLUMN no TYPE integer",
    ],
)
def test_a_step_that_would_break_it_is_found(statement: str) -> None:
    assert BREAKS_THE_VERSION_BEFORE.search(statement)


def test_made_roles_that_ban_go_on_erasing_and_those_that_only_delete_do_not(
    database: Database,
) -> None:
    """Erasing for good belonged to deleting once."""
    roles = {
        "tidier": ["delete"],
        "night": ["read_reports", "delete", "ban"],
        "has_it": ["delete", "ban", "erase"],
    }
    (step,) = (step for step in migrations.steps() if step.stem == "0085_erasing_is_a_power")
    with database.transaction() as db:
        for name, powers in roles.items():
            db.execute("INSERT INTO made_roles VALUES (%s, %s)", (name, powers))
        db.execute(step.read_bytes())
        found = db.execute("SELECT name, powers FROM made_roles").fetchall()
    assert dict(found) == {
        "tidier": ["delete"],
        "night": ["read_reports", "delete", "ban", "erase"],
        "has_it": ["delete", "ban", "erase"],
    }
