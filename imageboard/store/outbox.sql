-- waiting --
-- Facts of one board, after a change, that no page shows yet; oldest first, at most %(limit)s.
SELECT change_no, kind, body, extract(epoch FROM added_at)::float8 FROM outbox
WHERE board = %(board)s AND change_no > %(after)s ORDER BY change_no LIMIT %(limit)s

-- is_settled --
-- Whether all pages show every change of the board up to this one.
SELECT NOT EXISTS (SELECT FROM outbox WHERE board = %(board)s AND change_no <= %(change_no)s)

-- settle --
-- The pages show every change of the board up to this one, and second thumbnails, as not all versions do.
DELETE FROM outbox WHERE board = %(board)s AND change_no <= %(change_no)s
    AND set_config('stillboard.shows_dense', 'yes', true) IS NOT NULL

-- threads_shown --
-- Up to which change a board's threads show all.
SELECT change_no FROM threads_shown WHERE board = %(board)s

-- note_threads_shown --
-- They do up to this one, and second thumbnails, as above.
INSERT INTO threads_shown (board, change_no)
SELECT %(board)s, %(change_no)s WHERE set_config('stillboard.shows_dense', 'yes', true) IS NOT NULL
ON CONFLICT (board) DO UPDATE SET change_no = excluded.change_no

-- left_behind --
-- Boards with a fact older than %(age_s)s seconds, and whether it is only their lists that lack it.
SELECT o.board, bool_and(o.change_no <= coalesce(t.change_no, 0))
FROM outbox o LEFT JOIN threads_shown t ON t.board = o.board
WHERE o.added_at < clock_timestamp() - make_interval(secs => %(age_s)s)
GROUP BY o.board ORDER BY o.board

-- lag --
-- Facts waiting for each board, and the age of the oldest in seconds.
SELECT board, count(*), extract(epoch FROM clock_timestamp() - min(added_at))::float8
FROM outbox GROUP BY board ORDER BY board
