-- standing --
-- Whether this server takes writes, its name, and who has to confirm a commit.
SELECT NOT pg_is_in_recovery(), current_setting('cluster_name'),
    current_setting('synchronous_standby_names')

-- followers --
-- The replicas that stream from this server, and how far each is behind on its disk.
SELECT r.application_name, r.state, r.sync_state,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), r.flush_lsn), 0)::bigint,
    coalesce(extract(epoch FROM r.flush_lag), 0)::float8, s.slot_name, s.wal_status
FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
WHERE r.application_name NOT LIKE 'pg\_%%' ORDER BY r.application_name

-- idle_slots --
-- Slots whose replica is away, and the bytes of WAL that are kept for it.
SELECT slot_name, wal_status,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint
FROM pg_replication_slots WHERE NOT active ORDER BY slot_name

-- received --
-- Of a replica: whether it streams, and for how many seconds it has heard of no transaction.
SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'),
    coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)::float8

-- confirm_by --
-- From the next commit on these have to confirm; commits that wait are looked at again.
ALTER SYSTEM SET synchronous_standby_names = %(names)s

-- reload --
-- Have the server read its configuration again.
SELECT pg_reload_conf()

-- promote --
-- End the recovery: this replica takes writes from here on; false when it took too long.
SELECT pg_promote(true, %(wait_s)s)
