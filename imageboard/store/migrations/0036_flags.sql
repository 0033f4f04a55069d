-- Flags that posters of a board choose from: their pictures. What they are called is a setting of the board.
CREATE TABLE board_flags (
    board text NOT NULL REFERENCES boards,
    name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    -- A PNG.
    picture bytea NOT NULL CHECK (octet_length(picture) <= 16384),
    PRIMARY KEY (board, name)
);

ALTER TABLE posts
    -- The flag that its poster chose, and what it was called then.
    ADD COLUMN flag text CHECK (flag ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    ADD COLUMN flag_name text CHECK (char_length(flag_name) BETWEEN 1 AND 60);

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
        WHERE q.board = p.board AND q.no = p.no AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = t.board AND h.no = t.thread_no OFFSET 0)) AS target) AS quotes,
    (SELECT json_agg(source ORDER BY source.no) FROM (
        SELECT s.no, s.thread_no AS thread
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = s.board AND h.no = s.thread_no OFFSET 0)
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
            f.pending_since IS NOT NULL AS is_pending,
            f.duration_ms,
            f.has_sound,
            f.codecs
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files,
    p.dice,
    p.country,
    p.tag,
    p.flag,
    p.flag_name
FROM posts p;

CREATE OR REPLACE VIEW shown_posts AS
SELECT e.* FROM every_post e WHERE EXISTS (SELECT FROM shown_threads t
    WHERE t.board = e.board AND t.no = e.thread OFFSET 0);

CREATE OR REPLACE FUNCTION page_weight(p_post posts, p_file_names text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_typed text := coalesce(p_post.name, '') || coalesce(p_post.email, '')
        || coalesce(p_post.subject, '') || p_post.body;
    v_chars integer := length(v_typed);
BEGIN
    RETURN 800
        -- Marks beside the text: each with an element of its own.
        + coalesce(6 * octet_length(p_post.dice) + 60, 0)
        + CASE WHEN p_post.country IS NULL THEN 0 ELSE 160 END
        + coalesce(8 * octet_length(p_post.tag) + 60, 0)
        + coalesce(12 * octet_length(p_post.flag_name) + 260, 0)
        -- Each file has its name in four places.
        + 700 * cardinality(p_file_names) + 20 * octet_length(array_to_string(p_file_names, ''))
        -- A link has its address twice.
        + octet_length(v_typed) * CASE WHEN position('://' IN v_typed) > 0 THEN 2 ELSE 1 END
        + 8 * (v_chars - length(translate(v_typed, '&"', '')))
        + 2 * (v_chars - length(translate(v_typed, '_~', '')))
        + 10 * (v_chars - length(translate(v_typed, E'*=[|`\n''', '')))
        -- It may begin a line of its own colour.
        + 34 * (v_chars - length(translate(v_typed, '<', '')))
        -- Each line of a spoiler is one.
        + CASE WHEN v_typed ~* '\[spoiler]|\|\|'
            THEN 29 * (v_chars - length(translate(v_typed, E'\n', ''))) ELSE 0 END
        + 40 * (v_chars - length(translate(v_typed, ':', '')))
        -- Two of them quote, which also shows below the quoted post.
        + 53 * (v_chars - length(translate(v_typed, '>', '')));
END $$;
