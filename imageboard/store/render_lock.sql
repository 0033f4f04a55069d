-- take --
-- The right to write the files of one board (or of the site), if nobody has it.
SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 7264002)), pg_postmaster_start_time()::text

-- wait --
-- Hold the right to write the files of one board (or of the site) until the session ends.
SELECT pg_advisory_lock(hashtextextended(%(name)s, 7264002))

-- wait_forever --
-- The holder may be rendering a whole board: wait as long as it takes.
SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0

-- release --
-- Give it up.
SELECT pg_advisory_unlock(hashtextextended(%(name)s, 7264002))

-- is_wanted --
-- Whether somebody waits for it.
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%(name)s, 7264002)
)
