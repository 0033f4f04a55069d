-- columns --
-- Columns of a table that rows are written to, in order.
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %(table)s AND is_generated = 'NEVER'
ORDER BY ordinal_position

-- counter --
-- The table's column that is counted up, and its sequence; no row: it has none.
SELECT column_name, pg_get_serial_sequence(%(table)s, column_name) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %(table)s AND is_identity = 'YES'

-- rows --
-- Rows of a table as JSON objects, in order of its first columns.
SELECT to_json(t)::text FROM (SELECT {columns} FROM {table} ORDER BY {order}) AS t

-- add --
-- Rows that were read so.
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {columns} FROM json_populate_recordset(NULL::{table}, %(rows)s::json)

-- count_on --
-- The next number of a sequence comes after all that are there.
SELECT setval({sequence}, coalesce(max({column}), 0) + 1, false) FROM {table}

-- clear --
-- All rows of a table.
DELETE FROM {table}

-- used --
-- Each board that ever had a post or is gone, and the log, if anything stands in it.
SELECT '/' || name || '/' FROM boards WHERE last_no > 0
UNION ALL SELECT '/' || name || '/' FROM gone_boards
UNION ALL SELECT 'the log' WHERE EXISTS (SELECT FROM moderation_log)

-- close_the_door --
-- Nobody posts, founds a board or writes to the log until the transaction ends.
LOCK TABLE boards, posts, staff, moderation_log IN SHARE ROW EXCLUSIVE MODE

-- uploads_after --
-- Names of uploads that posts, banners or removals that can be undone hold, in order; at most %(limit)s.
(SELECT DISTINCT stored_as FROM files WHERE stored_as > %(name)s AND removed_at IS NULL
    ORDER BY stored_as LIMIT %(limit)s)
UNION
(SELECT stored_as FROM banners WHERE stored_as > %(name)s ORDER BY stored_as LIMIT %(limit)s)
UNION
(SELECT name FROM laid_aside, unnest(uploads) AS name WHERE name > %(name)s ORDER BY name LIMIT %(limit)s)
ORDER BY stored_as LIMIT %(limit)s
