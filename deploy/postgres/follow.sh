#!/bin/sh
# A replica of deploy/compose.ha.yml: copied from the primary the first time, then following it.
# `follow.sh PRIMARY NAME OPTION…`; the options are those of postgres.
set -eu

primary=$1
name=$2
shift 2

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    PGPASSWORD=$(cat /run/secrets/replication_password)
    export PGPASSWORD
    # A slot holds back what the replica has not got. It may be there already, of a copy that failed.
    pg_receivewal --host "$primary" --username replicator \
        --slot "$name" --create-slot --if-not-exists
    # Beside its place, then renamed: a copy that was interrupted is never started.
    rm -rf "$PGDATA.unfinished"
    mkdir -p "$PGDATA.unfinished"
    chmod 0700 "$PGDATA.unfinished"
    pg_basebackup --host "$primary" --username replicator --pgdata "$PGDATA.unfinished" \
        --write-recovery-conf --slot "$name" --wal-method stream --checkpoint fast
    unset PGPASSWORD
    rm -rf "$PGDATA"
    mv "$PGDATA.unfinished" "$PGDATA"
fi
exec postgres -c cluster_name="$name" "$@"
