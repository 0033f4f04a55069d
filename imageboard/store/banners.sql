-- hanging --
-- The banners of a board, the first that was hung first.
SELECT board, tim, extension, bytes, width, height FROM banners WHERE board = %(board)s ORDER BY tim

-- name --
-- The next name of a file of the board; it is locked.
UPDATE boards SET last_tim = greatest(last_tim + 1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
WHERE name = %(board)s RETURNING last_tim::text

-- add --
-- One more; nothing when the same picture hangs there already.
INSERT INTO banners (board, tim, extension, stored_as, bytes, width, height, sha256)
VALUES (%(board)s, %(tim)s, %(extension)s, %(stored_as)s, %(bytes)s, %(width)s, %(height)s, %(sha256)s)
ON CONFLICT DO NOTHING

-- remove --
-- It is taken down.
DELETE FROM banners WHERE board = %(board)s AND tim = %(tim)s
