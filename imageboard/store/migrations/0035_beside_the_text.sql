-- What a post has beside what its poster typed: dice that were thrown, a country, a thread's tag.

ALTER TABLE posts
    -- Dice as they fell: '2d6+1=3,5 1d20=17'.
    ADD COLUMN dice text CHECK (char_length(dice) <= 1000),
    -- Where it was sent from, as ISO 3166 has it.
    ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$'),
    -- Of an OP: what kind of thread it is.
    ADD COLUMN tag text CHECK (char_length(tag) BETWEEN 1 AND 40);

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
    p.tag
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
