#!/bin/sh
# What a new cluster is given, once: the board's role and database, and a role for each who needs
# less or something else. Called by the official image's entry point from
# /docker-entrypoint-initdb.d; the passwords are secrets of the compose file.
set -eu

secret() { cat "/run/secrets/$1"; }

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set board="$(secret database_password)" \
    --set backup="$(secret backup_database_password)" \
    --set exporter="$(secret exporter_database_password)" \
    --set replicator="$(secret replication_password)" <<'SQL'
-- Owns its tables and nothing else.
CREATE ROLE stillboard LOGIN PASSWORD :'board';
CREATE DATABASE stillboard OWNER stillboard;
REVOKE ALL ON DATABASE stillboard FROM PUBLIC;

-- Reads everything, changes nothing: dumps, base backups, the write-ahead log.
CREATE ROLE backup LOGIN REPLICATION PASSWORD :'backup' IN ROLE pg_read_all_data, pg_monitor;
GRANT CONNECT ON DATABASE stillboard TO backup;

-- Sees figures, no rows.
CREATE ROLE exporter LOGIN PASSWORD :'exporter' IN ROLE pg_monitor;
GRANT CONNECT ON DATABASE stillboard TO exporter;

-- A replica follows with it, should there ever be one: docs/high-availability.md.
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replicator';

\connect stillboard
CREATE EXTENSION pg_stat_statements;
\include /etc/postgresql/grants.sql
SQL
