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
