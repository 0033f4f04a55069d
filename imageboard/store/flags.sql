-- put --
-- The picture of a flag, in the place of the one before.
INSERT INTO board_flags (board, name, picture) VALUES (%(board)s, %(name)s, %(picture)s)
ON CONFLICT (board, name) DO UPDATE SET picture = excluded.picture

-- drop --
-- A flag's picture is gone.
DELETE FROM board_flags WHERE board = %(board)s AND name = %(name)s

-- picture --
-- The picture of a flag.
SELECT picture FROM board_flags WHERE board = %(board)s AND name = %(name)s
