-- numbers --
-- Archived threads of a board after one, by their numbers; at most %(limit)s.
SELECT no FROM all_threads
WHERE board = %(board)s AND archived_at IS NOT NULL AND no > %(after)s ORDER BY no LIMIT %(limit)s

-- newest --
-- The threads that came into the archive last.
SELECT no FROM all_threads WHERE board = %(board)s AND archived_at IS NOT NULL
ORDER BY archived_at DESC, no DESC LIMIT %(limit)s

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
