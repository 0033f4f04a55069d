-- cluster --
-- Its identifier, which all of its copies have, and the size of its segments.
SELECT system_identifier::text, current_setting('wal_segment_size') FROM pg_control_system()

-- version --
-- PostgreSQL's major version: what one writes to the disk another can't read.
SELECT current_setting('server_version_num')::int / 10000

-- position --
-- Up to here everything that was committed is on the server's disk.
SELECT pg_current_wal_flush_lsn()::text

-- mark --
-- A commit that changes nothing.
SELECT pg_logical_emit_message(true, 'stillboard', %(text)s)::text

-- is_received --
-- Whether a receiver has everything up to there.
SELECT coalesce(bool_or(write_lsn >= %(lsn)s::text::pg_lsn), false)
FROM pg_stat_replication WHERE application_name = %(receiver)s

-- slot --
-- What became of the WAL that was held back for a receiver; no row: there is no such slot.
SELECT wal_status, active FROM pg_replication_slots WHERE slot_name = %(slot)s

-- make_slot --
-- From here on the server holds back the WAL that its receiver does not have yet.
SELECT pg_create_physical_replication_slot(%(slot)s, true)

-- drop_slot --
-- Nothing is held back any more.
SELECT pg_drop_replication_slot(%(slot)s)

-- replayed_until --
-- When the last transaction was committed that a recovery has brought back; NULL: none was.
SELECT extract(epoch FROM pg_last_xact_replay_timestamp())::double precision
