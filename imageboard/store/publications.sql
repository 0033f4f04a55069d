-- known --
-- Hashes of these files as they were last published.
SELECT path, sha256, change_no FROM publications WHERE path = ANY (%(paths)s)

-- of_board --
-- Every file of one board.
SELECT path, sha256, change_no FROM publications WHERE board = %(board)s

-- of_site --
-- Every file that belongs to no single board.
SELECT path, sha256, change_no FROM publications WHERE board IS NULL

-- record --
-- These files stand in the web root now.
INSERT INTO publications (path, board, change_no, sha256, bytes)
SELECT path, %(board)s, %(change_no)s, sha256, bytes
FROM unnest(%(paths)s::text[], %(sha256s)s::bytea[], %(sizes)s::bigint[]) AS f (path, sha256, bytes)
ON CONFLICT (path) DO UPDATE SET
    change_no = excluded.change_no, sha256 = excluded.sha256, bytes = excluded.bytes,
    published_at = excluded.published_at

-- forget --
-- These files are gone from the web root.
DELETE FROM publications WHERE path = ANY (%(paths)s)

-- shows_change --
-- Whether all changes of the board up to this one are on its pages.
SELECT NOT EXISTS (
    SELECT FROM outbox WHERE board = %(board)s AND change_no <= %(change_no)s
)
