"""What one test would find of another in the servers that a process's tests share.

Rows go with a lent database (tests/databases.py), keys with the queue that a test asks for. What
is of a whole server is looked at here, before the first test and after the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
import redis

#: {what it is: how it stands}
State = Mapping[str, object]

#: Of all databases together; those of the lender (tests/databases.py) stay to the end.
_OF_POSTGRES = """
    SELECT 'database ' || datname, (datconnlimit, datallowconn, datacl)::text FROM pg_database
        WHERE datname !~ '^board_(template|[0-9]+)$'
    UNION ALL SELECT 'role ' || rolname, md5(r::text) FROM pg_authid r
    UNION ALL SELECT 'member of ' || roleid::regrole || ' ' || member::regrole, ''
        FROM pg_auth_members
    UNION ALL SELECT 'setting ' || name, setting FROM pg_file_settings WHERE applied
    UNION ALL SELECT 'setting of ' || s::text, '' FROM pg_db_role_setting s
    UNION ALL SELECT 'right to ' || parname, paracl::text FROM pg_parameter_acl
    UNION ALL SELECT 'slot ' || slot_name, slot_type FROM pg_replication_slots
    UNION ALL SELECT 'prepared transaction ' || gid, '' FROM pg_prepared_xacts
    UNION ALL SELECT 'tablespace ' || spcname, '' FROM pg_tablespace
"""


def in_postgres(superuser_url: str) -> State:
    with psycopg.connect(superuser_url) as db:
        return dict(db.execute(_OF_POSTGRES).fetchall())


def in_valkey(url: str) -> State:
    with redis.Redis.from_url(url) as queue:
        settings = {f"setting {name}": value for name, value in queue.config_get("*").items()}
        users = {f"user {line.split()[1]}": line for line in queue.acl_list()}
        functions = {f"library {found}": "" for found in queue.function_list()}
        others = {name: "" for name in queue.info("keyspace") if name != "db0"}
    return settings | users | functions | others


@contextmanager
def nothing_left(look: Callable[[], State]) -> Iterator[None]:
    """Whoever changes a server for a test sets it back: else this fails with the last test."""
    before = look()
    yield
    now = look()
    left = [
        f"{name} is {now.get(name, 'gone')!r} and was {before.get(name, 'not there')!r}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    assert not left, f"a test of this process has left: {'; '.join(left)}"
