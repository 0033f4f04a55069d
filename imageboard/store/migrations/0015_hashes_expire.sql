-- Hashes of addresses expire too.

ALTER TABLE posts
    ALTER COLUMN address_hash DROP NOT NULL,
    -- What is left of a hash that expired: see poster_tag(). NULL: the hash is there.
    ADD COLUMN poster_tag integer;
ALTER TABLE reports ALTER COLUMN address_hash DROP NOT NULL;

-- The hashes that are due to expire. Of a large table it is made before, CONCURRENTLY.
CREATE INDEX IF NOT EXISTS posts_with_hash ON posts (created_at) WHERE address_hash IS NOT NULL;

-- By this two posts of one thread are told to be of one poster, also when the hash is gone: a poster's ID as
-- a number, of 32 bits. In another thread the same address has another.
CREATE FUNCTION poster_tag(p_address_hash bytea, p_board text, p_thread bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || poster_id(p_address_hash, p_board, p_thread))::bit(32)::integer
$$;

CREATE OR REPLACE VIEW every_post AS
SELECT p.board, p.no, p.thread_no AS thread,
    floor(extract(epoch FROM p.created_at))::bigint AS created_s,
    p.name,
    p.tripcode,
    p.capcode,
    p.email,
    p.subject,
    p.body,
    p.poster_id,
    p.changed_no,
    int4send(coalesce(p.poster_tag, poster_tag(p.address_hash, p.board, p.thread_no))) AS poster,
    (SELECT json_agg(target ORDER BY target.board, target.no) FROM (
        SELECT t.board, t.no, t.thread_no AS thread
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no AND EXISTS (SELECT FROM threads
            WHERE threads.board = t.board AND threads.no = t.thread_no OFFSET 0)) AS target) AS quotes,
    (SELECT json_agg(source ORDER BY source.no) FROM (
        SELECT s.no, s.thread_no AS thread
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board AND EXISTS (SELECT FROM threads
            WHERE threads.board = s.board AND threads.no = s.thread_no OFFSET 0)
        ORDER BY s.no LIMIT 100) AS source) AS backlinks,
    (SELECT json_agg(file) FROM (
        SELECT f.tim,
            f.extension,
            f.thumb_extension,
            f.original_name,
            f.bytes,
            f.width,
            f.height,
            f.thumb_width,
            f.thumb_height,
            encode(f.md5, 'base64') AS md5,
            f.is_spoiler,
            f.removed_at IS NOT NULL AS is_removed,
            f.removed_because,
            f.pending_since IS NOT NULL AS is_pending
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files
FROM posts p;
