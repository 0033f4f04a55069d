-- put --
-- Where a board came from, and the secrets of its engine.
INSERT INTO old_boards (board, engine, secrets_sealed, poster_id_chars)
VALUES (%(board)s, %(engine)s, %(secrets_sealed)s, %(poster_id_chars)s)
ON CONFLICT (board) DO UPDATE SET engine = excluded.engine, secrets_sealed = excluded.secrets_sealed,
    poster_id_chars = excluded.poster_id_chars

-- all --
-- All boards that came from another engine.
SELECT board, engine, secrets_sealed, poster_id_chars FROM old_boards

-- add_file --
-- An address that a file had.
INSERT INTO old_files (address, board, post_no, position, is_thumbnail)
VALUES (%(address)s, %(board)s, %(post_no)s, %(position)s, %(is_thumbnail)s)
ON CONFLICT DO NOTHING

-- file --
-- What readers may see of what had this address, the first of several posts that have it.
SELECT f.board, f.tim, CASE WHEN o.is_thumbnail THEN f.thumb_extension ELSE f.extension END, o.is_thumbnail
FROM old_files o
JOIN files f ON f.board = o.board AND f.post_no = o.post_no AND f.position = o.position
JOIN posts p ON p.board = f.board AND p.no = f.post_no
WHERE o.address = %(address)s AND f.removed_at IS NULL AND f.pending_since IS NULL
    AND (f.thumb_extension IS NOT NULL OR NOT o.is_thumbnail)
    AND EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
ORDER BY p.created_at, f.board, f.post_no, f.position LIMIT 1
