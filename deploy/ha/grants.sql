-- Rights beside ownership, as the superuser, in the board's own database, once there is a
-- role replicator (LOGIN REPLICATION):    psql -d stillboard -f deploy/ha/grants.sql
-- Each statement ends at an empty line, so that single-user mode reads it too.

-- What "./stillboard database" asks and does.
GRANT pg_monitor TO stillboard;

GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names TO stillboard;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO stillboard;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_promote(boolean, integer) TO stillboard;

-- What pg_rewind reads: https://www.postgresql.org/docs/18/app-pgrewind.html (read 2026-11-24).
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean) TO replicator;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_file(text, boolean) TO replicator;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text) TO replicator;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)
    TO replicator;

