-- waiting --
-- Facts of one board, after a change, that no page shows yet; oldest first, at most %(limit)s.
SELECT change_no, kind, body, extract(epoch FROM added_at)::float8 FROM outbox
WHERE board = %(board)s AND change_no > %(after)s ORDER BY change_no LIMIT %(limit)s

-- is_settled --
-- Whether all pages show every change of the board up to this one.
SELECT NOT EXISTS (SELECT FROM outbox WHERE board = %(board)s AND change_no <= %(change_no)s)

-- settle --
-- The pages show every change of the board up to this one.
DELETE FROM outbox WHERE board = %(board)s AND change_no <= %(change_no)s

-- left_behind --
-- Boards with a fact older than %(age_s)s seconds.
SELECT DISTINCT board FROM outbox
WHERE added_at < clock_timestamp() - make_interval(secs => %(age_s)s) ORDER BY board

-- lag --
-- Facts waiting for each board, and the age of the oldest in seconds.
SELECT board, count(*), extract(epoch FROM clock_timestamp() - min(added_at))::float8
FROM outbox GROUP BY board ORDER BY board
