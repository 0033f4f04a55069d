-- numbers --
-- Archived threads of a board after one, by their numbers; at most %(limit)s.
SELECT no FROM all_threads
WHERE board = %(board)s AND archived_at IS NOT NULL AND no > %(after)s ORDER BY no LIMIT %(limit)s

-- newest --
-- The threads that came into the archive last.
SELECT no FROM all_threads WHERE board = %(board)s AND archived_at IS NOT NULL
ORDER BY archived_at DESC, no DESC LIMIT %(limit)s

-- by_chance --
-- Of each of these numbers the first archived thread at or after it.
SELECT DISTINCT t.no FROM unnest(%(nos)s::bigint[]) AS asked (no) CROSS JOIN LATERAL (
    SELECT a.no FROM all_threads a
    WHERE a.board = %(board)s AND a.archived_at IS NOT NULL AND a.no >= asked.no ORDER BY a.no LIMIT 1
) AS t

-- boards_behind --
-- Boards with archived threads that are not drawn with their settings.
SELECT b.name FROM boards b LEFT JOIN archive_drawn d ON d.board = b.name
WHERE (d.board IS NULL OR d.settings_change_no <> b.settings_change_no OR d.up_to_no < 9223372036854775807)
    AND b.removed_at IS NULL
    AND EXISTS (SELECT FROM all_threads t WHERE t.board = b.name AND t.archived_at IS NOT NULL)
ORDER BY b.name

-- drawn_up_to --
-- The number up to which archived threads are drawn with the settings as of that change.
SELECT up_to_no FROM archive_drawn
WHERE board = %(board)s AND settings_change_no = %(settings_change_no)s

-- note_drawn --
-- They are drawn up to this number.
INSERT INTO archive_drawn (board, settings_change_no, up_to_no)
VALUES (%(board)s, %(settings_change_no)s, %(up_to_no)s)
ON CONFLICT (board) DO UPDATE SET
    settings_change_no = excluded.settings_change_no, up_to_no = excluded.up_to_no

-- pages --
-- All pages of the archive of a board, the newest first.
SELECT name, threads FROM archive_pages WHERE board = %(board)s ORDER BY month DESC, number DESC

-- changed_pages --
-- Those that a change which waits has altered.
SELECT name, threads FROM archive_pages
WHERE board = %(board)s AND changed_no >= (SELECT min(change_no) FROM outbox WHERE board = %(board)s)
ORDER BY month DESC, number DESC

-- threads_on --
-- The threads on a page of the archive, in the order in which they came.
SELECT t.no, t.reply_count AS replies, t.image_count AS images, op.subject, op.body,
    floor(extract(epoch FROM t.archived_at))::bigint AS archived_s
FROM all_threads t JOIN posts op ON op.board = t.board AND op.no = t.no
WHERE t.board = %(board)s AND t.archive_page = %(page)s AND t.archived_at IS NOT NULL
ORDER BY t.archived_at, t.no
