-- counts --
-- Bans in force, reports that are open, the bytes of the database.
SELECT
    (SELECT count(*) FROM bans
        WHERE lifted_at IS NULL AND (expires_at IS NULL OR expires_at > now())),
    (SELECT count(*) FROM reports WHERE dismissed_at IS NULL),
    pg_database_size(current_database())

-- slots --
-- Replication slots: name, whether somebody reads, bytes of WAL that are kept for it.
SELECT slot_name::text, active, CASE WHEN pg_is_in_recovery() THEN 0
    ELSE coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint END
FROM pg_replication_slots

-- connections_max --
-- How many connections the server takes from everybody together.
SELECT current_setting('max_connections')::int

-- programs --
-- Who is connected to this database, by the names they give: how many connections, and how many
-- seconds ago the last of them did something.
SELECT application_name, count(*),
    extract(epoch FROM clock_timestamp() - max(state_change))::float8
FROM pg_stat_activity
WHERE datname = current_database() AND application_name <> ''
GROUP BY application_name

-- clock --
-- What time it is for the server, in Unix seconds.
SELECT extract(epoch FROM clock_timestamp())::float8

-- published_after --
-- Paths of files that stand in the web root, in order; at most %(limit)s.
SELECT path FROM publications WHERE path > %(path)s AND sha256 IS NOT NULL
ORDER BY path LIMIT %(limit)s

-- uploads_after --
-- Names of uploads that posts hold, or banners, in order; at most %(limit)s.
(SELECT DISTINCT stored_as FROM files WHERE stored_as > %(name)s AND removed_at IS NULL
    ORDER BY stored_as LIMIT %(limit)s)
UNION
(SELECT stored_as FROM banners WHERE stored_as > %(name)s ORDER BY stored_as LIMIT %(limit)s)
ORDER BY stored_as LIMIT %(limit)s

-- has_tables --
-- Whether anything of a board is in the database.
SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')

-- name_aside --
-- What the other schema is called by the two below, in this transaction: DO takes no parameters.
SELECT set_config('stillboard.aside', %(name)s, true)

-- set_aside --
-- All that is there gets another schema, and an empty one takes its place.
DO $$ BEGIN
    EXECUTE format('ALTER SCHEMA public RENAME TO %I', current_setting('stillboard.aside'));
    CREATE SCHEMA public;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
END $$

-- put_back --
-- The other way round.
DO $$ BEGIN
    DROP SCHEMA public CASCADE;
    EXECUTE format('ALTER SCHEMA %I RENAME TO public', current_setting('stillboard.aside'));
END $$
