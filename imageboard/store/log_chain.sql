-- after --
-- Entries of the log as they are chained, after a place.
SELECT c.place, coalesce(b.hash, decode(repeat('00', 32), 'hex')) AS before,
    to_char(m.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
    m.staff, m.action, m.board, m.post_no, m.detail, c.salt, c.names_hash, c.hash
FROM log_chain c JOIN moderation_log m ON m.id = c.entry LEFT JOIN log_chain b ON b.place = c.place - 1
WHERE c.place > %(place)s ORDER BY c.place LIMIT %(limit)s

-- unchained --
-- Entries that the chain does not hold, the first of them.
SELECT id FROM moderation_log m WHERE NOT EXISTS (SELECT FROM log_chain WHERE entry = m.id)
ORDER BY id LIMIT 1

-- head --
-- The last entry of the chain.
SELECT c.place, c.hash,
    to_char(m.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
FROM log_chain c JOIN moderation_log m ON m.id = c.entry ORDER BY c.place DESC LIMIT 1

-- days --
-- Days on which something was done, with the boards; none: what was done on no board.
SELECT board, to_char(day, 'YYYY-MM-DD') AS day, entries FROM log_days ORDER BY log_days.day DESC, board NULLS FIRST

-- days_since --
-- The same of entries after a place.
SELECT m.board, (m.happened_at AT TIME ZONE 'UTC')::date::text AS day, count(*) AS entries
FROM log_chain c JOIN moderation_log m ON m.id = c.entry
WHERE c.place > %(place)s
GROUP BY (m.happened_at AT TIME ZONE 'UTC')::date, m.board
ORDER BY day DESC, m.board NULLS FIRST

-- of_day --
-- Entries of one day, of a board or of all, in the order of their places.
SELECT c.place, coalesce(b.hash, decode(repeat('00', 32), 'hex')) AS before,
    to_char(m.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
    m.staff, m.action, m.board, m.post_no, m.detail, c.salt, c.names_hash, c.hash
FROM moderation_log m JOIN log_chain c ON c.entry = m.id LEFT JOIN log_chain b ON b.place = c.place - 1
WHERE (m.happened_at AT TIME ZONE 'UTC')::date = %(day)s::date
    AND (%(board)s::text IS NULL OR m.board = %(board)s)
ORDER BY c.place

-- of_ban --
-- Where the log tells of a ban, unless its board tells nothing: the entry, and how many stand before it on that day.
SELECT m.board, (m.happened_at AT TIME ZONE 'UTC')::date::text AS day, c.place, (
    SELECT count(*) FROM moderation_log e JOIN log_chain ec ON ec.entry = e.id
    WHERE (e.happened_at AT TIME ZONE 'UTC')::date = (m.happened_at AT TIME ZONE 'UTC')::date
        AND (m.board IS NULL OR e.board = m.board) AND ec.place < c.place) AS before
FROM moderation_log m JOIN log_chain c ON c.entry = m.id LEFT JOIN boards b ON b.name = m.board
WHERE m.action = 'ban' AND m.detail->'ban' = to_jsonb(%(ban)s::bigint)
    AND (m.board IS NULL OR board_setting(b.settings, 'public_log') <> 'none')

-- forget_names --
-- Names in entries that are older than that, and the salts by which they are proven: of the first so many.
WITH due AS (
    SELECT c.place, c.entry
    FROM (SELECT place, entry FROM log_chain WHERE salt IS NOT NULL ORDER BY place LIMIT %(limit)s) AS c
    JOIN moderation_log m ON m.id = c.entry
    WHERE m.happened_at < now() - make_interval(days => %(days)s)
), forgotten AS (
    UPDATE moderation_log SET staff = CASE WHEN staff IS NOT NULL THEN '' END, detail = detail - 'account'
    WHERE id IN (SELECT entry FROM due)
)
UPDATE log_chain SET salt = NULL WHERE place IN (SELECT place FROM due)
