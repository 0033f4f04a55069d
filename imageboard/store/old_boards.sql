-- put --
-- Where a board came from, and the secrets of its engine.
INSERT INTO old_boards (board, engine, secrets_sealed, poster_id_chars)
VALUES (%(board)s, %(engine)s, %(secrets_sealed)s, %(poster_id_chars)s)
ON CONFLICT (board) DO UPDATE SET engine = excluded.engine, secrets_sealed = excluded.secrets_sealed,
    poster_id_chars = excluded.poster_id_chars

-- all --
-- All boards that came from another engine.
SELECT board, engine, secrets_sealed, poster_id_chars FROM old_boards
