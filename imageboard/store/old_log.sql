-- add --
-- Entries that came, each once.
INSERT INTO old_log (board, happened_at, staff, told, was_told, digest)
SELECT board, happened_at, staff, told, was_told, digest
FROM jsonb_populate_recordset(NULL::old_log, %(entries)s)
ON CONFLICT (digest) DO NOTHING

-- days --
-- Days of which readers are told, with the boards; none: of the whole site.
SELECT l.board, (l.happened_at AT TIME ZONE 'UTC')::date::text AS day, count(*) AS entries
FROM old_log l LEFT JOIN boards b ON b.name = l.board
WHERE l.was_told <> 'none' AND (l.board IS NULL OR board_setting(b.settings, 'public_log') <> 'none')
GROUP BY (l.happened_at AT TIME ZONE 'UTC')::date, l.board
ORDER BY day DESC, l.board NULLS FIRST

-- of_day --
-- Entries of one day of which readers are told, of a board or of all, in their order.
SELECT l.id, l.board, to_char(l.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at,
    l.staff, l.told, l.was_told
FROM old_log l LEFT JOIN boards b ON b.name = l.board
WHERE (l.happened_at AT TIME ZONE 'UTC')::date = %(day)s::date AND l.was_told <> 'none'
    AND (%(board)s::text IS NULL OR l.board = %(board)s)
    AND (l.board IS NULL OR board_setting(b.settings, 'public_log') <> 'none')
ORDER BY l.happened_at, l.id

-- newest --
-- All entries, newest first, before the one given; on these boards only.
SELECT id, board, to_char(happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, staff, told, was_told
FROM old_log
WHERE (%(before)s::bigint IS NULL
        OR (happened_at, id) < (SELECT happened_at, id FROM old_log WHERE id = %(before)s))
    AND (%(on)s::text[] IS NULL OR board = ANY (%(on)s))
ORDER BY old_log.happened_at DESC, id DESC
LIMIT %(limit)s

-- forget --
-- Entries that are older than that: of the first so many.
DELETE FROM old_log WHERE id IN (
    SELECT id FROM old_log WHERE happened_at < now() - make_interval(days => %(days)s)
    ORDER BY happened_at LIMIT %(limit)s)

-- drop_all --
-- None has come.
DELETE FROM old_log
